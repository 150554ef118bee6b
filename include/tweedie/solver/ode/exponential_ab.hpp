// SPDX-License-Identifier: MIT
#pragma once

#include "tweedie/solver/kit/exponential.hpp"
#include "tweedie/solver/solver.hpp"

namespace tweedie {

/// Exponential Adams-Bashforth in lambda, Hochbruck & Ostermann 2010,
/// doi:10.1017/S0962492910000048: the model's polynomial through the last `order` evaluations, for
/// any order. On data orders 2 and 3 are DPM-Solver++(2M) and 3M with Taylor's weight; on epsilon
/// it is log-rho AB, diffusers' DEIS. The order rises from 1; to sigma = 0 the step returns the
/// model's data.
template <Prediction on>
struct ExponentialAdamsBashforth {
  static_assert(is_exponential<on>, "an exponential method is on epsilon or on data");

  int order = 4;
  LowerOrder lower_order = {};

  static void options(auto& its, auto&& visit) {
    visit("order", its.order);
    LowerOrder::options(its.lower_order, visit);
  }
  Facts facts() const {
    return {.name = sentence(
                {on == Prediction::data ? "exponential Adams-Bashforth-" : "log-rho AB-", order}),
            .order = lower_order.global(order),
            .remembers = order - 1,
            .starts_from_noise = true};
  }
  void validate(const OptionCheck& require) const {
    require.order(order);
    lower_order.validate(require);
  }

  int points() const { return order; }
  template <class X>
  X value(auto& c, const X& x, const Level& l) const {
    return c.predict(on, x, l);
  }

  template <class X>
  X step(auto& c, const Interval& s, const X& x, History<X>& m) const {
    const ExponentialStep w(on, s.from, s.to);
    const X base = w.first_order(c, x);
    if (s.to.is_clean_data() || s.to.is_pure_noise()) return base;
    return w.correction(m, w.points(m, order, lower_order, s), base);
  }
};

using ExponentialAB = ExponentialAdamsBashforth<Prediction::data>;
using LogRhoAB = ExponentialAdamsBashforth<Prediction::epsilon>;

}  // namespace tweedie
