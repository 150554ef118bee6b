// SPDX-License-Identifier: MIT
#include <tweedie/process/process.hpp>

struct Mine {
  double t_min = 0, t_max = 1;
  tweedie::Level at(double t) const { return {t, 1, t, 0, 1, 2 * t}; }
};

tweedie::AnyProcess process = Mine{};
