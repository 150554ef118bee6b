// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "tweedie/error.hpp"
#include "tweedie/solver/ipndm.hpp"
#include "tweedie/solver/runge_kutta.hpp"

namespace tweedie {

/// A multistep solver whose first steps are made by a single-step one of high order, while it
/// gathers its history. By itself a multistep method starts with a step of first order, which
/// limits the global order to 2; started like this the measured order is the nominal one, if the
/// first solver's is at most one less. As many steps as it remembers are made so, unless `steps`
/// says otherwise; each takes the first solver's evaluations. After a renoise interval it starts
/// anew.
template <class S, class First = RK4<InSigma>>
struct Started {
  S solver = {};
  First first = {};
  std::optional<int> steps = {};

  template <class X>
  struct Memory {
    Past<S, X> inner;
    Past<First, X> first;
    int made = 0;
  };

  Facts facts() const {
    Facts facts = solver.facts();
    const Facts start = first.facts();
    facts.name += " started by " + start.name;
    // One step of order p has a local error of order p + 1, at the start or after it.
    facts.order = std::min({facts.order, start.order + 1, count() + 2});
    facts.stochastic = facts.stochastic || start.stochastic;
    facts.extra += count() * (start.evaluations - facts.evaluations) + start.extra;
    return facts;
  }

  template <class X>
  X step(auto& c, const auto& process, const Interval& s, const X& x,
         std::optional<Memory<X>>& past) const {
    check_not_negative("Started", "steps", count());
    if (!past) past.emplace();
    if (past->made == count()) return take_step(solver, c, process, s, x, past->inner);
    ++past->made;
    if (!past->inner) past->inner.emplace();
    solver.observe(c, s, x, *past->inner);
    return take_step(first, c, process, s, x, past->first);
  }

 private:
  int count() const { return steps.value_or(solver.facts().remembers); }
};

template <class S>
Started(S) -> Started<S>;
template <class S, class First, class... Options>
Started(S, First, Options...) -> Started<S, First>;

/// The pseudo Runge-Kutta step of PNDM, Liu et al. 2022, arXiv:2202.09778, eq. 13: the classical
/// method with transfers by Euler in sigma, its inner level in the middle of the step in t.
struct PseudoRungeKutta {
  Facts facts() const { return {"pseudo Runge-Kutta", 2, 4, false}; }

  template <class X>
  X step(auto& c, const auto& process, const Interval& s, const X& x) const {
    const auto transfer = [&](const X& e, const Level& to) -> X {
      return to.scale / s.t.scale * x + to.scale * (to.sigma() - s.t.sigma()) * e;
    };
    const X e1 = c.epsilon(x, s.t);
    if (s.u.std == 0) return transfer(e1, s.u);
    const Level m = process.at((s.t.t + s.u.t) / 2);
    const X e2 = c.epsilon(transfer(e1, m), m);
    const X e3 = c.epsilon(transfer(e2, m), m);
    const X e4 = c.epsilon(transfer(e3, s.u), s.u);
    return transfer((e1 + 2 * e2 + 2 * e3 + e4) / 6, s.u);
  }
};

/// PNDM of the same paper: three pseudo Runge-Kutta steps, then the fourth-order combination.
using PNDM = Started<IPNDM, PseudoRungeKutta>;

}  // namespace tweedie
