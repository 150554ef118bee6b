// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "tweedie/solver/kit/exponential_runge_kutta.hpp"
#include "tweedie/solver/solve.hpp"

namespace tweedie {

/// Two half steps of any single-step solver of order p, with (two halves - one whole) / (2^p - 1)
/// as their error: Richardson. To clean data it is the whole step, without an estimate.
template <class S>
struct TwoHalves {
  S solver = {};

  Facts facts() const {
    Facts facts = solver.facts();
    facts.name = sentence({"two halves of ", facts.name});
    facts.error_order = facts.order + (facts.stochastic() ? 0.5 : 1);  // that of one step
    facts.evaluations *= 3;
    facts.draws *= 3;
    return facts;
  }
  template <class X>
  X step(auto& c, const Interval& s, const X& x) const {
    const Facts own = solver.facts();
    check(own.remembers == 0, "StepDoubling: ", own.name,
          " remembers steps before; it takes single-step solvers, such as ddim, heun, rk4 and "
          "euler_maruyama");
    History<X> none;
    const X whole = verbs::step_of(solver, c, s, x, none);
    Interval first = s, second = s;
    if (s.to.is_clean_data()) return whole;
    first.to = second.from = own.clock == Clock::time ? c.level_at_time((s.from.t + s.to.t) / 2)
                                                      : verbs::level_between(c, s, 0.5);
    const X middle = c.stored(verbs::step_of(solver, c, first, x, none));
    const X halves = verbs::step_of(solver, c, second, middle, none);
    const double factor = 1 / (std::exp2(own.order) - 1);
    c.estimate(factor * halves - factor * whole);
    return halves;
  }
};

}  // namespace tweedie
