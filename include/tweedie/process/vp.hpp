// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "tweedie/process/linear_beta.hpp"
#include "tweedie/process/process.hpp"

namespace tweedie {

/// Variance preserving, the continuous DDPM: dx = -beta/2 x dt + sqrt(beta) dw with linear beta.
/// Song et al. 2020, arXiv:2011.13456, appendix B. Written with B = int beta, so that nothing
/// cancels near t = 0.
struct VP {
  double beta_min = 0.1, beta_max = 20, t_min = 1e-3, t_max = 1;

  /// The VP that runs from sigma_min at t_min to sigma_max at t = 1: Karras et al. 2022,
  /// arXiv:2206.00364, appendix B.6.
  static VP reaching(double sigma_min, double sigma_max, double t_min = 1e-3) {
    const double low = std::log1p(sigma_min * sigma_min), high = std::log1p(sigma_max * sigma_max);
    const double rise = 2 * (low / t_min - high) / (t_min - 1), first = high - rise / 2;
    return {first, first + rise, t_min, 1};
  }

  Level at(double t) const {
    check(t >= 0, "VP: t = ", t, " must be at least 0");
    const double beta = clock().beta(t), B = clock().integral(t);
    const double scale = std::exp(-B / 2), std = std::sqrt(-std::expm1(-B));
    // Without beta_min, std starts as sqrt(beta_max / 2) t.
    const double std_rate =
        t == 0 && beta_min == 0 ? std::sqrt(beta_max / 2) : beta / 2 * scale * scale / std;
    return {.t = t,
            .scale = scale,
            .std = std,
            .scale_rate = -beta / 2 * scale,
            .std_rate = std_rate,
            .g2 = beta};
  }
  double time_of_sigma(double sigma) const {
    const double B = sigma < 1e100 ? std::log1p(sigma * sigma) : 2 * std::log(sigma);
    return clock().time_of_integral(B);
  }

 private:
  LinearBeta clock() const { return {beta_min, beta_max}; }
};

static_assert(Process<VP>);

}  // namespace tweedie
