// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "tweedie/process/process.hpp"

namespace tweedie {

/// The cosine schedule, variance preserving and normalised to scale(0) = 1:
/// scale = cos(theta) / cos(theta_0), theta = (t + c) / (1 + c) pi/2, theta_0 = theta(t = 0).
/// Nichol & Dhariwal 2021, arXiv:2102.09672; t_max = 0.9946 as in DPM-Solver, since at t = 1 the
/// scale is 0 and g^2 infinite. Written with theta - theta_0 = k t and pi/2 - theta = k (1 - t),
/// which do not cancel near the ends.
struct Cosine {
  double offset = 0.008, t_min = 1e-3, t_max = 0.9946;

  Level at(double t) const {
    check(t >= 0 && t <= 1, "Cosine: t = ", t, " must lie in [0, 1]");
    const double k = rate(), theta_0 = k * offset, theta = theta_0 + k * t;
    const double scale = std::sin(k * (1 - t)) / std::cos(theta_0);
    const double std = std::sqrt(std::sin(k * t) * std::sin(theta + theta_0)) / std::cos(theta_0);
    const double scale_rate = -k * std::sin(theta) / std::cos(theta_0);
    return {.t = t,
            .scale = scale,
            .std = std,
            .scale_rate = scale_rate,
            .std_rate = std > 0 ? -scale * scale_rate / std : start_of_std(),
            .g2 = -2 * scale_rate / scale};
  }
  double time_of_sigma(double sigma) const {
    const double tan_0 = std::tan(rate() * offset);
    if (sigma == 0) return 0;
    if (std::isinf(sigma)) return 1;
    const double rise = sigma * sigma * (1 + tan_0 * tan_0);  // tan^2 theta - tan^2 theta_0
    const double tan_theta = std::sqrt(tan_0 * tan_0 + rise);
    return std::min(std::atan2(rise / (tan_theta + tan_0), 1 + tan_theta * tan_0) / rate(), 1.0);
  }

 private:
  double rate() const { return std::numbers::pi / 2 / (1 + offset); }
  /// d std/dt at t = 0: std is sin(k t) without an offset, and starts as a root with one.
  double start_of_std() const {
    return offset == 0 ? rate() : std::numeric_limits<double>::infinity();
  }
};

static_assert(Process<Cosine>);

}  // namespace tweedie
