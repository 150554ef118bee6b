// SPDX-License-Identifier: MIT
#pragma once

#include "tweedie/solver/solver.hpp"

namespace tweedie {

/// Gradient estimation, Permenter & Yuan 2023, arXiv:2306.04848: Euler in sigma with
/// gamma epsilon + (1 - gamma) of the one before. Of first order, but for gamma = 3/2, which is
/// iPNDM of order 2; meant for few steps.
struct GradientEstimation {
  double gamma = 2;

  Facts facts() const {
    return {.name = sentence({"gradient estimation (gamma = ", gamma, ")"}),
            .order = gamma == 1.5 ? 2 : 1,
            .remembers = 1};
  }

  int points() const { return 2; }
  template <class X>
  X value(auto& c, const X& x, const Level& l) const {
    return c.epsilon(x, l);
  }

  template <class X>
  X step(auto&, const Interval& s, const X& x, History<X>& m) const {
    const bool alone = m.size() == 1 || s.to.is_clean_data();
    const X better = alone ? m[0] : gamma * m[0] + (1 - gamma) * m[1];
    return s.to.scale * (x / s.from.scale + (s.to.sigma() - s.from.sigma()) * better);
  }
};

}  // namespace tweedie
