// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "tweedie/solver/kit/brownian.hpp"
#include "tweedie/solver/solver.hpp"

namespace tweedie {

/// Heun's method on the reverse SDE of Song et al. 2020, arXiv:2011.13456, eq. 6, in t. Both
/// stages share one noise n, whose variance is the integral of g^2 over the step. The last step has
/// none unless asked for, a step to sigma = 0 never. Weak order 2.
struct SDEHeun {
  bool last_noise = false;
  double s_noise = 1;

  static void options(auto& its, auto&& visit) {
    visit("last_noise", its.last_noise);
    visit("s_noise", its.s_noise);
  }
  Facts facts() const {
    return {.name = "SDE Heun",
            .order = 2,
            .evaluations = 2,
            .draws = 1,
            .clock = Clock::time,
            .at_zero = AtZero::own};
  }
  void validate(const OptionCheck& require) const { require.at_least_0("s_noise", s_noise); }

  template <class X>
  X step(auto& c, const Interval& s, const X& x) const {
    const Level &t = s.from, &u = s.to;
    const double h = verbs::falling_time(s, facts().name);
    const auto drift = [&](const X& y, const Level& l) -> X {
      return l.f() * y - l.g2 * c.score(y, l);
    };
    // Simpson's rule: exact for a linear beta.
    const double g2 = -h / 6 * (t.g2 + 4 * c.level_at_time((t.t + u.t) / 2).g2 + u.g2);
    const double size = s.last() && !last_noise ? 0 : s_noise * std::sqrt(g2);
    const X n = size * verbs::brownian_increment(c, t, u, 1);
    const X first = drift(x, t);
    if (u.is_clean_data()) return x + h * first;
    const X stage = x + h * first + n, second = drift(stage, u);
    return x + h / 2 * (first + second) + n;
  }
};

}  // namespace tweedie
