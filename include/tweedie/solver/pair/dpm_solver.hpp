// SPDX-License-Identifier: MIT
#pragma once

#include "tweedie/solver/ode/dpm_solver.hpp"

namespace tweedie {

/// The step of DPM-Solver-2, whose error is its distance from DPM-Solver-1's: Lu et al. 2022,
/// arXiv:2206.00927, appendix C; on data DPM-Solver++'s.
template <Prediction on>
struct DPMSolver12Step {
  Facts facts() const {
    return {.name = "DPM-Solver-12",
            .order = 2,
            .evaluations = 2,
            .error_order = 2,
            .starts_from_noise = true};
  }
  template <class X>
  X step(auto& c, const Interval& s, const X& x) const {
    const X high = ExponentialRungeKutta2<on>{}.step(c, s, x);
    c.estimate(high - c.mix(x, s.from, s.to.scale, s.to.std));
    return high;
  }
};
/// That of DPM-Solver-3, whose error is its distance from DPM-Solver-2's at r = 1/3, which has the
/// same first two evaluations.
template <Prediction on>
struct DPMSolver23Step {
  Facts facts() const {
    return {.name = "DPM-Solver-23",
            .order = 3,
            .evaluations = 3,
            .error_order = 3,
            .starts_from_noise = true};
  }
  template <class X>
  X step(auto& c, const Interval& s, const X& x) const {
    const X high = ExponentialRungeKutta3<on>{}.step(c, s, x);
    c.estimate(high - ExponentialRungeKutta2<on>{.r = 1. / 3}.step(c, s, x));
    return high;
  }
};

}  // namespace tweedie
