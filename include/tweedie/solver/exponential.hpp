// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "tweedie/solver/context.hpp"
#include "tweedie/solver/weights.hpp"

namespace tweedie {

/// How the first difference of the model enters an exponential integrator: by the weight of the
/// midpoint rule, or by that of the Taylor expansion ("heun" in k-diffusion, "taylor" in
/// dpm-solver).
enum class Form { midpoint, taylor };

/// The step from level t to level v that takes the linear part exactly and integrates a polynomial
/// m(lambda) of the model, with h = lambda_v - lambda_t:
///
///   x_v = state x + weight(1) m_t + weight(2) h m' + weight(3) h^2 m'' + ...
///
/// On epsilon it is that of DPM-Solver (Lu et al. 2022, arXiv:2206.00927, eq. 3.4), on data that of
/// DPM-Solver++ (arXiv:2211.01095, eq. 8). eta > 0, on data only, is the drift of the SDE
/// dxhat = (1 + eta)(data - xhat) dlambda + sqrt(2 eta) sigma dW, whose noise has the size `noise`.
struct ExponentialStep {
  double state, gain, z, first, noise;

  ExponentialStep(Prediction on, const Level& t, const Level& v, double eta = 0) {
    const double h = v.lambda() - t.lambda();
    if (on == Prediction::data) {
      state = v.std / t.std * (eta == 0 ? 1 : std::exp(-eta * h));
      gain = -v.scale, z = -(1 + eta) * h, first = gain * std::expm1(z);
    } else {
      state = v.scale / t.scale;
      gain = -v.std, z = h, first = v.scale * (v.sigma() - t.sigma());
    }
    noise = eta == 0 ? 0 : v.std * std::sqrt(-std::expm1(-2 * eta * h));
  }

  double weight(int k) const { return k == 1 ? first : gain * z_phi(k, z); }
  /// The weight of a first difference per unit of h.
  double slope(Form form) const { return form == Form::midpoint ? first / 2 : weight(2); }
};

}  // namespace tweedie
