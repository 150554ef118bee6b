// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

#include "tweedie/plan/any_solver.hpp"

namespace tweedie::verbs {

/// The plan of a solver on a list of intervals. Throws Error if a step cannot be made.
inline Plan make_plan(const AnyProcess& process, const AnySolver& solver, Intervals all) {
  const Facts& facts = solver.facts();
  for (const Interval& s : all)
    check(!facts.stochastic() || s.renoises() || s.to.sigma() <= s.from.sigma(),
          "make_plan: ", facts.name, " draws noise, and cannot encode, but interval ", s.index,
          " rises; encode with a deterministic solver, such as ddim");
  check(!all.is_cut() || facts.remembers == 0, "make_plan: ", facts.name,
        " remembers evaluations of the steps before, so that its run cannot be continued at step ",
        all.front().index, "; begin with a grid of its own, as grid.last(k)");
  Tracer tracer(facts);
  solver.trace(tracer, process, all);
  return std::move(tracer).finish(std::move(all));
}

/// The same on a grid, which must have been made for this process.
inline Plan make_plan(const AnyProcess& process, const AnySolver& solver, const Grid& grid) {
  const Level &front = grid.front(), known = process.at(front.t);
  check(front.scale == known.scale && front.std == known.std,
        "make_plan: the grid starts at t = ", front.t, ", sigma = ", front.sigma(),
        ", but this process has sigma = ", known.sigma(),
        " there; was the grid made for another process?");
  return make_plan(process, solver, Intervals(grid));
}

}  // namespace tweedie::verbs

namespace tweedie {
using namespace verbs;
}
