// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <functional>

#include "tweedie/solver/kit/ancestral_split.hpp"
#include "tweedie/solver/solver.hpp"

namespace tweedie {

/// The reverse-diffusion discretisation of Song et al. 2020, arXiv:2011.13456, eq. 46: the forward
/// transition reversed to first order, mean (2 - ratio) x + variance score. With probability_flow
/// half of the score and no noise.
struct ReverseDiffusion {
  bool probability_flow = false, last_noise = false;
  std::function<Transition(const Interval&)> transition = {};  ///< that of the levels
  double s_noise = 1;

  static void options(auto& its, auto&& visit) {
    visit("probability_flow", its.probability_flow);
    visit("last_noise", its.last_noise);
    visit("s_noise", its.s_noise);
  }
  Facts facts() const {
    return {.name = probability_flow ? "reverse diffusion, ODE" : "reverse diffusion",
            .draws = !probability_flow,
            .clock = Clock::time,
            .at_zero = AtZero::own,
            .starts_from_noise = true};
  }
  void validate(const OptionCheck& require) const { require.at_least_0("s_noise", s_noise); }

  template <class X>
  X step(auto& c, const Interval& s, const X& x) const {
    const auto [ratio, variance] = transition ? transition(s) : transition_of(s);
    const double pull = probability_flow ? variance / 2 : variance;
    const X mean = (2 - ratio) * x + pull * c.score(x, s.from);
    if (probability_flow || (s.last() && !last_noise)) return mean;
    return mean + s_noise * std::sqrt(variance) * c.normal();
  }
};

}  // namespace tweedie
