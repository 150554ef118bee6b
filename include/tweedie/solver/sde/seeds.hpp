// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <span>

#include "tweedie/solver/kit/brownian.hpp"
#include "tweedie/solver/kit/exponential_runge_kutta.hpp"

namespace tweedie {

/// SEEDS-2 and SEEDS-3, Gonzalez et al. 2023, arXiv:2305.14267: DPM-Solver++ 2S and 3S on the SDE
/// of eta, with the exact noise at every stage. Weak order 2; with independent stage noise SEEDS-2
/// has order 1. With eta = 0 they are 2S and 3S. To sigma = 0 the step returns the model's data.
template <int stages>
struct SEEDS {
  static_assert(stages == 2 || stages == 3);

  double eta = 1, s_noise = 1;
  double r1 = stages == 2 ? 1. / 2 : 1. / 3, r2 = 2. / 3;  ///< r2: of SEEDS-3
  DifferenceWeight difference_weight = DifferenceWeight::taylor;
  StageNoise stage_noise = StageNoise::one_path;

  static void options(auto& its, auto&& visit) {
    visit("eta", its.eta);
    visit("s_noise", its.s_noise);
    visit("r1", its.r1);
    if constexpr (stages == 3) visit("r2", its.r2);
  }
  Facts facts() const {
    const int of_ode = stages == 3 && std::abs(r2 - 2. / 3) < 1e-9 ? 3 : 2;
    const int of_sde = stage_noise == StageNoise::one_path ? 2 : 1;
    return {.name = eta == 1 ? sentence({"SEEDS-", stages})
                             : sentence({"SEEDS-", stages, ", eta = ", eta}),
            .order = eta == 0 ? of_ode : of_sde,
            .evaluations = stages,
            .draws = eta == 0 ? 0 : stages,
            .starts_from_noise = true};
  }
  void validate(const OptionCheck& require) const {
    require.at_least_0("eta", eta);
    require.at_least_0("s_noise", s_noise);
    require.part_of_a_step("r1", r1);
    if constexpr (stages == 3)
      require(r1 < r2 && r2 <= 1, "r1 = ", r1, " and r2 = ", r2, " must rise in (0, 1]");
  }

  template <class X>
  X step(auto& c, const Interval& s, const X& x) const {
    StageIncrements<X> increments(s.from, eta, stage_noise);
    const auto with_noise = [&](const X& y, const Level& l) -> X {
      if (eta == 0 || s_noise == 0 || l.is_clean_data()) return y;
      const double size = ExponentialStep(Prediction::data, s.from, l, eta).noise;
      return y + s_noise * size * increments.to(c, l);
    };
    const std::array nodes{verbs::level_between(c, s, r1), verbs::level_between(c, s, r2)};
    return verbs::exponential_runge_kutta<Prediction::data>(
        c, s, x, std::span(nodes).first(stages - 1), difference_weight, DifferenceWeight::taylor,
        eta, with_noise);
  }
};

using SEEDS2 = SEEDS<2>;
using SEEDS3 = SEEDS<3>;

}  // namespace tweedie
