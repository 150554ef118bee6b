// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "tweedie/grid/interval.hpp"
#include "tweedie/grid/spacing.hpp"

namespace tweedie {

/// A stretch of noise levels to be run through again: `times` times (K in the paper) up from
/// sigma_min to sigma_max and down again in `steps` steps.
struct RestartInterval {
  double sigma_min, sigma_max;
  int steps = 1, times = 1;
};

namespace verbs {

/// Restart sampling, Xu et al. 2023, arXiv:2306.14878, algorithm 1, for any solver: the intervals
/// of the grid, and where its point nearest to a restart's sigma_min is reached, the restart's, on
/// a Karras grid. Throws Error if a restart does not rise or lies beyond the grid.
inline Intervals restart(const AnyProcess& process, const Grid& grid,
                         const std::vector<RestartInterval>& restarts, double s_noise = 1,
                         double rho = 7) {
  check(grid.direction() == Grid::Direction::falling,
        "restart: the grid rises; it must fall, from noise to data");
  check(s_noise >= 0, "restart: s_noise = ", s_noise, " must be at least 0");
  std::vector<std::vector<RestartInterval>> at_point(grid.levels().size());
  for (const RestartInterval& r : restarts) {
    check(0 < r.sigma_min && r.sigma_min < r.sigma_max,
          "restart: it goes from sigma = ", r.sigma_min, " to ", r.sigma_max,
          "; it must rise, from above 0");
    check(r.times >= 0 && r.times <= 10'000, "restart: times = ", r.times,
          " must lie from 0 to 10000");
    const auto below =
        std::partition_point(grid.levels().begin(), grid.levels().end(),
                             [&](const Level& l) { return l.sigma() > r.sigma_min; });
    int nearest = std::min(static_cast<int>(below - grid.levels().begin()), grid.steps());
    if (nearest > 0 &&
        grid[nearest - 1].sigma() - r.sigma_min <= std::abs(grid[nearest].sigma() - r.sigma_min))
      --nearest;
    check(nearest > 0 && grid[nearest].std > 0 && grid[nearest].sigma() < r.sigma_max,
          "restart: the grid's point nearest to sigma_min = ", r.sigma_min,
          " has sigma = ", grid[nearest].sigma(),
          "; it must be an inner point below sigma_max = ", r.sigma_max);
    math::element(at_point, nearest).push_back(r);
  }

  std::vector<Interval> all;
  for (int k = 1; k <= grid.steps(); ++k) {
    all.push_back({.from = grid[k - 1], .to = grid[k]});
    for (const RestartInterval& r : math::element(at_point, k)) {
      const Grid down =
          karras(process, r.steps,
                 {.sigma_max = r.sigma_max, .sigma_min = grid[k].sigma(), .to_zero = false}, rho);
      for (int time = 0; time < r.times; ++time) {
        all.push_back({.from = grid[k],
                       .to = down.front(),
                       .kind = Interval::Kind::renoise,
                       .s_noise = s_noise});
        for (const Interval& s : Intervals(down)) all.push_back(s);
        all.back().to = grid[k];
      }
    }
  }
  return Intervals(std::move(all)).numbered_from(grid.first_step());
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
