// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "tweedie/solver/solver.hpp"

namespace tweedie {

/// DPM-Solver-2, Lu et al. 2022, arXiv:2206.00927, algorithm 1: exponential integrator on epsilon
/// with one node at the fraction r of the step in lambda. r = 1/2 is the midpoint rule in sigma at
/// the geometric mean, k-diffusion's dpm_2. To sigma = 0 the step is of first order.
struct DPMSolver2 {
  double r = 0.5;

  Facts facts() const { return {"DPM-Solver-2", 2, 2, false}; }

  template <class X>
  X step(auto& c, const auto& process, const Interval& s, const X& x) const {
    const auto& [t, u, index, count, kind] = s;
    const double h = u.lambda() - t.lambda();
    const X y = x / t.scale, e = c.epsilon(x, t);
    if (u.std == 0) return u.scale * (y - t.sigma() * e);
    const Level m = process.at_sigma(t.sigma() * std::exp(-r * h));
    const X e_m = c.epsilon(m.scale * (y - m.sigma() * std::expm1(r * h) * e), m);
    return u.scale * (y - u.sigma() * std::expm1(h) * (e + (e_m - e) / (2 * r)));
  }
};

}  // namespace tweedie
