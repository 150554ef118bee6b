// SPDX-License-Identifier: MIT
#pragma once


#include "tweedie/solver/kit/exponential.hpp"
#include "tweedie/solver/kit/lower_order_final.hpp"
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
  LowerOrderFinal lower_order_final = {};

  Facts facts() const {
    return {.name = sentence(
                {on == Prediction::data ? "exponential Adams-Bashforth-" : "log-rho AB-", order}),
            .order = lower_order_final.global(order),
            .remembers = order - 1,
            .starts_from_noise = on == Prediction::data};
  }
  void validate(const OptionCheck& require) const {
    require(order >= 1 && order <= 16, "order = ", order, " must lie from 1 to 16");
  }

  int points() const { return order; }
  template <class X>
  X value(auto& c, const X& x, const Level& l) const {
    return c.predict(on, x, l);
  }

  template <class X>
  X step(auto&, const Interval& s, const X& x, History<X>& m) const {
    const ExponentialStep w(on, s.from, s.to);
    const int q = s.to.is_clean_data() ? 1 : lower_order_final.limit(m.finite(), s);
    return w.state * x + w.integral(m, q);
  }
};

using ExponentialAB = ExponentialAdamsBashforth<Prediction::data>;
using LogRhoAB = ExponentialAdamsBashforth<Prediction::epsilon>;

}  // namespace tweedie
