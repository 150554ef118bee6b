// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <optional>

#include "tweedie/solver/solver.hpp"

namespace tweedie {

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
