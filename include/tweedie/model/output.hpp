// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "tweedie/model/prediction.hpp"

namespace tweedie {

/// What a network's output is: one of the predictions, or a row of its own over (data, epsilon) at
/// each level, as a preconditioned network has. Solvers read what they need through it, so that it
/// goes into a plan's coefficients.
class Output {
 public:
  Output(Prediction prediction) : name_(name_of(prediction)), prediction_(prediction) {}
  Output(std::string name, std::function<PredictionRow(const Level&)> row)
      : name_(std::move(name)), row_(std::move(row)) {}

  const std::string& name() const { return name_; }
  /// The prediction that it is, if it is one.
  const std::optional<Prediction>& prediction() const { return prediction_; }
  PredictionRow row(const Level& level) const {
    return prediction_ ? row_of(*prediction_, level) : row_(level);
  }
  bool operator==(Prediction other) const { return prediction_ == other; }

 private:
  std::string name_;
  std::optional<Prediction> prediction_;
  std::function<PredictionRow(const Level&)> row_;
};

namespace verbs {

/// How to get `wanted` from the state and a network's output.
inline Conversion conversion(Prediction wanted, const Output& given, const Level& level) {
  if (given == wanted) return {0, 1};
  return conversion(row_of(wanted, level), given.row(level), level);
}

/// The same, where it can be had. Throws Error elsewhere.
inline Conversion checked_conversion(Prediction wanted, const Output& given, const Level& level) {
  const Conversion c = conversion(wanted, given, level);
  check(c.finite(), name_of(wanted), " cannot be had from a model that predicts ", given.name(),
        " at t = ", level.t, " (scale ", level.scale, ", std ", level.std, "); ",
        level.std == 0 ? "let the grid's clean end lie a little above, with {.to_zero = false}"
                       : "begin a little below, with {.t_max = 0.99} or {.sigma_max = 100}");
  return c;
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
