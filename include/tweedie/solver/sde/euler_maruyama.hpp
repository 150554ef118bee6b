// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "tweedie/solver/kit/brownian.hpp"
#include "tweedie/solver/solver.hpp"

namespace tweedie {

/// Euler-Maruyama in t on the family of reverse SDEs with the same marginals,
/// dx = (f x - (1 + eta)/2 g^2 score) dt + sqrt(eta) g dw: eta = 1 is the reverse SDE of Song et
/// al. 2020, arXiv:2011.13456, eq. 6; eta = 0 the probability-flow ODE; eta = lambda^2 in Zhang &
/// Chen 2022, arXiv:2204.13902, eq. 4. The last step adds no noise unless asked to, as their
/// `denoise`.
struct EulerMaruyama {
  double eta = 1;
  bool last_noise = false;
  double s_noise = 1;

  static void options(auto& its, auto&& visit) {
    visit("eta", its.eta);
    visit("last_noise", its.last_noise);
    visit("s_noise", its.s_noise);
  }
  Facts facts() const {
    return {.name = eta == 1 ? "Euler-Maruyama" : sentence({"Euler-Maruyama(eta = ", eta, ")"}),
            .draws = eta != 0,
            .clock = Clock::time,
            .at_zero = AtZero::own,
            .starts_from_noise = eta == 0};
  }
  void validate(const OptionCheck& require) const {
    require.at_least_0("eta", eta);
    require.at_least_0("s_noise", s_noise);
  }

  template <class X>
  X step(auto& c, const Interval& s, const X& x) const {
    const Level &t = s.from, &u = s.to;
    const double h = verbs::falling_time(s, facts().name);
    // f x - g^2 score / 2 is the velocity, which is finite where f and g are not.
    const X ode = x + h * c.velocity(x, t);
    if (eta == 0) return ode;
    const X y = ode - eta / 2 * h * t.g2 * c.score(x, t);
    if (s.last() && !last_noise) return y;
    return y + s_noise * std::sqrt(eta * t.g2 * -h) * verbs::brownian_increment(c, t, u, eta);
  }
};

}  // namespace tweedie
