// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <utility>
#include <vector>

#include "tweedie/forward/prior.hpp"
#include "tweedie/plan/make_plan.hpp"
#include "tweedie/run/steps.hpp"
#include "tweedie/solver/ode/dpm_solver_multistep.hpp"

namespace tweedie {

/// Runs of a network at the levels of a grid, made with many steps between: what a plan of few steps
/// should reproduce. One matrix a level, in double.
using Pilots = std::vector<Samples<double>>;

namespace verbs {

/// A finer grid with `parts` steps for each, equidistant in lambda between its levels; a step to
/// clean data or from pure noise stays one.
inline Grid refined(const AnyProcess& process, const Grid& grid, int parts) {
  check(parts >= 1, "refined: ", parts, " parts; at least 1 is possible");
  std::vector<Level> levels;
  for (int k = 0; k < grid.steps(); ++k) {
    levels.push_back(grid[k]);
    const double from = grid[k].lambda(), to = grid[k + 1].lambda();
    for (int part = 1; part < parts && std::isfinite(from) && std::isfinite(to); ++part)
      levels.push_back(process.at_sigma(std::exp(-(from + (to - from) * part / parts))));
  }
  levels.push_back(grid.back());
  return Grid(std::move(levels), grid.direction());
}

/// The states of `count` starts of the noise at the grid's levels, by DPM-Solver++(3M) with `parts`
/// steps for each. At clean data it takes the data at the last level above, as solvers do, but after
/// three decades more of small steps.
template <class M>
Pilots fine_run(const AnyProcess& process, const M& model, const Grid& grid, Eigen::Index dim,
                Eigen::Index count, const Noise& noise, int parts) {
  Grid fine = refined(process, grid, parts);
  if (grid.back().is_clean_data()) {  // on to a thousandth of the last sigma
    std::vector<Level> levels(fine.levels().begin(), fine.levels().end() - 1);
    const double last = levels.back().sigma();
    for (int k = 1; k <= 3 * parts; ++k)
      levels.push_back(process.at_sigma(last * std::pow(10., -double(k) / parts)));
    levels.push_back(grid.back());
    fine = Grid(std::move(levels));
  }
  const Plan plan = make_plan(process, DPMSolverPP3M{}, fine);
  Samples<double> x(dim, count);
  verbs::prior(plan.from(), x, noise);
  Pilots states{x};
  Sampler sampler(plan, model, x);
  for (auto step : sampler.steps(x, noise))
    if (step.to == grid[static_cast<int>(states.size())]) states.emplace_back(step.x);
  return states;
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
