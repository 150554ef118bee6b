// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include "tweedie/solver/kit/ancestral_split.hpp"
#include "tweedie/solver/options.hpp"
#include "tweedie/solver/solve.hpp"

namespace tweedie {

/// Any single-step solver made stochastic as k-diffusion's *_ancestral are: it solves beyond the
/// target, down to sigma_down, and fresh noise of size sigma_up brings x back up to it. With Euler
/// in sigma and eta = 1 that is DDPM's posterior; eta is DDIM's, with sigma_up limited to the
/// target's sigma. sigma_down does not fall below sigma_min. A multistep solver is refused: its
/// history does not fit a state with fresh noise; those that are meant to be stochastic have an eta
/// of their own.
///
/// in_time is the division that ComfyUI makes on flows (its *_RF): down to the time
/// u (1 - eta (1 - u / t)) of a step from t to u, with eta at most 1.
template <class S>
struct Ancestral {
  S solver = {};
  double eta = 1, s_noise = 1, sigma_min = 0;
  bool in_time = false;

  static void options(auto& its, auto&& visit) {
    visit("eta", its.eta);
    visit("s_noise", its.s_noise);
    visit("sigma_min", its.sigma_min);
    visit("in_time", its.in_time);
    verbs::for_each_option(its.solver, visit);
  }
  Facts facts() const {
    Facts facts = solver.facts();
    if (eta == 0) return facts;
    facts.name = sentence({"Ancestral(eta = ", eta, ") of ", facts.name});
    facts.order = std::min(facts.order, 2);
    ++facts.draws;
    // From eta = 1 on the step from pure noise goes down to clean data, which every solver can.
    facts.starts_from_noise = facts.starts_from_noise || (eta >= 1 && sigma_min == 0 && !in_time);
    if (in_time) facts.clock = Clock::time;
    return facts;
  }
  void validate(const OptionCheck& require) const {
    verbs::validate(solver);
    require.at_least_0("eta", eta);
    require.at_least_0("s_noise", s_noise);
    require.at_least_0("sigma_min", sigma_min);
    require(!in_time || eta <= 1, "eta = ", eta, " must be at most 1 for a division in time");
    if (eta != 0) require.remembers_nothing(solver.facts().remembers);
  }

  template <class X>
  X step(auto& c, const Interval& s, const X& x, History<X>& past) const {
    Interval below = s;
    if (s.to.is_clean_data() || eta == 0) return verbs::step_of(solver, c, s, x, past);
    below.to = in_time ? c.level_at_time(s.to.t * (1 - eta * (1 - s.to.t / s.from.t)))
                       : c.level_at_sigma(AncestralSplit(s.from, s.to, eta).down);
    if (below.to.sigma() < sigma_min) below.to = c.level_at_sigma(sigma_min);
    if (below.to.sigma() >= s.to.sigma()) return verbs::step_of(solver, c, s, x, past);
    const X y = verbs::step_of(solver, c, below, x, past);
    return verbs::renoise(c, y, below.to, s.to, s_noise);
  }
};

template <class S>
Ancestral(S) -> Ancestral<S>;
template <class S, class... Options>
Ancestral(S, double, Options...) -> Ancestral<S>;

}  // namespace tweedie
