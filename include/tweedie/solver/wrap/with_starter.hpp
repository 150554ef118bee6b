// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <optional>

#include "tweedie/solver/ode/runge_kutta.hpp"
#include "tweedie/solver/options.hpp"
#include "tweedie/solver/solve.hpp"

namespace tweedie {

/// A multistep solver whose first steps are made by a single-step one, while it gathers its
/// history: a starting procedure (Hairer, Norsett & Wanner 1993, section III.1). By itself a
/// multistep method starts with a step of first order, which limits the global order to 2. With a
/// starter of an order at most one less the measured order is the nominal one. The starter makes as
/// many steps as the solver needs for its order, unless `steps` says otherwise, and begins again
/// after a renoise interval.
template <class S, class First = RK4<InSigma>>
struct WithStarter {
  S solver = {};
  First first = {};
  std::optional<int> steps = {};

  static_assert(KeepsValues<S>,
                "a starter serves a multistep method, which has points() and value()");
  static_assert(SingleStep<First>, "a starter is a single-step method, such as RK4<InSigma>");

  static void options(auto& its, auto&& visit) { verbs::for_each_option(its.solver, visit); }
  Facts facts() const {
    Facts facts = solver.facts();
    const Facts start = first.facts();
    facts.name = sentence({facts.name, " started by ", start.name});
    // One step of order p has a local error of order p + 1, at the start or after it.
    facts.order = std::min({facts.order, start.order + 1, count() + 2});
    facts.draws = std::max(facts.draws, start.draws);
    facts.extra_evaluations +=
        count() * (start.evaluations - facts.evaluations) + start.extra_evaluations;
    if (start.clock == Clock::time) facts.clock = Clock::time;
    facts.starts_from_noise = facts.starts_from_noise && start.starts_from_noise;
    return facts;
  }
  void validate(const OptionCheck& require) const {
    verbs::validate(solver);
    verbs::validate(first);
    const int most = solver.points() - 1;
    require(count() >= 0 && count() <= most, "steps = ", count(), " must lie from 0 to ", most,
            ", the evaluations before the newest that the method uses");
  }

  int points() const { return solver.points(); }
  template <class X>
  X value(auto& c, const X& x, const Level& l) const {
    return solver.value(c, x, l);
  }

  template <class X>
  X step(auto& c, const Interval& s, const X& x, History<X>& past) const {
    if (past.size() <= count()) return first.step(c, s, x);
    return verbs::step_of(solver, c, s, x, past);
  }

 private:
  int count() const { return steps.value_or(solver.points() - 1); }
};

template <class S>
WithStarter(S) -> WithStarter<S>;
template <class S, class First, class... Options>
WithStarter(S, First, Options...) -> WithStarter<S, First>;

}  // namespace tweedie
