// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <string>

#include "tweedie/error.hpp"
#include "tweedie/solver/solver.hpp"

namespace tweedie {

/// How k-diffusion's ancestral steps from sigma_t to sigma_u are divided: down to sigma_down, and
/// fresh noise of size sigma_up; DDIM's eta.
struct AncestralSplit {
  double down, up;

  AncestralSplit(const Level& t, const Level& u, double eta) {
    const double sigma = u.sigma(), h = u.lambda() - t.lambda();
    up = eta == 0 || sigma == 0 ? 0 : sigma * std::min(1.0, eta * std::sqrt(-std::expm1(-2 * h)));
    down = std::sqrt((sigma - up) * (sigma + up));
  }
};

/// Any single-step solver made stochastic as k-diffusion's *_ancestral are: it solves beyond the
/// target, down to sigma_down, and fresh noise of size sigma_up brings x back up to it. With Euler
/// in sigma and eta = 1 that is DDPM's posterior; eta is DDIM's, with sigma_up limited to the
/// target's sigma. sigma_down does not fall below sigma_min. A multistep solver is refused: its
/// history does not fit a state with fresh noise; those that are meant to be stochastic have an eta
/// of their own.
template <class S>
struct Ancestral {
  S solver = {};
  double eta = 1, s_noise = 1, sigma_min = 0;

  template <class X>
  struct Memory {
    Past<S, X> inner;
  };

  Facts facts() const {
    Facts facts = solver.facts();
    if (eta == 0) return facts;
    facts.name = "Ancestral(eta = " + to_text(eta) + ") of " + facts.name;
    facts.order = std::min(facts.order, 2);
    facts.stochastic = true;
    return facts;
  }

  template <class X>
  X step(auto& c, const auto& process, const Interval& s, const X& x,
         std::optional<Memory<X>>& past) const {
    check_not_negative("Ancestral", "eta", eta);
    check_not_negative("Ancestral", "s_noise", s_noise);
    check_not_negative("Ancestral", "sigma_min", sigma_min);
    const Facts inner = solver.facts();
    check(eta == 0 || inner.remembers == 0, "Ancestral: ", inner.name,
          " is a multistep method, whose history does not fit fresh noise");
    if (!past) past.emplace();
    const auto split = AncestralSplit(s.t, s.u, eta);
    const double down = std::max(sigma_min, split.down);
    if (split.up == 0 || down >= s.u.sigma())
      return take_step(solver, c, process, s, x, past->inner);
    Interval below = s;
    below.u = process.at_sigma(down);
    const X y = take_step(solver, c, process, below, x, past->inner);
    return renoise(c, y, below.u, s.u, s_noise);
  }
};

template <class S>
Ancestral(S) -> Ancestral<S>;
template <class S, class... Options>
Ancestral(S, double, Options...) -> Ancestral<S>;

}  // namespace tweedie
