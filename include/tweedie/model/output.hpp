// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tweedie/model/prediction.hpp"

namespace tweedie {

/// What a later step remembers as the data of an evaluation of two outputs: its data, or those that
/// belong to its epsilon, (x - std epsilon) / scale, as in CFG++'s DPM-Solver++(2M).
enum class Remembered { data, of_epsilon };

/// What a network's output is: one of the predictions, or a row of its own over (data, epsilon) at
/// each level, as a preconditioned network has. Solvers read what they need through it, so that it
/// goes into a plan's coefficients. Or it is two: data and an epsilon that does not belong to them.
class Output {
 public:
  Output(Prediction prediction) : name_(name_of(prediction)), prediction_(prediction) {}
  Output(std::string name, std::function<PredictionRow(const Level&)> row)
      : name_(std::move(name)), row_(std::move(row)) {}
  /// Of a model that is called as model(x, call, data, epsilon) too: the data that an evaluation
  /// stands for, which model(x, call, out) gives alone, and the epsilon that goes with the step.
  static Output data_and_epsilon(Remembered remembered = Remembered::data) {
    Output both(Prediction::data);
    both.name_ = "two outputs";
    both.remembered_ = remembered;
    return both;
  }

  const std::string& name() const { return name_; }
  bool gives_both() const { return remembered_.has_value(); }
  /// Of a model of two outputs.
  Remembered remembered() const { return *remembered_; }
  /// The prediction that it is, if it is one.
  const std::optional<Prediction>& prediction() const { return prediction_; }
  PredictionRow row(const Level& level) const {
    return prediction_ ? row_of(*prediction_, level) : row_(level);
  }
  bool operator==(Prediction other) const { return prediction_ == other; }

 private:
  std::string name_;
  std::optional<Prediction> prediction_;
  std::optional<Remembered> remembered_;
  std::function<PredictionRow(const Level&)> row_;
};

namespace verbs {

/// How to get `wanted` from the state and a network's output. Of two outputs the one is the data,
/// and says nothing of the rest.
inline Conversion conversion(const PredictionRow& wanted, const Output& given, const Level& level) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  const PredictionRow row = given.row(level);
  if (wanted == row) return {0, 1};
  if (given.gives_both()) return {none, none};
  return conversion(wanted, row, level);
}
inline Conversion conversion(Prediction wanted, const Output& given, const Level& level) {
  return given == wanted ? Conversion{0, 1} : conversion(row_of(wanted, level), given, level);
}

/// Throws Error for a model of two outputs where only one that belongs to x makes sense.
inline void check_one_output(std::string_view wanted, const Output& given) {
  check(!given.gives_both(), wanted,
        " is asked for of a model of two outputs, data and an epsilon that does not belong to them "
        "(clipped with the network's epsilon, CFG++); such a model is for a Sampler, sample and "
        "their like; here take one of one output");
}
/// A conversion that can be had. Throws Error elsewhere; `name` is that of what is wanted.
inline Conversion checked(const Conversion& c, std::string_view name, const Output& given,
                          const Level& level) {
  check(!(given == Prediction::v) ||
            std::abs(level.scale * level.scale + level.std * level.std - 1) < 1e-3,
        "v is the prediction of networks for variance-preserving processes; what a flow's network "
        "predicts is predicts_velocity, and EDM's is predicts_data");
  if (!c.finite()) check_one_output(name, given);
  check(c.finite(), name, " cannot be had from a model that predicts ", given.name(),
        " at t = ", level.t, " (scale ", level.scale, ", std ", level.std, "); ",
        level.std == 0 ? "let the grid's clean end lie a little above, with {.to_zero = false}"
                       : "begin a little below, with {.t_max = 0.99} or {.sigma_max = 100}");
  return c;
}
inline Conversion checked_conversion(Prediction wanted, const Output& given, const Level& level) {
  return checked(conversion(wanted, given, level), name_of(wanted), given, level);
}
inline Conversion checked_conversion(const Output& wanted, const Output& given,
                                     const Level& level) {
  return checked(conversion(wanted.row(level), given, level), wanted.name(), given, level);
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
