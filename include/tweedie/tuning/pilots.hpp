// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "tweedie/plan/make_plan.hpp"
#include "tweedie/run/steps.hpp"
#include "tweedie/solver/ode/adams_bashforth.hpp"
#include "tweedie/tuning/focus_of.hpp"

namespace tweedie {

/// Runs of a network at the levels of a grid, made with many steps between: what a plan of few steps
/// should reproduce. One matrix a level, in double.
using Pilots = std::vector<Samples<double>>;

struct FineRun {
  int steps = 120;       ///< about so many in all
  Focus focus = {1, 3};  ///< where most of them are: broad, so that it matters little
  /// Where a last step to clean data begins. 0 is a thousandth of the focus.
  double sigma_min = 0;
};

namespace verbs {

/// The grid with steps between its levels, as the focused grid of that many would have them.
inline Grid refined(const AnyProcess& process, const Grid& grid, const FineRun& fine = {}) {
  check(fine.steps >= 1 && fine.sigma_min >= 0 && fine.focus.centre > 0 && fine.focus.width > 0 &&
            std::isfinite(fine.sigma_min + fine.focus.centre + fine.focus.width),
        "refined: steps = ", fine.steps, " must be at least 1, sigma_min = ", fine.sigma_min,
        " at least 0, focus.centre = ", fine.focus.centre, " and focus.width = ", fine.focus.width,
        " positive");
  std::vector<Level> wanted(grid.levels().begin(), grid.levels().end());
  if (grid.back().is_clean_data()) {
    const double end = fine.sigma_min > 0 ? fine.sigma_min : fine.focus.centre / 1000;
    if (end < grid[grid.steps() - 1].sigma())
      wanted.insert(wanted.end() - 1, process.at_sigma(end));
  }
  const auto place = [&](const Level& l) { return place_at(l.sigma(), fine.focus); };
  const auto first = place(wanted.front()),
             last = place(wanted[wanted.size() - (grid.back().is_clean_data() ? 2 : 1)]);
  std::vector<Level> levels;
  for (std::size_t k = 0; k + 1 < wanted.size(); ++k) {
    levels.push_back(wanted[k]);
    if (wanted[k + 1].is_clean_data()) continue;
    const double from = place(wanted[k]), to = place(wanted[k + 1]);
    const double parts = std::ceil((to - from) / (last - first) * fine.steps);
    for (double part = 1; part < parts; ++part) {
      const double sigma = sigma_at(from + (to - from) * part / parts, fine.focus);
      // Above a thousand times the data's size all levels are alike.
      if (wanted[k].is_pure_noise() && sigma > 1000 * fine.focus.centre) continue;
      levels.push_back(process.at_sigma(sigma));
    }
  }
  levels.push_back(wanted.back());
  return Grid(std::move(levels), grid.direction());
}

/// The states that the network makes of these starts (dim x count) at the grid's levels, by residual
/// Adams-Bashforth of order 4 through many steps. On mixtures of Gaussians 120 steps err by 1e-6 to
/// 1e-4 of the data's deviation, if that is within a hundred times of the focus.
template <class M>
Pilots fine_run(const AnyProcess& process, const M& model, const Grid& grid,
                const Samples<double>& start, const Noise& noise, const FineRun& fine = {}) {
  const REAB solver{.order = 4, .data = {.deviation = fine.focus.centre}};
  const Plan plan = make_plan(process, solver, refined(process, grid, fine));
  Samples<double> x = start;
  Pilots states{x};
  Sampler sampler(plan, model, x);
  for (auto step : sampler.steps(x, noise))
    if (step.to == grid[static_cast<int>(states.size())]) states.emplace_back(step.x);
  return states;
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
