// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "tweedie/solver/solver.hpp"

namespace tweedie {

/// Gradient estimation, Permenter & Yuan 2023, arXiv:2306.04848: Euler in sigma with
/// gamma epsilon + (1 - gamma) of the one before. Of first order, but for gamma = 3/2, which is
/// iPNDM of order 2; meant for few steps.
struct GradientEstimation {
  double gamma = 2;

  static void options(auto& its, auto&& visit) { visit("gamma", its.gamma); }
  Facts facts() const {
    return {.name = sentence({"gradient estimation (gamma = ", gamma, ")"}),
            .order = gamma == 1.5 ? 2 : 1,
            .remembers = 1,
            .starts_from_noise = true};
  }
  void validate(const OptionCheck& require) const {
    require(std::isfinite(gamma), "gamma = ", gamma, " must be finite");
  }

  int points() const { return 2; }
  template <class X>
  X value(auto& c, const X& x, const Level& l) const {
    return c.epsilon(x, l);
  }

  template <class X>
  X step(auto& c, const Interval& s, const X& x, History<X>& m) const {
    const Level &t = s.from, &u = s.to;
    const X euler = c.mix(x, t, u.scale, u.std);
    if (m.size() == 1 || u.is_clean_data() || u.is_pure_noise()) return euler;
    return euler + (gamma - 1) * u.scale * (u.sigma() - t.sigma()) * (m[0] - m[1]);
  }
};

}  // namespace tweedie
