// SPDX-License-Identifier: MIT
#include <tweedie/process/process.hpp>

struct Mine {
  tweedie::Level at(double t) const { return {.t = t, .std = t, .std_rate = 1, .g2 = 2 * t}; }
  double time_of_sigma(double sigma) const { return sigma; }
};

tweedie::AnyProcess process = Mine{};
