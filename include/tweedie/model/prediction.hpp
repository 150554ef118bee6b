// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <optional>
#include <string_view>

#include "tweedie/error.hpp"
#include "tweedie/process/level.hpp"

namespace tweedie {

/// What a network predicts. With x = scale data + std epsilon each is a row over (data, epsilon):
///
/// | prediction | value                               | elsewhere                             |
/// |------------|-------------------------------------|---------------------------------------|
/// | epsilon    | epsilon                             | noise prediction, DDPM                |
/// | data       | data = E[x0 | x]                    | x0 prediction, denoiser, Tweedie      |
/// | score      | -epsilon / std = grad log p_t(x)    | score_sde                             |
/// | v          | scale epsilon - std data            | Salimans & Ho 2022, arXiv:2202.00512  |
/// | velocity   | scale_rate data + std_rate epsilon  | dx/dt of the probability-flow ODE;    |
/// |            |                                     | flow matching's u for Flow            |
enum class Prediction { epsilon, data, score, v, velocity };

/// divisor * prediction = data * D + epsilon * eps. The divisor is 1 but for the score, whose
/// row over (data, epsilon) would be infinite at std = 0.
struct PredictionRow {
  double data, epsilon, divisor = 1;
  friend bool operator==(const PredictionRow&, const PredictionRow&) = default;
};

/// wanted = x * state + output * (what the model predicted).
struct Conversion {
  double state, output;
  bool finite() const { return std::isfinite(state) && std::isfinite(output); }
};

namespace verbs {

/// "epsilon", "data", "score", "v" or "velocity"; empty for what is none of them.
constexpr std::string_view name_of(Prediction prediction) {
  switch (prediction) {
    case Prediction::epsilon: return "epsilon";
    case Prediction::data: return "data";
    case Prediction::score: return "score";
    case Prediction::v: return "v";
    case Prediction::velocity: return "velocity";
    default: return "";
  }
}

/// The prediction of that name; nothing if none has it.
constexpr std::optional<Prediction> prediction_named(std::string_view name) {
  for (const Prediction one : {Prediction::epsilon, Prediction::data, Prediction::score,
                               Prediction::v, Prediction::velocity})
    if (name == name_of(one)) return one;
  return std::nullopt;
}

constexpr PredictionRow row_of(Prediction prediction, const Level& level) {
  switch (prediction) {
    case Prediction::epsilon: return {0, 1};
    case Prediction::data: return {1, 0};
    case Prediction::score: return {0, 1, -level.std};
    case Prediction::v: return {-level.std, level.scale};
    default: return {level.scale_rate, level.std_rate};
  }
}

/// The 2x2 solve for (data, epsilon) from x = scale data + std epsilon and the row of what is given,
/// then the wanted row of it. Where that is singular the result is not finite, and means "cannot be
/// had here": data from an epsilon model at scale 0, epsilon from a data model at std 0.
constexpr Conversion conversion(const PredictionRow& wanted, const PredictionRow& given,
                                const Level& level) {
  const PredictionRow &w = wanted, &g = given;
  const double determinant = (level.scale * g.epsilon - level.std * g.data) * w.divisor;
  return {(w.data * g.epsilon - w.epsilon * g.data) / determinant,
          (level.scale * w.epsilon - level.std * w.data) * g.divisor / determinant};
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
