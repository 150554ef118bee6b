// SPDX-License-Identifier: MIT
#pragma once

#include "tweedie/solver/ode/ipndm.hpp"
#include "tweedie/solver/wrap/with_starter.hpp"

namespace tweedie {

/// The pseudo Runge-Kutta step of PNDM, Liu et al. 2022, arXiv:2202.09778, eq. 13: the classical
/// method with transfers by Euler in sigma, its inner level in the middle of the step in t.
struct PseudoRungeKutta {
  Facts facts() const {
    return {.name = "pseudo Runge-Kutta", .order = 2, .evaluations = 4, .clock = Clock::time};
  }

  template <class X>
  X step(auto& c, const Interval& s, const X& x) const {
    const Level &t = s.from, &u = s.to;
    if (u.is_clean_data()) return c.mix(x, t, u.scale, 0);
    const auto transfer = [&](const X& e, const Level& to) -> X {
      return to.scale / t.scale * x + to.scale * (to.sigma() - t.sigma()) * e;
    };
    const X e1 = c.epsilon(x, t);
    const Level m = c.level_at_time((t.t + u.t) / 2);
    const X e2 = c.epsilon(transfer(e1, m), m);
    const X e3 = c.epsilon(transfer(e2, m), m);
    const X e4 = c.epsilon(transfer(e3, u), u);
    return transfer((e1 + 2 * e2 + 2 * e3 + e4) / 6, u);
  }
};

/// PNDM of the same paper: three pseudo Runge-Kutta steps, then the fourth-order combination.
using PNDM = WithStarter<IPNDM, PseudoRungeKutta>;

}  // namespace tweedie
