// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <span>
#include <string>

#include "tweedie/error.hpp"
#include "tweedie/solver/exponential.hpp"
#include "tweedie/solver/solver.hpp"

namespace tweedie {

struct Noiseless {
  template <class X>
  X operator()(const X& y, const Level&) const {
    return y;
  }
};

/// One exponential Runge-Kutta step of order 1 + (number of inner nodes), at most 3: DPM-Solver-1,
/// -2 and -3 on epsilon, Lu et al. 2022, arXiv:2206.00927, algorithms 1 and 2; DPM-Solver++(1),
/// (2S) and 3S on data, arXiv:2211.01095, algorithm 1. To sigma = 0 it is of first order. `inner`
/// weighs the difference in the second node. With eta > 0 it is the drift of SEEDS, and
/// with_noise(y, level) adds the noise up to that level.
template <Prediction on, class X, class WithNoise = Noiseless>
X singlestep(auto& c, const Interval& s, const X& x, std::span<const Level> nodes, Form form,
             Form inner = Form::taylor, double eta = 0, WithNoise with_noise = {}) {
  const Level &t = s.t, &u = s.u;
  const auto r = [&](std::size_t k) {
    return (nodes[k].lambda() - t.lambda()) / (u.lambda() - t.lambda());
  };
  const X m = c.predict(on, x, t);
  const ExponentialStep to_u(on, t, u, eta);
  const X base = to_u.state * x + to_u.weight(1) * m;
  if (nodes.empty() || u.std == 0) return with_noise(base, u);

  const ExponentialStep to_1(on, t, nodes[0], eta);
  const X u_1 = with_noise(X(to_1.state * x + to_1.weight(1) * m), nodes[0]);
  const X A = (c.predict(on, u_1, nodes[0]) - m) / r(0);
  if (nodes.size() == 1) return with_noise(base + to_u.slope(form) * A, u);

  const ExponentialStep to_2(on, t, nodes[1], eta);
  const X u_2 =
      with_noise(to_2.state * x + to_2.weight(1) * m + to_2.slope(inner) * r(1) * A, nodes[1]);
  const X B = (c.predict(on, u_2, nodes[1]) - m) / r(1);
  if (form == Form::midpoint) return with_noise(base + to_u.weight(2) * B, u);
  const X slope = (r(1) * A - r(0) * B) / (r(1) - r(0)), bend = 2 * (B - A) / (r(1) - r(0));
  return with_noise(base + to_u.weight(2) * slope + to_u.weight(3) * bend, u);
}

/// The level at a fraction of an interval in lambda.
inline Level level_at(const auto& process, const Interval& s, double fraction) {
  if (fraction == 1 || s.u.std == 0) return s.u;
  const double h = s.u.lambda() - s.t.lambda();
  return process.at_sigma(s.t.sigma() * std::exp(-fraction * h));
}

/// DPM-Solver-2 and DPM-Solver++(2S): two stages, the second at the fraction r of the step in
/// lambda. On epsilon r = 1/2 is k-diffusion's dpm_2; on data in Taylor's form r = 1/2 is RES-2s
/// and r = 1 exponential Heun (Zhang, Song & Chen 2023, arXiv:2308.02157). To sigma = 0 of first
/// order.
template <Prediction on>
struct TwoStageExponential {
  double r = 0.5;
  Form form = Form::midpoint;

  Facts facts() const {
    if (on == Prediction::data && r == 1 && form == Form::taylor)
      return {"exponential Heun", 2, 2, false};
    return {on == Prediction::data ? "DPM-Solver++(2S)" : "DPM-Solver-2", 2, 2, false};
  }

  template <class X>
  X step(auto& c, const auto& process, const Interval& s, const X& x) const {
    check(r > 0 && r <= 1, facts().name, ": r = ", r, " must lie in (0, 1]");
    return singlestep<on>(c, s, x, std::array{level_at(process, s, r)}, form);
  }
};

/// DPM-Solver-3 and DPM-Solver++ 3S: three stages, at the fractions r1 and r2. The second stage is
/// of second order only, so that its weight must vanish for the third: r2 = 2/3 and any r1. To
/// sigma = 0 of first order.
template <Prediction on>
struct ThreeStageExponential {
  double r1 = 1. / 3, r2 = 2. / 3;
  Form form = Form::midpoint;

  Facts facts() const {
    const bool third = std::abs(r2 - 2. / 3) < 1e-9;
    return {on == Prediction::data ? "DPM-Solver++(3S)" : "DPM-Solver-3", third ? 3 : 2, 3, false};
  }

  template <class X>
  X step(auto& c, const auto& process, const Interval& s, const X& x) const {
    check(0 < r1 && r1 < r2 && r2 <= 1, facts().name, ": r1 = ", r1, " and r2 = ", r2,
          " must rise in (0, 1]");
    return singlestep<on>(c, s, x, std::array{level_at(process, s, r1), level_at(process, s, r2)},
                          form);
  }
};

using DPMSolver2 = TwoStageExponential<Prediction::epsilon>;
using DPMSolver3 = ThreeStageExponential<Prediction::epsilon>;
using DPMSolverPP2S = TwoStageExponential<Prediction::data>;
using DPMSolverPP3S = ThreeStageExponential<Prediction::data>;

}  // namespace tweedie
