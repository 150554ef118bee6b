// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "tweedie/solver/solver.hpp"

namespace tweedie {

/// DDIM, Song, Meng & Ermon 2020, arXiv:2010.02502, eq. 12 and 16. eta = 0 is deterministic (Euler
/// in sigma, DPM-Solver-1), eta = 1 is DDPM's ancestral step with the posterior variance. The noise
/// that is added is taken from the direction term, so that std is met for every eta.
struct DDIM {
  double eta = 0, s_noise = 1;

  static void options(auto& its, auto&& visit) {
    visit("eta", its.eta);
    visit("s_noise", its.s_noise);
  }
  Facts facts() const {
    return {.name = eta == 0 ? "DDIM" : sentence({"DDIM(eta = ", eta, ")"}),
            .draws = eta != 0,
            .starts_from_noise = true};
  }
  void validate(const OptionCheck& require) const {
    require.at_least_0("eta", eta);
    require.at_least_0("s_noise", s_noise);
  }

  template <class X>
  X step(auto& c, const Interval& s, const X& x) const {
    const Level &t = s.from, &u = s.to;
    const double h = u.lambda() - t.lambda();
    const double fresh = eta == 0 ? 0 : eta * u.std * std::sqrt(-std::expm1(-2 * h));
    check(fresh <= u.std, "DDIM: eta = ", eta, " is too large for step ", s.index, "; at most ",
          eta * u.std / fresh, " is possible there, and 1 always");
    const double kept = std::sqrt((u.std - fresh) * (u.std + fresh));
    const X y = c.mix(x, t, u.scale, kept);
    return eta == 0 ? y : y + s_noise * fresh * c.normal();
  }
};

}  // namespace tweedie
