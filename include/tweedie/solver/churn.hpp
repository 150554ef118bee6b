// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>

#include "tweedie/error.hpp"
#include "tweedie/solver/solver.hpp"

namespace tweedie {

/// Fresh noise before each step of any solver: x is raised from sigma to (1 + gamma) sigma and
/// solved down from there, gamma = min(amount / steps, sqrt(2) - 1) where s_min <= sigma <= s_max.
/// Karras et al. 2022, arXiv:2206.00364: Churn<Heun<InSigma>> is their algorithm 2.
template <class S>
struct Churn {
  S solver = {};
  double amount = 0, s_min = 0, s_max = std::numeric_limits<double>::infinity(), s_noise = 1;

  template <class X>
  struct Memory {
    Past<S, X> inner;
  };

  Facts facts() const {
    const Facts inner = solver.facts();
    if (amount == 0) return inner;
    return {"Churn(" + to_text(amount) + ") of " + inner.name, 1, inner.evaluations, true};
  }

  template <class X>
  X step(auto& c, const auto& process, const Interval& s, const X& x,
         std::optional<Memory<X>>& past) const {
    check(amount >= 0 && s_noise >= 0, "Churn: amount = ", amount, " and s_noise = ", s_noise,
          " must be at least 0");
    if (!past) past.emplace();
    const double sigma = s.t.sigma();
    const double gamma =
        s_min <= sigma && sigma <= s_max ? std::min(amount / s.count, std::numbers::sqrt2 - 1) : 0;
    if (gamma == 0) return take_step(solver, c, process, s, x, past->inner);
    Interval raised = s;
    raised.t = process.at_sigma((1 + gamma) * sigma);
    const X y = c.keep(renoise(c, x, s.t, raised.t, s_noise));
    return take_step(solver, c, process, raised, y, past->inner);
  }
};

template <class S>
Churn(S) -> Churn<S>;
template <class S, class... Options>
Churn(S, double, Options...) -> Churn<S>;

}  // namespace tweedie
