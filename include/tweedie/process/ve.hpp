// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "tweedie/process/process.hpp"

namespace tweedie {

/// Variance exploding: sigma grows geometrically, dx = sigma sqrt(2 ln(sigma_max/sigma_min)) dw.
/// Song et al. 2020, arXiv:2011.13456, appendix B. As in their code the data carry noise sigma_min
/// at t = 0; sigma = 0 lies at t = -inf, which methods in sigma and lambda reach and methods in t
/// do not.
struct VE {
  double sigma_min = 0.01, sigma_max = 50, t_min = 0, t_max = 1;

  Level at(double t) const {
    const double growth = std::log(sigma_max) - std::log(sigma_min);
    const double sigma = sigma_min * std::exp(growth * t);
    return {.t = t,
            .scale = 1,
            .std = sigma,
            .std_rate = growth * sigma,
            .g2 = 2 * growth * sigma * sigma};
  }
  double time_of_sigma(double sigma) const {
    return (std::log(sigma) - std::log(sigma_min)) / (std::log(sigma_max) - std::log(sigma_min));
  }
};

static_assert(Process<VE>);

}  // namespace tweedie
