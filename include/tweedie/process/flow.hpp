// SPDX-License-Identifier: MIT
#pragma once

#include "tweedie/process/process.hpp"

namespace tweedie {

/// x = (1 - t) x0 + t eps: rectified flow and conditional optimal transport.
/// Lipman et al. 2022, arXiv:2210.02747; Liu et al. 2022, arXiv:2209.03003. At t = 1 the scale is
/// 0: epsilon and score models say nothing of the data there, velocity and data models do.
struct Flow {
  double t_min = 0, t_max = 1;

  Level at(double t) const {
    return {
        .t = t, .scale = 1 - t, .std = t, .scale_rate = -1, .std_rate = 1, .g2 = 2 * t / (1 - t)};
  }
  double time_of_sigma(double sigma) const {
    return 1 / (1 + 1 / sigma);  // sigma / (1 + sigma) is inf / inf at the noisy end
  }
};

static_assert(Process<Flow>);

}  // namespace tweedie
