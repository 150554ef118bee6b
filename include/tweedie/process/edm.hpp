// SPDX-License-Identifier: MIT
#pragma once

#include "tweedie/process/process.hpp"

namespace tweedie {

/// sigma(t) = t, scale 1: the process of Karras et al. 2022, arXiv:2206.00364, and of k-diffusion.
struct EDM {
  double t_min = 0.002, t_max = 80;

  Level at(double t) const { return {.t = t, .scale = 1, .std = t, .std_rate = 1, .g2 = 2 * t}; }
  double time_of_sigma(double sigma) const { return sigma; }
};

static_assert(Process<EDM>);

}  // namespace tweedie
