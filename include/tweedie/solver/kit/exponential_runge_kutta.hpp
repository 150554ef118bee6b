// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <span>

#include "tweedie/solver/kit/exponential.hpp"
#include "tweedie/solver/solver.hpp"

namespace tweedie {

/// What is added to a stage of an ODE: nothing.
struct Noiseless {
  template <class X>
  X operator()(const X& y, const Level&) const {
    return y;
  }
};

namespace verbs {

/// The level at a fraction of an interval in lambda. Of an infinitely long one it is the infinite
/// end.
inline Level level_between(auto& c, const Interval& s, double fraction) {
  if (fraction == 1 || s.to.is_clean_data() || s.to.is_pure_noise()) return s.to;
  if (s.from.is_clean_data() || s.from.is_pure_noise()) return s.from;
  const double h = s.to.lambda() - s.from.lambda();
  return c.level_at_sigma(s.from.sigma() * std::exp(-fraction * h));
}

/// One exponential Runge-Kutta step of order 1 + (number of inner nodes), at most 3: DPM-Solver-1,
/// -2 and -3 on epsilon, Lu et al. 2022, arXiv:2206.00927, algorithms 1 and 2; DPM-Solver++(1),
/// (2S) and 3S on data, arXiv:2211.01095, algorithm 1. It is of first order to clean data or pure
/// noise, from clean data and, on data, from pure noise unless its first node is the end. `inner`
/// weighs the difference in the second node. With eta > 0 it is the drift of SEEDS, and
/// with_noise(y, level) adds the noise up to that level.
template <Prediction on, class X, class WithNoise = Noiseless>
X exponential_runge_kutta(auto& c, const Interval& s, const X& x, std::span<const Level> nodes,
                          DifferenceWeight outer, DifferenceWeight inner = DifferenceWeight::taylor,
                          double eta = 0, WithNoise with_noise = {}) {
  const Level &t = s.from, &u = s.to;
  const ExponentialStep w(on, t, u, eta);
  const auto r = [&](std::size_t k) { return w.place(nodes[k]); };
  const X base = w.first_order(c, x);
  const bool has_limit = t.is_clean_data() || (t.is_pure_noise() && on == Prediction::data);
  const bool infinite = t.is_clean_data() && on == Prediction::data;
  if (nodes.empty() || u.is_clean_data() || u.is_pure_noise() || infinite ||
      (has_limit && nodes[0] == t))
    return with_noise(base, u);

  const X m = c.predict(on, x, t);
  const ExponentialStep w_1(on, t, nodes[0], eta);
  const X u_1 = with_noise(w_1.first_order(c, x), nodes[0]);
  const X A = (c.predict(on, u_1, nodes[0]) - m) / r(0);
  if (nodes.size() == 1) return with_noise(base + w.slope(outer) * A, u);

  const ExponentialStep w_2(on, t, nodes[1], eta);
  const X u_2 = with_noise(w_2.first_order(c, x) + w_2.slope(inner) * r(1) * A, nodes[1]);
  const X B = (c.predict(on, u_2, nodes[1]) - m) / r(1);
  if (outer == DifferenceWeight::midpoint) return with_noise(base + w(2) * B, u);
  const X slope = (r(1) * A - r(0) * B) / (r(1) - r(0)), bend = 2 * (B - A) / (r(1) - r(0));
  return with_noise(base + w(2) * slope + w(3) * bend, u);
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
