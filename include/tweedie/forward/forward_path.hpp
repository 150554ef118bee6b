// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <vector>

#include "tweedie/error.hpp"
#include "tweedie/forward/diffuse.hpp"
#include "tweedie/grid/grid.hpp"
#include "tweedie/noise/noise.hpp"
#include "tweedie/process/transition.hpp"

namespace tweedie::verbs {

/// A path of the forward process through the grid's levels, exact in law at all of them together:
/// one state a level, in the grid's order. The transition from one to a higher one adds what is
/// missing, x_u = (scale_u / scale_t) x_t + noise. Draw k of a stream of the noise's own goes into
/// the k-th level from the data.
template <class X>
std::vector<PlainOf<X>> forward_path(const Grid& grid, const X& data, const Noise& noise = {}) {
  static_assert(verbs::require_state<X>());
  using T = typename X::Scalar;
  const int points = grid.steps() + 1;
  const bool falls = grid.direction() == Grid::Direction::falling;
  std::vector<PlainOf<X>> path(static_cast<std::size_t>(points), PlainOf<X>(data));
  const auto own = noise.stream("forward path");
  PlainOf<X> z = data, x = data;
  Level t{.scale = 1, .std = 0};
  for (int k = 0; k < points; ++k) {
    const int point = falls ? points - 1 - k : k;
    const Level& u = grid[point];
    const Transition up = transition(t, u);
    own.fill(k, z);
    x *= static_cast<T>(up.ratio);
    x += static_cast<T>(std::sqrt(up.variance)) * z;
    path[static_cast<std::size_t>(point)] = x;
    t = u;
  }
  return path;
}

}  // namespace tweedie::verbs

namespace tweedie {
using namespace verbs;
}
