// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <numbers>

#include "tweedie/process/process.hpp"

namespace tweedie {

/// The cosine schedule, variance preserving and normalised to scale(0) = 1:
/// scale = cos(theta) / cos(theta_0), theta = (t + c) / (1 + c) pi/2, theta_0 = theta(t = 0).
/// Nichol & Dhariwal 2021, arXiv:2102.09672; t_max = 0.9946 as in DPM-Solver, since g^2 is infinite
/// at t = 1. Written with the difference theta - theta_0 = k t, which does not cancel near t = 0.
struct Cosine {
  double offset = 0.008, t_min = 1e-3, t_max = 0.9946;

  Level at(double t) const {
    check(t >= 0 && t <= 1, "Cosine: t = ", t, " must lie in [0, 1]");
    const double k = rate(), theta_0 = k * offset, theta = theta_0 + k * t;
    const double scale = std::cos(theta) / std::cos(theta_0);
    const double std = std::sqrt(std::sin(k * t) * std::sin(theta + theta_0)) / std::cos(theta_0);
    const double beta = 2 * k * std::tan(theta);
    return {.t = t,
            .scale = scale,
            .std = std,
            .scale_rate = -beta / 2 * scale,
            .std_rate = beta / 2 * scale * scale / std,
            .g2 = beta};
  }
  double time_of_sigma(double sigma) const {
    const double tan_0 = std::tan(rate() * offset);
    if (std::isinf(sigma)) return 1;
    const double rise = sigma * sigma * (1 + tan_0 * tan_0);  // tan^2 theta - tan^2 theta_0
    const double tan_theta = std::sqrt(tan_0 * tan_0 + rise);
    return std::atan2(rise / (tan_theta + tan_0), 1 + tan_theta * tan_0) / rate();
  }

 private:
  double rate() const { return std::numbers::pi / 2 / (1 + offset); }
};

static_assert(Process<Cosine>);

}  // namespace tweedie
