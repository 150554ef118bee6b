// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

namespace tweedie {

/// beta(t) = beta_min + (beta_max - beta_min) t and its integral B(t): the clock of VP and SubVP.
struct LinearBeta {
  double beta_min, beta_max;

  double beta(double t) const { return beta_min + (beta_max - beta_min) * t; }
  double integral(double t) const { return t * (beta_min + (beta_max - beta_min) * t / 2); }

  /// The t with integral(t) = B, in the form that does not cancel near t = 0.
  double time_of_integral(double B) const {
    if (B == 0 || std::isinf(B)) return B;
    return 2 * B / (beta_min + std::sqrt(beta_min * beta_min + 2 * (beta_max - beta_min) * B));
  }
};

}  // namespace tweedie
