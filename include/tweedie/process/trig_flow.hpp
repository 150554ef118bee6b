// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <numbers>

#include "tweedie/process/process.hpp"

namespace tweedie {

/// x = cos(t) x0 + sin(t) eps, for data of unit variance: variance preserving, with t the angle, so
/// that v is the velocity. Lu & Song 2024, arXiv:2410.11081, section 3, where data are divided by
/// their deviation. From t = arctan(80 / 0.5), EDM's largest sigma, by default; t = pi/2 is pure
/// noise.
struct TrigFlow {
  double t_min = 0, t_max = 1.56454;

  Level at(double t) const {
    check(t >= 0 && t <= std::numbers::pi / 2, "TrigFlow: t = ", t, " must lie from 0 to pi / 2");
    // The cosine of the double next to pi/2 is 6e-17, and means 0.
    const double scale = t == std::numbers::pi / 2 ? 0 : std::cos(t), std = std::sin(t);
    return {.t = t,
            .scale = scale,
            .std = std,
            .scale_rate = -std,
            .std_rate = scale,
            .g2 = 2 * std / scale};
  }
  double time_of_sigma(double sigma) const { return std::atan(sigma); }
};

static_assert(Process<TrigFlow>);

}  // namespace tweedie
