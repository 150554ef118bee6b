// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <array>
#include <cmath>
#include <utility>

#include "tweedie/inverse/measured.hpp"

namespace tweedie {

/// The shift of the data of diffusion posterior sampling.
template <Measurement A>
struct DPSShift {
  Measured<A> measured;
  double zeta;
  JacobianProduct jacobian = JacobianProduct();
  std::array<Scratch, 2> memory = {};
  Scratch vectors = {};

  Output output(const Output& inner) const { return measured.output(inner); }
  template <class Out>
  void operator()(auto& model, const auto& x, const Call& call, Out& out) {
    using T = typename Out::Scalar;
    const Level &l = call.level, &to = call.to;
    measured.check_call(x, call);
    verbs::predict(model, Prediction::data, x, call, out);
    const double of_data = to.scale * (1 - to.sigma() / l.sigma());  // D's weight in the step
    if (!(of_data > 0)) return;
    auto residual = measured.template vectors<T>(vectors, x.cols());
    measured.residual(call, out, residual);
    for (Eigen::Index k = 0; k < x.cols(); ++k) {
      const double size = static_cast<double>(residual.col(k).norm());
      residual.col(k) *= static_cast<T>(size > 0 ? 2 * zeta / (l.scale * size * of_data) : 0);
    }
    auto state = memory[0].like(out), moved = memory[1].like(out);
    measured.map.adjoint(residual, state.matrix());
    verbs::data_vjp(jacobian, model, x, call, state, moved);
    out += moved;
  }
  template <class Plain>
  void reserve(Eigen::Index dim, Eigen::Index count) {
    using T = typename Plain::Scalar;
    measured.template vectors<T>(vectors, count);
    for (Scratch& scratch : jacobian.memory) scratch.data<T>(dim * count);
  }
};

namespace verbs {

/// Diffusion posterior sampling, Chung et al. 2022, arXiv:2209.14687, algorithm 1: after the step the
/// state goes against the gradient of |y - A D|^2, taken before it, by zeta / |y - A D|. Written as
/// a shift of the data in the step of DDIM and Euler (from a level to call.to), which it is exactly;
/// in other solvers it is of the same kind. One product with the network's Jacobian.
template <Predictor M, Measurement A>
Wrapped<DPSShift<A>, M> dps(M model, A map, Eigen::MatrixXd y, double zeta = 1) {
  check(zeta >= 0 && std::isfinite(zeta), "dps: zeta = ", zeta, " must be at least 0 and finite");
  return verbs::wrapped(DPSShift<A>{Measured<A>("dps", std::move(map), std::move(y)), zeta},
                        std::move(model));
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
