// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <functional>

#include "tweedie/error.hpp"
#include "tweedie/solver/solver.hpp"

namespace tweedie {

/// A link of a Markov chain that adds noise, x_t = ratio x_u + sqrt(variance) z.
struct Link {
  double ratio, variance;
};

/// The process's own link between the levels of an interval.
inline Link link_of(const Interval& s) {
  const double ratio = s.t.scale / s.u.scale, kept = ratio * s.u.std;
  return {ratio, (s.t.std - kept) * (s.t.std + kept)};
}

/// The noise of a reverse step of the chain: that of the posterior given x0 (beta tilde in DDPM),
/// or the forward link's (beta).
enum class Variance { posterior, forward };

/// DDPM's ancestral step, Ho, Jain & Abbeel 2020, arXiv:2006.11239, algorithm 2, in score form:
/// mean (x + variance score) / ratio. With the posterior variance it is DDIM(eta = 1), with the
/// forward one score_sde's ancestral sampling on VP. A chain that does not follow from the levels
/// may be given. No noise in a step to sigma = 0, nor in the last one unless asked for.
struct DDPM {
  Variance variance = Variance::posterior;
  bool last_noise = true;
  std::function<Link(const Interval&)> chain = link_of;
  double s_noise = 1;

  Facts facts() const {
    return {variance == Variance::posterior ? "DDPM" : "DDPM(beta)", 1, 1, true};
  }

  template <class X>
  X step(auto& c, const auto&, const Interval& s, const X& x) const {
    check_not_negative("DDPM", "s_noise", s_noise);
    const auto [ratio, added] = chain(s);
    const double noise = s.u.std == 0 || (s.last() && !last_noise) ? 0
                         : variance == Variance::forward           ? std::sqrt(added)
                                                         : std::sqrt(added) * s.u.std / s.t.std;
    return (x + added * c.score(x, s.t)) / ratio + s_noise * noise * c.normal();
  }
};

/// The reverse-diffusion discretisation of Song et al. 2020, arXiv:2011.13456, eq. 46: the link
/// reversed to first order, mean (2 - ratio) x + variance score. With probability_flow half of the
/// score and no noise.
struct ReverseDiffusion {
  bool probability_flow = false, last_noise = false;
  std::function<Link(const Interval&)> chain = link_of;
  double s_noise = 1;

  Facts facts() const {
    return {probability_flow ? "reverse diffusion, ODE" : "reverse diffusion", 1, 1,
            !probability_flow};
  }

  template <class X>
  X step(auto& c, const auto&, const Interval& s, const X& x) const {
    check_not_negative("ReverseDiffusion", "s_noise", s_noise);
    const auto [ratio, variance] = chain(s);
    const bool quiet = probability_flow || (s.last() && !last_noise);
    const double pull = probability_flow ? variance / 2 : variance;
    return (2 - ratio) * x + pull * c.score(x, s.t) +
           (quiet ? 0 : s_noise * std::sqrt(variance)) * c.normal();
  }
};

}  // namespace tweedie
