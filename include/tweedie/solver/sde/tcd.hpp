// SPDX-License-Identifier: MIT
#pragma once

#include "tweedie/solver/solve.hpp"

namespace tweedie {

/// Strategic stochastic sampling of trajectory consistency distillation, Zheng et al. 2024,
/// arXiv:2402.19159, algorithm 3, for networks of few steps: down to (1 - gamma) of the target's
/// time and back up with fresh noise. gamma = 0 is DDIM; gamma = 1 is a consistency model's step,
/// lcm, which goes down to clean data. With other networks a bias stays.
struct TCD {
  double gamma = 0.3, s_noise = 1;

  static void options(auto& its, auto&& visit) {
    visit("gamma", its.gamma);
    visit("s_noise", its.s_noise);
  }
  Facts facts() const {
    return {.name = sentence({"TCD(gamma = ", gamma, ")"}),
            .order = gamma == 0 ? 1 : 0,
            .draws = gamma != 0,
            .clock = Clock::time,
            .starts_from_noise = true};
  }
  void validate(const OptionCheck& require) const {
    require(gamma >= 0 && gamma <= 1, "gamma = ", gamma, " must lie in [0, 1]");
    require.at_least_0("s_noise", s_noise);
  }

  template <class X>
  X step(auto& c, const Interval& s, const X& x) const {
    if (gamma == 0 || s.to.is_clean_data()) return c.mix(x, s.from, s.to.scale, s.to.std);
    const Level below = gamma == 1 ? c.level_at_sigma(0) : c.level_at_time((1 - gamma) * s.to.t);
    return verbs::renoise(c, c.mix(x, s.from, below.scale, below.std), below, s.to, s_noise);
  }
};

}  // namespace tweedie
