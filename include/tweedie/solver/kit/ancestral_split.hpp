// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>

#include "tweedie/grid/interval.hpp"
#include "tweedie/process/transition.hpp"

namespace tweedie {

/// How k-diffusion's ancestral steps from sigma_t to sigma_u are divided: down to sigma_down, and
/// fresh noise of size sigma_up; DDIM's eta.
struct AncestralSplit {
  double down, up;

  AncestralSplit(const Level& t, const Level& u, double eta) {
    const double sigma = u.sigma(), h = u.lambda() - t.lambda();
    up = eta == 0 || sigma == 0 ? 0 : sigma * std::min(1.0, eta * std::sqrt(-std::expm1(-2 * h)));
    down = std::sqrt((sigma - up) * (sigma + up));
  }
};

namespace verbs {

/// The transition that a step from noise to data reverses.
inline Transition transition_of(const Interval& s) {
  return transition(s.to, s.from);
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
