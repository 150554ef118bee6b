// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <utility>

#include "tweedie/plan/any_solver.hpp"

namespace tweedie {

/// Whether the levels of a list are the process's own, which is checked, or a peer's that no
/// process has.
enum class Levels { of_process, as_given };

namespace verbs {

/// Throws Error if a level was made for another process.
inline void check_level(const AnyProcess& process, const Level& level, int step) {
  const Level own = process.at(level.t);
  const auto agree = [](double a, double b) { return std::abs(a - b) <= 1e-9 * std::abs(b); };
  check(agree(level.scale, own.scale) && agree(level.std, own.std), "make_plan: step ", step,
        " has sigma = ", level.sigma(), " at t = ", level.t,
        ", but this process has sigma = ", own.sigma(),
        " there; was the grid made for another process?");
}

/// The plan of a solver on a grid or a list of intervals, which were made for this process. Throws
/// Error if a step cannot be made.
inline Plan make_plan(const AnyProcess& process, const AnySolver& solver, Intervals all,
                      Levels levels = Levels::of_process) {
  const Facts& facts = solver.facts();
  if (levels == Levels::of_process)
    for (const Interval& s : all) {
      check_level(process, s.from, s.index);
      check_level(process, s.to, s.index);
    }
  for (const Interval& s : all)
    check(!facts.stochastic() || s.renoises() || s.to.sigma() <= s.from.sigma(),
          "make_plan: ", facts.name, " draws noise, and cannot encode, but interval ", s.index,
          " rises; encode with a deterministic solver, such as ddim");
  for (const Interval& s : all)
    check(
        facts.starts_from_noise || s.renoises() || !s.from.is_pure_noise(),
        "make_plan: ", facts.name,
        " cannot start at sigma = infinity, where x is pure noise (step ", s.index,
        ", t = ", s.from.t,
        "); take a solver that can, such as ddim, dpmpp_2m, unipc or heun_time, or begin a little "
        "below, with {.t_max = 0.99} or {.sigma_max = 100}");
  check(!all.is_cut() || facts.remembers == 0, "make_plan: ", facts.name,
        " remembers evaluations of the steps before, so that its run cannot be continued at step ",
        all.front().index, "; begin with a grid of its own, as grid.last(k)");
  Tracer tracer(facts);
  solver.trace(tracer, process, all);
  return std::move(tracer).finish(std::move(all));
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
