// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>

#include "tweedie/solver/kit/exponential_runge_kutta.hpp"

namespace tweedie {

/// DPM-Solver-2 and DPM-Solver++(2S): two stages, the second at the fraction r of the step in
/// lambda. On epsilon r = 1/2 is k-diffusion's dpm_2; on data with Taylor's weight r = 1/2 is
/// RES-2s and r = 1 exponential Heun (Zhang, Song & Chen 2023, arXiv:2308.02157). To sigma = 0 of
/// first order.
template <Prediction on>
struct ExponentialRungeKutta2 {
  static_assert(is_exponential<on>, "an exponential method is on epsilon or on data");

  double r = 0.5;
  DifferenceWeight difference_weight = DifferenceWeight::midpoint;

  static void options(auto& its, auto&& visit) { visit("r", its.r); }
  Facts facts() const {
    const bool heun = r == 1 && difference_weight == DifferenceWeight::taylor;
    return {.name = on == Prediction::epsilon ? "DPM-Solver-2"
                    : heun                    ? "exponential Heun"
                                              : "DPM-Solver++(2S)",
            .order = 2,
            .evaluations = 2,
            .starts_from_noise = on == Prediction::data};
  }
  void validate(const OptionCheck& require) const { require.part_of_a_step("r", r); }

  template <class X>
  X step(auto& c, const Interval& s, const X& x) const {
    return verbs::exponential_runge_kutta<on>(c, s, x, std::array{verbs::level_between(c, s, r)},
                                              difference_weight);
  }
};

/// DPM-Solver-3 and DPM-Solver++ 3S: three stages, at the fractions r1 and r2. The second stage is
/// of second order only; the method is of third order where the third stage makes up for that,
/// which is at r2 = 2/3, with any r1. To sigma = 0 of first order.
template <Prediction on>
struct ExponentialRungeKutta3 {
  static_assert(is_exponential<on>, "an exponential method is on epsilon or on data");

  double r1 = 1. / 3, r2 = 2. / 3;
  DifferenceWeight difference_weight = DifferenceWeight::midpoint;

  static void options(auto& its, auto&& visit) {
    visit("r1", its.r1);
    visit("r2", its.r2);
  }
  Facts facts() const {
    return {.name = on == Prediction::data ? "DPM-Solver++(3S)" : "DPM-Solver-3",
            .order = std::abs(r2 - 2. / 3) < 1e-9 ? 3 : 2,
            .evaluations = 3,
            .starts_from_noise = on == Prediction::data};
  }
  void validate(const OptionCheck& require) const {
    require.part_of_a_step("r1", r1);
    require(r1 < r2 && r2 <= 1, "r1 = ", r1, " and r2 = ", r2, " must rise in (0, 1]");
  }

  template <class X>
  X step(auto& c, const Interval& s, const X& x) const {
    return verbs::exponential_runge_kutta<on>(
        c, s, x, std::array{verbs::level_between(c, s, r1), verbs::level_between(c, s, r2)},
        difference_weight);
  }
};

using DPMSolver2 = ExponentialRungeKutta2<Prediction::epsilon>;
using DPMSolver3 = ExponentialRungeKutta3<Prediction::epsilon>;
using DPMSolverPP2S = ExponentialRungeKutta2<Prediction::data>;
using DPMSolverPP3S = ExponentialRungeKutta3<Prediction::data>;

}  // namespace tweedie
