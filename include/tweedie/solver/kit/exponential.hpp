// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "tweedie/math/quadrature.hpp"
#include "tweedie/model/prediction.hpp"
#include "tweedie/solver/kit/history.hpp"

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
///   x_u = w.state x + w(1) m_t + w(2) h m' + w(3) h^2 m'' + ...
///
/// On epsilon it is that of DPM-Solver (Lu et al. 2022, arXiv:2206.00927, eq. 3.4), on data that of
/// DPM-Solver++ (arXiv:2211.01095, eq. 8). eta > 0, on data only, is the drift of the SDE
/// dxhat = (1 + eta)(data - xhat) dlambda + sqrt(2 eta) sigma dW, whose noise has the size `noise`.
struct ExponentialStep {
  double state, factor, z, first, noise, h, lambda;  // w(k) = factor z phi_k(z); lambda of t

  ExponentialStep(Prediction on, const Level& t, const Level& u, double eta = 0)
      : h(u.lambda() - t.lambda()), lambda(t.lambda()) {
    if (on == Prediction::data) {
      state = u.std / t.std * (eta == 0 ? 1 : std::exp(-eta * h));
      factor = -u.scale, z = -(1 + eta) * h, first = factor * std::expm1(z);
    } else {
      state = u.scale / t.scale;
      factor = -u.std, z = h, first = u.scale * (u.sigma() - t.sigma());
    }
    noise = eta == 0 ? 0 : u.std * std::sqrt(-std::expm1(-2 * eta * h));
  }

  double operator()(int k) const { return k == 1 ? first : factor * math::z_times_phi(k, z); }
  /// The weight of a first difference per unit of h.
  double slope(DifferenceWeight weight) const {
    return weight == DifferenceWeight::midpoint ? first / 2 : (*this)(2);
  }

  /// What the polynomial through the newest `points` values adds: the sum above, as a quadrature
  /// rule over their nodes.
  template <class X>
  X integral(const History<X>& m, int points) const {
    points = std::min(points, m.finite());
    if (points == 1) return first * m[0];
    std::vector<double> r = m.nodes(points), moments;
    double factorial = 1;
    for (int k = 0; k < points; factorial *= ++k) {
      math::element(r, k) = (math::element(r, k) - lambda) / h;
      moments.push_back(factorial * (*this)(k + 1));
    }
    const std::vector<double> weights = math::quadrature_weights(r, std::move(moments));
    X sum = weights[0] * m[0];
    for (int k = 1; k < points; ++k) sum = sum + math::element(weights, k) * m[k];
    return sum;
  }
};

}  // namespace tweedie
