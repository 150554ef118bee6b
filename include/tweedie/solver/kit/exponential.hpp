// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <utility>
#include <vector>

#include "tweedie/math/quadrature.hpp"
#include "tweedie/model/prediction.hpp"
#include "tweedie/solver/kit/history.hpp"
#include "tweedie/solver/kit/lower_order.hpp"

namespace tweedie {

/// By which weight the first difference of the model enters an exponential integrator: that of the
/// midpoint rule, or that of the Taylor expansion ("heun" in k-diffusion, "taylor" in dpm-solver).
enum class DifferenceWeight { midpoint, taylor };

/// What an exponential method can be on: the value whose linear part it takes exactly.
template <Prediction on>
inline constexpr bool is_exponential = on == Prediction::epsilon || on == Prediction::data;

/// The step w from level t to level u that takes the linear part exactly and integrates a
/// polynomial m(lambda) of the model, with h = lambda_u - lambda_t:
///
///   x_u = w.first_order + w(2) h m' + w(3) h^2 m'' + ...,   w.first_order = w.state x + w(1) m_t
///
/// On epsilon it is that of DPM-Solver (Lu et al. 2022, arXiv:2206.00927, eq. 3.4), on data that of
/// DPM-Solver++ (arXiv:2211.01095, eq. 8). eta > 0, on data only, is the drift of the SDE
/// dxhat = (1 + eta)(data - xhat) dlambda + sqrt(2 eta) sigma dW, whose noise has the size `noise`.
/// From pure noise and from clean data h is infinite; what has a limit there has its limit.
struct ExponentialStep {
  Prediction on;
  Level t, u;
  double h, factor, z, state, first, epsilon, noise;  // w(k) = factor z phi_k(z)

  ExponentialStep(Prediction of, const Level& from, const Level& to, double eta = 0)
      : on(of), t(from), u(to), h(u.lambda() - t.lambda()) {
    const double kept = eta == 0 ? 1 : std::exp(-eta * h);
    if (on == Prediction::data) {
      factor = -u.scale, z = -(1 + eta) * h;
      state = u.std / t.std * kept, first = factor * std::expm1(z);
    } else {
      factor = -u.std, z = h;
      state = u.scale / t.scale, first = u.scale * (u.sigma() - t.sigma());
    }
    epsilon = u.std * kept;
    noise = eta == 0 ? 0 : u.std * std::sqrt(-std::expm1(-2 * eta * h));
  }

  double operator()(int k) const { return k == 1 ? first : factor * math::z_times_phi(k, z); }
  /// The weight of a first difference per unit of h.
  double slope(DifferenceWeight weight) const {
    return weight == DifferenceWeight::midpoint ? first / 2 : (*this)(2);
  }
  /// Where a level lies in the step: 0 at t, 1 at u.
  double place(const Level& l) const {
    return l == t ? 0 : l == u ? 1 : (l.lambda() - t.lambda()) / h;
  }

  /// w.state x + w(1) m for the model at x itself, in the form that holds at both ends.
  template <class X>
  X first_order(auto& c, const X& x) const {
    return c.mix(x, t, u.scale, epsilon);
  }
  /// The same for a value m of another state at t.
  template <class X>
  X first_order_by(const X& m, const X& x) const {
    if (!u.is_pure_noise()) return state * x + first * m;
    return on == Prediction::data ? u.std / t.std * (x - t.scale * m) : u.std * m;
  }

  /// The weights with which the newest `points` values add to the first-order step, each its
  /// difference from the value at t: the sum above as a quadrature rule over their places.
  template <class X>
  std::vector<double> weights(const History<X>& m, int points) const {
    std::vector<double> places, moments{0};
    for (int k = 0; k < points; ++k) places.push_back(place(m.level(k)));
    double factorial = 1;
    for (int k = 1; k < points; factorial *= ++k) moments.push_back(factorial * (*this)(k + 1));
    return math::quadrature_weights(places, std::move(moments));
  }
  /// How many of the newest values a step may take, by its own rule and at most `most`.
  template <class X>
  int points(const History<X>& m, int most, const LowerOrder& lower, const Interval& s) const {
    return lower.points(std::min(most, m.size()), s, [&](int q) { return relative(m, q); });
  }
  /// The same for a corrector, in whose history the newest value is that at u.
  template <class X>
  int corrector_points(const History<X>& m, int most, const LowerOrder& lower) const {
    return lower.corrector_points(std::min(most, m.size()), [&](int q) { return relative(m, q); });
  }
  /// What a polynomial through the newest `points` values adds to the first-order step.
  template <class X>
  X correction(const History<X>& m, int points, X y) const {
    const std::vector<double> w = weights(m, points);
    int at_t = 0;
    while (m.level(at_t) != t) ++at_t;
    for (int k = 0; k < points; ++k)
      if (k != at_t) y = y + math::element(w, k) * (m[k] - m[at_t]);
    return y;
  }

 private:
  template <class X>
  std::vector<double> relative(const History<X>& m, int points) const {
    std::vector<double> all = weights(m, points);
    // With eta > 0 the values weigh more and the state less, but they follow each other as before.
    const double alone = on == Prediction::data ? factor * std::expm1(-h) : first;
    for (int k = 0; k < points; ++k)
      math::element(all, k) *= m.level(k) == t ? 0 : relative_error(on, m.level(k), t) / alone;
    return all;
  }
};

}  // namespace tweedie
