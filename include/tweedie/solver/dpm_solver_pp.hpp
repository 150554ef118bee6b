// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <optional>

#include "tweedie/solver/solver.hpp"

namespace tweedie {

/// DPM-Solver++(2S), Lu et al. 2022, arXiv:2211.01095, algorithm 1: one node at the fraction r of
/// the step in lambda. To sigma = 0 the step is of first order.
struct DPMSolverPP2S {
  double r = 0.5;

  Facts facts() const { return {"DPM-Solver++(2S)", 2, 2, false}; }

  template <class X>
  X step(auto& c, const auto& process, const Interval& s, const X& x) const {
    const auto& [t, u, index, count, kind] = s;
    const double h = u.lambda() - t.lambda();
    const X D = c.data(x, t);
    if (u.std == 0) return u.scale * D;
    const Level m = process.at_sigma(t.sigma() * std::exp(-r * h));
    const X D_m = c.data(m.std / t.std * x - m.scale * std::expm1(-r * h) * D, m);
    return u.std / t.std * x - u.scale * std::expm1(-h) * (D + (D_m - D) / (2 * r));
  }
};

/// DPM-Solver++(2M), the midpoint form: Lu et al. 2022, arXiv:2211.01095, algorithm 2. The first
/// step and a step to sigma = 0 are of first order.
struct DPMSolverPP2M {
  template <class X>
  struct Memory {
    X D;
    double lambda;
  };

  Facts facts() const { return {"DPM-Solver++(2M)", 2, 1, false}; }

  template <class X>
  X step(auto& c, const auto&, const Interval& s, const X& x,
         std::optional<Memory<X>>& past) const {
    const auto& [t, u, index, count, kind] = s;
    const double h = u.lambda() - t.lambda();
    const X D = c.data(x, t);
    X D_mid = D;
    if (past && u.std > 0) D_mid = D + h / (2 * (t.lambda() - past->lambda)) * (D - past->D);
    past = {D, t.lambda()};
    return u.std / t.std * x - u.scale * std::expm1(-h) * D_mid;
  }
};

}  // namespace tweedie
