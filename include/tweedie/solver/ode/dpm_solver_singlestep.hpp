// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "tweedie/grid/outer_grid.hpp"
#include "tweedie/solver/kit/exponential_runge_kutta.hpp"

namespace tweedie {

/// DPM-Solver and DPM-Solver++ with an order for each step: dpm-solver's "singlestep",
/// "singlestep_fixed" and "fast". On a grid uniform in lambda the inner nodes divide a step equally
/// in lambda; with `inner_grid` they are those of a finer grid, of which the run's is
/// outer_grid(inner_grid, orders). diffusers' singlestep weighs the second node by the midpoint
/// rule.
///
///     const auto orders = singlestep_orders(20);
///     make_plan(process, DPMSolverSinglestep{orders}, log_snr(process, std::ssize(orders)));
template <Prediction on>
struct BasicDPMSolverSinglestep {
  static_assert(is_exponential<on>, "an exponential method is on epsilon or on data");

  std::vector<int> orders;
  std::optional<Grid> inner_grid = {};
  DifferenceWeight difference_weight = DifferenceWeight::midpoint, inner = DifferenceWeight::taylor;

  Facts facts() const {
    // A step of order p among the last two adds one local error, of order p + 1.
    const int size = static_cast<int>(orders.size());
    int order = 3, most = 0, sum = 0;
    for (int k = 0; k < size; ++k) {
      const int of_step = math::element(orders, k);
      order = std::min(order, k > 0 && k >= size - 2 ? of_step + 1 : of_step);
      most = std::max(most, of_step), sum += of_step;
    }
    return {.name = sentence({family, " singlestep-", most}),
            .order = order,
            .evaluations = most,
            .extra_evaluations = sum - size * most,
            .starts_from_noise = on == Prediction::data};
  }
  void validate(const OptionCheck& require) const {
    for (int order : orders)
      require(order >= 1 && order <= 3, "the order ", order, " of a step must be 1, 2 or 3");
  }

  template <class X>
  X step(auto& c, const Interval& s, const X& x) const {
    if (static_cast<int>(orders.size()) != s.count)  // facts() sums over all of them
      check(false, facts().name, ": ", orders.size(), " orders are given, the run has ", s.count,
            " steps; make the grid with as many steps as there are orders");
    const int order = math::element(orders, s.index), first = inner_grid ? start_of(s, order) : 0;
    std::vector<Level> nodes;
    for (int k = 1; k < order; ++k)
      nodes.push_back(inner_grid ? (*inner_grid)[first + k]
                                 : verbs::level_between(c, s, double(k) / order));
    return verbs::exponential_runge_kutta<on>(c, s, x, nodes, difference_weight, inner);
  }

 private:
  static constexpr const char* family = on == Prediction::data ? "DPM-Solver++" : "DPM-Solver";

  /// The point of inner_grid at which a step starts.
  int start_of(const Interval& s, int order) const {
    const std::vector<Level>& all = inner_grid->levels();
    const bool falls = inner_grid->direction() == Grid::Direction::falling;
    const auto from = std::partition_point(all.begin(), all.end(), [&](const Level& l) {
      return falls ? l.sigma() > s.from.sigma() : l.sigma() < s.from.sigma();
    });
    const int first = static_cast<int>(from - all.begin()), last = first + order;
    check(last <= inner_grid->steps() && (*inner_grid)[first] == s.from &&
              (*inner_grid)[last] == s.to,
          family, " singlestep: step ", s.index,
          " does not lie on inner_grid; the run's grid must be outer_grid(inner_grid, orders)");
    return first;
  }
};

using DPMSolverSinglestep = BasicDPMSolverSinglestep<Prediction::epsilon>;
using DPMSolverPPSinglestep = BasicDPMSolverSinglestep<Prediction::data>;

}  // namespace tweedie
