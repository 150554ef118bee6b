// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <vector>

#include "tweedie/adaptive/step_control.hpp"
#include "tweedie/grid/spacing.hpp"
#include "tweedie/noise/noise.hpp"

namespace tweedie {

/// Over what the error of a step is averaged, as root mean squares of error / (atol + rtol |x|).
enum class ErrorNorm {
  batch,         ///< all numbers of the batch: scipy, score_sde, k-diffusion
  worst_sample,  ///< each sample; the largest counts: dpm-solver
};

struct AdaptiveOptions {
  double rtol = 1e-5, atol = 1e-5;
  ErrorNorm norm = ErrorNorm::batch;
  StepControl control = {};
  NoiseRange range = {};  ///< with to_zero a last step takes the predicted data
  double first_step = 0;  ///< in the method's clock; 0: chosen
  int max_evaluations = 100'000;
  /// Column 0 is its first_sample, for models that ask; a stochastic method takes its path from it.
  Noise noise = {};

  void validate() const {
    check(rtol >= 0 && atol >= 0 && rtol + atol > 0 && std::isfinite(rtol + atol),
          "adaptive: rtol = ", rtol, " and atol = ", atol,
          " must be at least 0 and finite, and not both 0");
    check(first_step >= 0 && std::isfinite(first_step), "adaptive: first_step = ", first_step,
          " must be at least 0 and finite");
    check(max_evaluations >= 1, "adaptive: max_evaluations = ", max_evaluations,
          " must be at least 1");
  }
};

/// What an adaptive run did.
struct AdaptiveRun {
  /// done: it reached the end. evaluations: max_evaluations were made; the state is that of the last
  /// level. left: the loop over its steps was left.
  enum class Stop { done, evaluations, left };

  int evaluations = 0, accepted = 0, rejected = 0;
  std::vector<Level> levels;  ///< that it visited, the first and the last among them
  Stop stop = Stop::left;

  /// The levels as a grid, on which a fixed run makes the same steps.
  Grid grid() const {
    check(levels.size() >= 2, "adaptive: no step was accepted, so there is no grid");
    const bool falls = levels.front().sigma() > levels.back().sigma();
    return Grid(levels, falls ? Grid::Direction::falling : Grid::Direction::rising);
  }
};

}  // namespace tweedie
