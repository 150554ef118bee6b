// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tweedie {

/// What a step depends on: the sigmas of its levels alone, so that x / scale comes out the same on
/// every process, or their times as well.
enum class Clock { sigma, time };

/// What a step to sigma = 0 returns: the model's data at the state before it; the data at a state
/// that the method predicted; or what the method's own formula gives.
enum class AtZero { data, predicted_data, own };

namespace verbs {

/// "sigma" or "time".
constexpr std::string_view name_of(Clock clock) {
  return clock == Clock::sigma ? "sigma" : "time";
}
/// The clock of that name; nothing if none has it.
constexpr std::optional<Clock> clock_named(std::string_view name) {
  for (const Clock one : {Clock::sigma, Clock::time})
    if (name == name_of(one)) return one;
  return std::nullopt;
}

/// "data", "predicted_data" or "own".
constexpr std::string_view name_of(AtZero rule) {
  switch (rule) {
    case AtZero::data: return "data";
    case AtZero::predicted_data: return "predicted_data";
    default: return "own";
  }
}
/// The rule of that name; nothing if none has it.
constexpr std::optional<AtZero> at_zero_named(std::string_view name) {
  for (const AtZero one : {AtZero::data, AtZero::predicted_data, AtZero::own})
    if (name == name_of(one)) return one;
  return std::nullopt;
}

}  // namespace verbs
using namespace verbs;

/// What a solver declares of itself; it may depend on the solver's options. Tests measure all of
/// it.
struct Facts {
  std::string name;     ///< as in the literature, with the options that matter
  int order = 1;        ///< global order in the step, warm-started; weak order if stochastic;
                        ///< 0: a bias stays, however small the steps
  int evaluations = 1;  ///< of the model per step (NFE)
  int evaluations_to_zero = 1;  ///< of a step to sigma = 0
  int extra_evaluations = 0;    ///< of a run beyond that, as its first steps may take
  int draws = 0;                ///< of noise per step, at most; each step numbers as many
  int remembers = 0;            ///< evaluations of earlier steps that a step uses
  double error_order = 0;       ///< the power of the step by which its estimate() shrinks; 0: none
  Clock clock = Clock::sigma;
  AtZero at_zero = AtZero::data;
  bool starts_from_noise = false;  ///< whether it can start at sigma = infinity, as Flow's t = 1

  bool stochastic() const { return draws > 0; }
};

}  // namespace tweedie
