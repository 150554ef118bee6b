// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "tweedie/error.hpp"
#include "tweedie/solver/dpm_solver.hpp"

namespace tweedie {

/// How `evaluations` are dealt to steps of at most `order`, as published with DPM-Solver, Lu et al.
/// 2022, arXiv:2206.00927, appendix D.3: of order 3 as many as leave a last step, or two, of lower
/// order (DPM-Solver-fast); of order 2 and a last one of order 1 if their number is odd.
inline constexpr auto singlestep_orders = [](int evaluations, int order = 3) {
  check(evaluations >= 1 && order >= 1 && order <= 3, "singlestep_orders: ", evaluations,
        " evaluations of order ", order, "; at least 1, and order 1, 2 or 3");
  const int whole = evaluations / order, rest = evaluations % order;
  std::vector<int> orders(static_cast<std::size_t>(whole), order);
  if (rest > 0) orders.push_back(rest);
  if (order == 3 && rest == 0) orders.back() = 2, orders.push_back(1);
  return orders;
};

/// The grid of every first point of a block, where block k has orders[k] steps of `points`.
inline constexpr auto blocks = [](const Grid& points, const std::vector<int>& orders) {
  std::vector<Level> levels{points.front()};
  std::size_t at = 0;
  for (int order : orders) {
    at += static_cast<std::size_t>(order);
    check(at < points.levels().size(), "blocks: the orders need more than the ", points.steps(),
          " steps of the grid");
    levels.push_back(points[at]);
  }
  return Grid(std::move(levels), points.direction());
};

/// DPM-Solver and DPM-Solver++ with an order for each step: dpm-solver's "singlestep",
/// "singlestep_fixed" and "fast". On a grid uniform in lambda the inner nodes divide a step equally
/// in lambda; with `points` they are those of a finer grid, of which the run's is blocks(points,
/// orders). diffusers' singlestep weighs the second node by the midpoint rule.
///
///     const auto orders = singlestep_orders(20);
///     make_plan(process, DPMSolverSinglestep{orders}, log_snr(process, std::ssize(orders)));
template <Prediction on>
struct SinglestepOn {
  std::vector<int> orders;
  std::optional<Grid> points = {};
  Form form = Form::midpoint, inner = Form::taylor;

  Facts facts() const {
    // One step of order p at the end adds one local error, of order p + 1.
    int order = 3, most = 0, sum = 0;
    const int size = static_cast<int>(orders.size());
    for (int k = 0; k < size; ++k) {
      const int of_step = orders[static_cast<std::size_t>(k)];
      order = std::min(order, k > 0 && k >= size - 2 ? of_step + 1 : of_step);
      most = std::max(most, of_step), sum += of_step;
    }
    return {std::string(on == Prediction::data ? "DPM-Solver++" : "DPM-Solver") + " singlestep-" +
                std::to_string(most),
            order, most, false, sum - size * most};
  }

  template <class X>
  X step(auto& c, const auto& process, const Interval& s, const X& x) const {
    const auto index = static_cast<std::size_t>(s.index);
    check(orders.size() == static_cast<std::size_t>(s.count),
          "DPM-Solver singlestep: ", orders.size(), " orders are given, the run has ", s.count,
          " steps");
    const int order = orders[index];
    check(order >= 1 && order <= 3, "DPM-Solver singlestep: the order ", order, " of step ",
          s.index, " must be 1, 2 or 3");
    std::size_t first = 0;
    for (std::size_t k = 0; k < index; ++k) first += static_cast<std::size_t>(orders[k]);
    if (points) {
      const std::size_t end = first + static_cast<std::size_t>(order);
      check(end < points->levels().size() && (*points)[first] == s.t && (*points)[end] == s.u,
            "DPM-Solver singlestep: step ", s.index,
            " does not lie on `points`; the run's grid must be blocks(points, orders)");
    }
    std::vector<Level> nodes;
    for (int k = 1; k < order; ++k)
      nodes.push_back(points ? (*points)[first + static_cast<std::size_t>(k)]
                             : level_at(process, s, double(k) / order));
    return singlestep<on>(c, s, x, nodes, form, inner);
  }
};

using DPMSolverSinglestep = SinglestepOn<Prediction::epsilon>;
using DPMSolverPPSinglestep = SinglestepOn<Prediction::data>;

}  // namespace tweedie
