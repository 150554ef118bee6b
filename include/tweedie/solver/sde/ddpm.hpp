// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <functional>

#include "tweedie/solver/kit/ancestral_split.hpp"
#include "tweedie/solver/solver.hpp"

namespace tweedie {

/// The noise of a reverse step of the chain: that of the posterior given x0 (beta tilde in DDPM),
/// or the forward transition's (beta).
enum class Variance { posterior, forward };

/// DDPM's ancestral step, Ho, Jain & Abbeel 2020, arXiv:2006.11239, algorithm 2, in score form:
/// mean (x + variance score) / ratio. With the posterior variance it is DDIM(eta = 1), with the
/// forward one score_sde's ancestral sampling on VP. The chain is that of the levels unless another
/// is given. No noise in a step to sigma = 0, nor in the last one unless asked for.
struct DDPM {
  Variance variance = Variance::posterior;
  bool last_noise = true;
  std::function<Transition(const Interval&)> transition = {};
  double s_noise = 1;

  static void options(auto& its, auto&& visit) {
    visit("last_noise", its.last_noise);
    visit("s_noise", its.s_noise);
  }
  Facts facts() const {
    return {.name = variance == Variance::posterior ? "DDPM" : "DDPM(beta)",
            .draws = 1,
            .starts_from_noise = !transition};
  }
  void validate(const OptionCheck& require) const { require.at_least_0("s_noise", s_noise); }

  template <class X>
  X step(auto& c, const Interval& s, const X& x) const {
    const Level &t = s.from, &u = s.to;
    const auto [ratio, added] = transition ? transition(s) : transition_of(s);
    // Of the levels' own chain, t.scale / ratio and (t.std - added / t.std) / ratio.
    const X mean = transition ? c.mix(x, t, t.scale / ratio, (t.std - added / t.std) / ratio)
                              : c.mix(x, t, u.scale, ratio * u.std * u.std / t.std);
    if (u.is_clean_data() || (s.last() && !last_noise)) return mean;
    const double posterior = variance == Variance::posterior ? u.std / t.std : 1;
    return mean + s_noise * std::sqrt(added) * posterior * c.normal();
  }
};

}  // namespace tweedie
