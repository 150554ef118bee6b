// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "tweedie/error.hpp"
#include "tweedie/solver/exponential.hpp"
#include "tweedie/solver/history.hpp"
#include "tweedie/solver/path.hpp"

namespace tweedie {

/// DPM-Solver(++) multistep of order 1, 2 or 3, one evaluation a step: on data Lu et al. 2022,
/// arXiv:2211.01095, algorithm 2 and, with eta > 0, SDE-DPM-Solver++ of the same paper, whose eta =
/// 1 is DDPM's SDE. The order ramps up from 1; to sigma = 0 the step is of first order.
///
/// Of third order is 3M with the second derivative 2 (A - B) / (r0 + r1). The authors' code and
/// k-diffusion leave the 2 out, which is of second order; d2_factor = 1 replays them.
template <Prediction on, int order>
struct DPMSolverMultistep {
  static_assert(order >= 1 && order <= 3);

  double eta = 0, s_noise = 1;
  Form form = Form::midpoint;  ///< of second-order steps
  double d2_factor = 2;
  LowerOrderFinal lower_order_final = {};

  template <class X>
  using Memory = History<X>;

  Facts facts() const {
    const std::string name = on == Prediction::epsilon ? "DPM-Solver" : "DPM-Solver++",
                      which = order == 1 ? "-1" : "(" + std::to_string(order) + "M)";
    const int reached = lower_order_final.global(order == 3 && d2_factor != 2 ? 2 : order);
    if (eta == 0) return {name + which, reached, 1, false, 0, order - 1};
    return {"SDE-" + name + which + (eta == 1 ? "" : ", eta = " + to_text(eta)),
            std::min(reached, 2),
            1,
            true,
            0,
            order - 1};
  }

  template <class X>
  void observe(auto& c, const Interval& s, const X& x, Memory<X>& past) const {
    past.push(c.predict(on, x, s.t), s.t.lambda(), order);
  }

  template <class X>
  X step(auto& c, const auto&, const Interval& s, const X& x,
         std::optional<Memory<X>>& past) const {
    check_not_negative("DPM-Solver multistep", "eta", eta);
    check_not_negative("DPM-Solver multistep", "s_noise", s_noise);
    check(eta == 0 || on == Prediction::data, "DPM-Solver multistep: eta = ", eta,
          " is for the form on data only");
    if (!past) past.emplace();
    observe(c, s, x, *past);
    const ExponentialStep to_u(on, s.t, s.u, eta);
    const int points = s.u.std == 0 ? 1 : lower_order_final.limit(past->size(), s);
    const double h = s.u.lambda() - s.t.lambda();
    const auto difference = [&](std::size_t k) -> X {  // per unit of h
      const auto& [m, at] = *past;
      return h / (at[k] - at[k + 1]) * (m[k] - m[k + 1]);
    };

    X y = to_u.state * x + to_u.weight(1) * (*past)[0];
    if (points == 2) y = y + to_u.slope(form) * difference(0);
    if (points == 3) {
      const auto& at = past->at;
      const double r0 = (at[0] - at[1]) / h, r1 = (at[1] - at[2]) / h;
      const X A = difference(0), B = difference(1), bend = (A - B) / (r0 + r1);
      y = y + to_u.weight(2) * (A + r0 * bend) + to_u.weight(3) * d2_factor * bend;
    }
    return eta == 0 ? y : y + s_noise * to_u.noise * normal_over(c, s.t, s.u, eta);
  }
};

using DPMSolver2M = DPMSolverMultistep<Prediction::epsilon, 2>;
using DPMSolver3M = DPMSolverMultistep<Prediction::epsilon, 3>;
using DPMSolverPP1 = DPMSolverMultistep<Prediction::data, 1>;
using DPMSolverPP2M = DPMSolverMultistep<Prediction::data, 2>;
using DPMSolverPP3M = DPMSolverMultistep<Prediction::data, 3>;

}  // namespace tweedie
