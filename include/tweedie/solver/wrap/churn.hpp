// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <limits>
#include <numbers>

#include "tweedie/solver/options.hpp"
#include "tweedie/solver/solve.hpp"

namespace tweedie {

/// Fresh noise before each step of a single-step solver: x is raised from sigma to (1 + gamma)
/// sigma (not beyond a table's end) and solved down from there, gamma = min(amount / steps, sqrt(2)
/// - 1) where s_min <= sigma <= s_max. Karras et al. 2022, arXiv:2206.00364: Churn<Heun<InSigma>> is their algorithm 2.
template <class S>
struct Churn {
  S solver = {};
  double amount = 0, s_min = 0, s_max = std::numeric_limits<double>::infinity(), s_noise = 1;

  static void options(auto& its, auto&& visit) {
    visit("amount", its.amount);
    visit("s_min", its.s_min);
    visit("s_max", its.s_max);
    visit("s_noise", its.s_noise);
    verbs::for_each_option(its.solver, visit);
  }
  Facts facts() const {
    Facts facts = solver.facts();
    if (amount == 0) return facts;
    facts.name = sentence({"Churn(", amount, ") of ", facts.name});
    ++facts.draws;
    if (facts.at_zero == AtZero::data) facts.at_zero = AtZero::predicted_data;
    return facts;
  }
  void validate(const OptionCheck& require) const {
    verbs::validate(solver);
    require.at_least_0("amount", amount);
    require.at_least_0("s_noise", s_noise);
    require(s_min <= s_max, "s_min = ", s_min, " lies above s_max = ", s_max);
    if (amount != 0) require.remembers_nothing(solver.facts().remembers);
  }

  template <class X>
  X step(auto& c, const Interval& s, const X& x, History<X>& past) const {
    const double sigma = s.from.sigma();
    const double gamma =
        s_min <= sigma && sigma <= s_max ? std::min(amount / s.count, std::numbers::sqrt2 - 1) : 0;
    // Not beyond a table's end; and there is no noise above pure noise.
    const double up = std::min((1 + gamma) * sigma, c.largest_sigma());
    if (!(up > sigma) || s.from.is_pure_noise()) return verbs::step_of(solver, c, s, x, past);
    Interval raised = s;
    raised.from = c.level_at_sigma(up);
    const X y = verbs::renoise(c, x, s.from, raised.from, s_noise);
    return verbs::step_of(solver, c, raised, y, past);
  }
};

template <class S>
Churn(S) -> Churn<S>;
template <class S, class... Options>
Churn(S, double, Options...) -> Churn<S>;

}  // namespace tweedie
