// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "tweedie/solver/kit/brownian.hpp"
#include "tweedie/solver/kit/exponential.hpp"
#include "tweedie/solver/solver.hpp"

namespace tweedie {

/// DPM-Solver(++) multistep of order 1, 2 or 3, one evaluation a step:
///
///   x_u = w.state x + w(1) m + w(2) h m' + w(3) h^2 m'',
///
/// the derivatives those of the polynomial in lambda through the last evaluations. On data Lu et
/// al. 2022, arXiv:2211.01095, algorithm 2 and, with eta > 0, SDE-DPM-Solver++ of the same paper,
/// whose eta = 1 is DDPM's SDE. The order rises from 1; to sigma = 0 the step is of first order.
template <Prediction on, int order>
struct DPMSolverMultistep {
  static_assert(order >= 1 && order <= 3, "the order is 1, 2 or 3");
  static_assert(is_exponential<on>, "an exponential method is on epsilon or on data");

  double eta = 0, s_noise = 1;
  DifferenceWeight difference_weight = DifferenceWeight::midpoint;  ///< of second-order steps
  /// Of the second difference in m''. The authors' code and k-diffusion leave the 2 out, which
  /// costs an order; 1 replays them.
  double d2_factor = 2;
  LowerOrder lower_order = {};

  static void options(auto& its, auto&& visit) {
    if constexpr (on == Prediction::data) {
      visit("eta", its.eta);
      visit("s_noise", its.s_noise);
    }
    if constexpr (order == 3) visit("d2_factor", its.d2_factor);
    LowerOrder::options(its.lower_order, visit);
  }
  Facts facts() const {
    const int of_ode = lower_order.global(order == 3 && d2_factor != 2 ? 2 : order);
    std::string name =
        sentence({eta == 0 ? "" : "SDE-", on == Prediction::epsilon ? "DPM-Solver" : "DPM-Solver++",
                  order == 1 ? "-" : "(", order, order == 1 ? "" : "M)"});
    if (eta != 0 && eta != 1) name = sentence({name, ", eta = ", eta});
    return {.name = std::move(name),
            .order = eta == 0 ? of_ode : std::min(of_ode, 2),
            .draws = eta != 0,
            .remembers = order - 1,
            .starts_from_noise = true};
  }
  void validate(const OptionCheck& require) const {
    require.at_least_0("eta", eta);
    require.at_least_0("s_noise", s_noise);
    require(eta == 0 || on == Prediction::data, "eta = ", eta,
            " is for the method on data, such as DPMSolverPP2M; here it must be 0");
    lower_order.validate(require);
  }

  int points() const { return order; }
  template <class X>
  X value(auto& c, const X& x, const Level& l) const {
    return c.predict(on, x, l);
  }

  template <class X>
  X step(auto& c, const Interval& s, const X& x, History<X>& m) const {
    const ExponentialStep w(on, s.from, s.to, eta);
    const bool to_an_end = s.to.is_clean_data() || s.to.is_pure_noise();
    const int q = to_an_end ? 1 : w.points(m, order, lower_order, s);

    X y = w.first_order(c, x);
    if (q == 2) y = y + w.slope(difference_weight) * w.h * m.first_difference();
    if (q == 3)
      y = y + w(2) * w.h * m.derivative() + w(3) * w.h * w.h * d2_factor * m.second_difference();
    return eta == 0 ? y : y + s_noise * w.noise * verbs::brownian_increment(c, s.from, s.to, eta);
  }
};

using DPMSolver2M = DPMSolverMultistep<Prediction::epsilon, 2>;
using DPMSolver3M = DPMSolverMultistep<Prediction::epsilon, 3>;
using DPMSolverPP1 = DPMSolverMultistep<Prediction::data, 1>;
using DPMSolverPP2M = DPMSolverMultistep<Prediction::data, 2>;
using DPMSolverPP3M = DPMSolverMultistep<Prediction::data, 3>;

}  // namespace tweedie
