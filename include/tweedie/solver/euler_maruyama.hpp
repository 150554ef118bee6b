// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "tweedie/solver/solver.hpp"

namespace tweedie {

/// Euler-Maruyama on the reverse SDE dx = (f x - g^2 score) dt + g dw, in t.
/// Song et al. 2020, arXiv:2011.13456, eq. 6 and appendix G. The last step adds no noise unless
/// asked to, as their `denoise`.
struct EulerMaruyama {
  bool last_noise = false;

  Facts facts() const { return {"Euler-Maruyama", 1, 1, true}; }

  template <class X>
  X step(auto& c, const auto&, const Interval& s, const X& x) const {
    const auto& [t, u, index, count, kind] = s;
    const double h = u.t - t.t;
    const double g = s.last() && !last_noise ? 0 : std::sqrt(t.g2 * -h);
    return x + h * (t.f() * x - t.g2 * c.score(x, t)) + g * c.normal();
  }
};

}  // namespace tweedie
