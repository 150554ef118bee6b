// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "tweedie/error.hpp"
#include "tweedie/solver/path.hpp"

namespace tweedie {

/// Euler-Maruyama in t on the family of reverse SDEs with the same marginals,
/// dx = (f x - (1 + eta)/2 g^2 score) dt + sqrt(eta) g dw: eta = 1 is the reverse SDE of Song et
/// al. 2020, arXiv:2011.13456, eq. 6; eta = 0 the probability-flow ODE; eta = lambda^2 in Zhang &
/// Chen 2022, arXiv:2204.13902, eq. 4. The last step adds no noise unless asked to, as their
/// `denoise`.
struct EulerMaruyama {
  double eta = 1;
  bool last_noise = false;
  double s_noise = 1;

  Facts facts() const {
    return {eta == 1 ? "Euler-Maruyama" : "Euler-Maruyama(eta = " + to_text(eta) + ")", 1, 1,
            eta != 0};
  }

  template <class X>
  X step(auto& c, const auto&, const Interval& s, const X& x) const {
    check_not_negative("EulerMaruyama", "eta", eta);
    check_not_negative("EulerMaruyama", "s_noise", s_noise);
    const Level &t = s.t, &u = s.u;
    const double h = u.t - t.t;
    check(h < 0, "a reverse SDE runs from noise to data, but t goes from ", t.t, " to ", u.t);
    const double g = s.last() && !last_noise ? 0 : s_noise * std::sqrt(eta * t.g2 * -h);
    return x + h * (t.f() * x - (1 + eta) / 2 * t.g2 * c.score(x, t)) +
           g * normal_over(c, t, u, eta);
  }
};

/// Heun's method on the reverse SDE, in t: both stages share one noise n, whose variance is the
/// integral of g^2 over the step, in the predictor too; none in the last step unless asked for.
/// Weak order 2.
struct SDEHeun {
  bool last_noise = false;
  double s_noise = 1;

  Facts facts() const { return {"SDE Heun", 2, 2, true}; }

  template <class X>
  X step(auto& c, const auto& process, const Interval& s, const X& x) const {
    const Level &t = s.t, &u = s.u;
    const double h = u.t - t.t;
    check(h < 0, "a reverse SDE runs from noise to data, but t goes from ", t.t, " to ", u.t);
    const auto drift = [&](const X& y, const Level& l) -> X {
      return l.f() * y - l.g2 * c.score(y, l);
    };
    check_not_negative("SDEHeun", "s_noise", s_noise);
    // Simpson's rule: exact for a linear beta.
    const double g2 = -h / 6 * (t.g2 + 4 * process.at((t.t + u.t) / 2).g2 + u.g2);
    const X n = (s.last() && !last_noise ? 0 : s_noise * std::sqrt(g2)) * normal_over(c, t, u, 1);
    const X first = drift(x, t);
    if (u.std == 0) return x + h * first;
    const X stage = x + h * first + n, second = drift(stage, u);
    return x + h / 2 * (first + second) + n;
  }
};

}  // namespace tweedie
