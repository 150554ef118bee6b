// SPDX-License-Identifier: MIT
#pragma once

#include <utility>
#include <vector>

#include "tweedie/grid/grid.hpp"

namespace tweedie::verbs {

/// How `evaluations` are dealt to steps of at most `order`, as published with DPM-Solver, Lu et al.
/// 2022, arXiv:2206.00927, appendix D.3: of order 3 as many as leave a last step, or two, of lower
/// order (DPM-Solver-fast); of order 2 and a last one of order 1 if their number is odd.
inline std::vector<int> singlestep_orders(int evaluations, int order = 3) {
  check(evaluations >= 1 && order >= 1 && order <= 3, "singlestep_orders: ", evaluations,
        " evaluations of order ", order, "; at least 1, and order 1, 2 or 3");
  const int full = evaluations / order, rest = evaluations % order;
  std::vector<int> orders(static_cast<std::size_t>(full), order);
  if (rest > 0) orders.push_back(rest);
  if (order == 3 && rest == 0) orders.back() = 2, orders.push_back(1);
  return orders;
}

/// The grid on which step k covers orders[k] steps of `points`: dpm-solver's timesteps_outer.
inline Grid outer_grid(const Grid& points, const std::vector<int>& orders) {
  std::vector<Level> levels{points.front()};
  int next = 0;
  for (int order : orders) {
    check(order >= 1, "outer_grid: the order ", order, " of a step must be at least 1");
    next += order;
    check(next <= points.steps(), "outer_grid: the orders need more than the ", points.steps(),
          " steps of the grid");
    levels.push_back(points[next]);
  }
  return Grid(std::move(levels), points.direction());
}

}  // namespace tweedie::verbs

namespace tweedie {
using namespace verbs;
}
