// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "tweedie/process/linear_beta.hpp"
#include "tweedie/process/process.hpp"

namespace tweedie {

/// Sub-variance preserving: VP's drift with g^2 = beta (1 - exp(-2 B)), hence std = 1 - exp(-B),
/// not its square root. Song et al. 2020, arXiv:2011.13456, appendix B.
struct SubVP {
  double beta_min = 0.1, beta_max = 20, t_min = 1e-3, t_max = 1;

  Level at(double t) const {
    check(t >= 0, "SubVP: t = ", t, " must be at least 0");
    const double beta = clock().beta(t), B = clock().integral(t), scale = std::exp(-B / 2);
    return {.t = t,
            .scale = scale,
            .std = -std::expm1(-B),
            .scale_rate = -beta / 2 * scale,
            .std_rate = beta * scale * scale,
            .g2 = -beta * std::expm1(-2 * B)};
  }
  double time_of_sigma(double sigma) const {
    return clock().time_of_integral(2 * std::asinh(sigma / 2));  // sigma = 2 sinh(B/2)
  }

 private:
  LinearBeta clock() const { return {beta_min, beta_max}; }
};

static_assert(Process<SubVP>);

}  // namespace tweedie
