// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <vector>

#include "tweedie/grid/spacing.hpp"
#include "tweedie/solver/solver.hpp"

namespace tweedie {

/// A stretch of noise levels to be run through again: `times` times up from sigma_min to sigma_max
/// and down again in `steps` steps.
struct Repeat {
  double sigma_min, sigma_max;
  int steps = 1, times = 1;
};

/// Restart sampling, Xu et al. 2023, arXiv:2306.14878, algorithm 1, for any solver: the intervals
/// of the grid, and where its point nearest to a repeat's sigma_min is reached, the repeat's, on a
/// Karras grid. Throws Error if a repeat does not rise or lies beyond the grid.
inline constexpr auto restart = [](const AnyProcess& process, const Grid& grid,
                                   const std::vector<Repeat>& repeats, double s_noise = 1,
                                   double rho = 7) {
  check(grid.direction() == Grid::Direction::falling, "restart: the grid rises");
  check_not_negative("restart", "s_noise", s_noise);
  const auto& levels = grid.levels();
  std::vector<Interval> all;
  for (std::size_t k = 1; k < levels.size(); ++k) {
    all.push_back({levels[k - 1], levels[k]});
    for (const Repeat& repeat : repeats) {
      check(0 < repeat.sigma_min && repeat.sigma_min < repeat.sigma_max,
            "restart: a repeat goes from sigma = ", repeat.sigma_min, " to ", repeat.sigma_max,
            "; it must rise, from above 0");
      check_not_negative("restart", "times", repeat.times);
      std::size_t nearest = 0;
      for (std::size_t j = 1; j < levels.size(); ++j)
        if (std::abs(levels[j].sigma() - repeat.sigma_min) <
            std::abs(levels[nearest].sigma() - repeat.sigma_min))
          nearest = j;
      check(nearest > 0 && levels[nearest].std > 0 && levels[nearest].sigma() < repeat.sigma_max,
            "restart: no inner point of the grid lies near sigma = ", repeat.sigma_min, ", below ",
            repeat.sigma_max);
      if (nearest != k) continue;
      const Grid down =
          karras(process, repeat.steps,
                 {.sigma_max = repeat.sigma_max, .sigma_min = levels[k].sigma()}, rho);
      for (int time = 0; time < repeat.times; ++time) {
        all.push_back({levels[k], down.front(), 0, 1, Interval::Kind::renoise, s_noise});
        for (const Interval& s : intervals(down)) all.push_back(s);
        all.back().u = levels[k];
      }
    }
  }
  return all;
};

}  // namespace tweedie
