// SPDX-License-Identifier: MIT
#pragma once

#include "tweedie/solver/kit/ancestral_split.hpp"
#include "tweedie/solver/kit/brownian.hpp"
#include "tweedie/solver/kit/exponential_runge_kutta.hpp"

namespace tweedie {

/// k-diffusion's dpmpp_sde: DPM-Solver++(2S) of which both stages are ancestral steps of eta (that
/// of DDIM). Of weak order 2 where the two noises come from one path; k-diffusion's without its
/// tree are independent, which has order 1. To sigma = 0 the step returns the model's data.
struct DPMSolverPPSDE {
  double eta = 1, s_noise = 1, r = 0.5;
  StageNoise stage_noise = StageNoise::one_path;

  static void options(auto& its, auto&& visit) {
    visit("eta", its.eta);
    visit("s_noise", its.s_noise);
    visit("r", its.r);
  }
  Facts facts() const {
    return {.name = eta == 1 ? "DPM-Solver++(SDE)" : sentence({"DPM-Solver++(SDE), eta = ", eta}),
            .order = eta == 0 || stage_noise == StageNoise::one_path ? 2 : 1,
            .evaluations = 2,
            .draws = eta == 0 ? 0 : 2,
            .starts_from_noise = true};
  }
  void validate(const OptionCheck& require) const {
    require.at_least_0("eta", eta);
    require.at_least_0("s_noise", s_noise);
    require.part_of_a_step("r", r);
  }

  template <class X>
  X step(auto& c, const Interval& s, const X& x) const {
    const Level &t = s.from, &u = s.to;
    if (u.is_clean_data()) return u.scale * c.data(x, t);
    StageIncrements<X> increments(t, eta, stage_noise);
    const auto with_noise = [&](const X& y, const AncestralSplit& split, const Level& l) -> X {
      if (split.up == 0 || s_noise == 0) return y;
      return y + s_noise * l.scale * split.up * increments.to(c, l);
    };
    const Level m = verbs::level_between(c, s, r);
    const AncestralSplit to_m(t, m, eta), to_u(t, u, eta);
    const X y = c.mix(x, t, u.scale, u.scale * to_u.down);
    if (m == t) return with_noise(y, to_u, u);
    const X y_m = with_noise(c.mix(x, t, m.scale, m.scale * to_m.down), to_m, m);
    // The step is linear in the data prediction, which the second stage improves.
    const X better = (c.data(y_m, m) - c.data(x, t)) / (2 * r);
    return with_noise(y + u.scale * (1 - to_u.down / t.sigma()) * better, to_u, u);
  }
};

}  // namespace tweedie
