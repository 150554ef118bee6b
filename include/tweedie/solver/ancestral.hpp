// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <string>

#include "tweedie/error.hpp"
#include "tweedie/solver/solver.hpp"

namespace tweedie {

/// Any solver made stochastic as k-diffusion's *_ancestral are: it solves beyond the target, down
/// to sigma_down, and fresh noise of size sigma_up brings x back up to it. With Euler in sigma and
/// eta = 1 that is DDPM's posterior; eta is DDIM's, with sigma_up limited to the target's sigma.
/// sigma_down does not fall below sigma_min.
template <class S>
struct Ancestral {
  S solver = {};
  double eta = 1, s_noise = 1, sigma_min = 0;

  template <class X>
  struct Memory {
    Past<S, X> inner;
  };

  Facts facts() const {
    const Facts inner = solver.facts();
    if (eta == 0) return inner;
    return {"Ancestral(eta = " + to_text(eta) + ") of " + inner.name, std::min(inner.order, 2),
            inner.evaluations, true};
  }

  template <class X>
  X step(auto& c, const auto& process, const Interval& s, const X& x,
         std::optional<Memory<X>>& past) const {
    check(eta >= 0 && s_noise >= 0, "Ancestral: eta = ", eta, " and s_noise = ", s_noise,
          " must be at least 0");
    if (!past) past.emplace();
    const double sigma = s.u.sigma(), h = s.u.lambda() - s.t.lambda();
    const double up =
        sigma == 0 ? 0 : std::min(sigma, eta * sigma * std::sqrt(-std::expm1(-2 * h)));
    const double down = std::max(sigma_min, std::sqrt((sigma - up) * (sigma + up)));
    if (up == 0 || down >= sigma) return take_step(solver, c, process, s, x, past->inner);
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
