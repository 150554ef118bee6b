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

/// Fresh noise before each step of a single-step solver: x is raised from sigma to (1 + gamma)
/// sigma and solved down from there, gamma = min(amount / steps, sqrt(2) - 1) where s_min <= sigma
/// <= s_max. Karras et al. 2022, arXiv:2206.00364: Churn<Heun<InSigma>> is their algorithm 2.
template <class S>
struct Churn {
  S solver = {};
  double amount = 0, s_min = 0, s_max = std::numeric_limits<double>::infinity(), s_noise = 1;

  template <class X>
  struct Memory {
    Past<S, X> inner;
  };

  Facts facts() const {
    Facts facts = solver.facts();
    if (amount == 0) return facts;
    facts.name = "Churn(" + to_text(amount) + ") of " + facts.name;
    facts.order = 1;
    facts.stochastic = true;
    return facts;
  }

  template <class X>
  X step(auto& c, const auto& process, const Interval& s, const X& x,
         std::optional<Memory<X>>& past) const {
    check_not_negative("Churn", "amount", amount);
    check_not_negative("Churn", "s_noise", s_noise);
    check(s_min <= s_max, "Churn: s_min = ", s_min, " lies above s_max = ", s_max);
    const Facts inner = solver.facts();
    check(amount == 0 || inner.remembers == 0, "Churn: ", inner.name,
          " is a multistep method, whose history does not fit fresh noise");
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
