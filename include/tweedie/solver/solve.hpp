// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "tweedie/process/transition.hpp"
#include "tweedie/solver/solver.hpp"

namespace tweedie::verbs {

/// Puts the solver's value at level l into the history, unless it is there already.
template <class S, class X>
void observe(const S& solver, auto& c, const X& x, const Level& l, History<X>& past) {
  if constexpr (KeepsValues<S>)
    if (past.size() == 0 || past.level(0) != l)
      past.push(c.stored(solver.value(c, x, l)), l, solver.points());
}

/// One step of any solver, with or without a history.
template <class S, class X>
X step_of(const S& solver, auto& c, const Interval& s, const X& x, History<X>& past) {
  verbs::observe(solver, c, x, s.from, past);
  // VE's time of clean data is -infinity, where no method in time can go.
  if (s.to.is_clean_data() && std::isinf(s.to.t) && solver.facts().clock == Clock::time)
    return s.to.scale * c.data(x, s.from);
  if constexpr (Multistep<S>)
    return solver.step(c, s, x, past);
  else
    return solver.step(c, s, x);
}

/// The exact forward transition from level t up to level u.
template <class X>
X renoise(auto& c, const X& x, const Level& t, const Level& u, double s_noise = 1) {
  const Transition up = transition(t, u);
  return up.ratio * x + s_noise * std::sqrt(up.variance) * c.normal();
}

/// The loop over the intervals: the only one. step(c, s, x, past) is a step of a solver that takes
/// `draws` draws in each. Returns the final state.
template <class X>
X solve(auto& c, const Intervals& all, X x, int draws, const auto& step) {
  History<X> past;
  for (int draw = 1 + all.draws_before(draws); const Interval& s : all) {
    const DrawRange of_step{draw, s.renoises() ? 1 : draws};
    draw += of_step.count;
    c.begin(s, of_step);
    if (s.renoises()) {
      x = c.commit(verbs::renoise(c, x, s.from, s.to, s.s_noise));
      past = {};
    } else {
      x = c.commit(step(c, s, x, past));
    }
  }
  return x;
}

}  // namespace tweedie::verbs

namespace tweedie {
using namespace verbs;
}
