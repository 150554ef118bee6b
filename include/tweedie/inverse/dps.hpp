// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <utility>

#include "tweedie/inverse/data_jacobian.hpp"
#include "tweedie/inverse/measured.hpp"

namespace tweedie {

/// Diffusion posterior sampling, Chung et al. 2022, arXiv:2209.14687, algorithm 1: after the step the
/// state goes against the gradient of |y - A D|^2, taken before it, by zeta / |y - A D|. Written as
/// a shift of the data in the step of DDIM and Euler (from a level to call.to), which it is exactly;
/// in other solvers it is of the same kind. One product with the network's Jacobian.
template <Predictor M, Measurement A>
class DPS {
 public:
  Prediction prediction = Prediction::data;

  DPS(M model, A map, Eigen::MatrixXd y, double zeta)
      : jacobian_(std::move(model)), measured_("dps", std::move(map), std::move(y)), zeta_(zeta) {
    check(zeta >= 0 && std::isfinite(zeta), "dps: zeta = ", zeta, " must be at least 0 and finite");
  }

  template <class Out>
  void operator()(const auto& x, const Call& call, Out& out) {
    using T = typename Out::Scalar;
    const Level &l = call.level, &to = call.to;
    measured_.check_call(x, call);
    jacobian_.data(x, call, out);
    const double of_data = to.scale * (1 - to.sigma() / l.sigma());  // D's weight in the step
    if (!(of_data > 0)) return;
    auto residual = measured_.template vectors<T>(residual_, x.cols());
    measured_.residual(call, out, residual);
    for (Eigen::Index k = 0; k < x.cols(); ++k) {
      const double size = static_cast<double>(residual.col(k).norm());
      residual.col(k) *= static_cast<T>(size > 0 ? 2 * zeta_ / (l.scale * size * of_data) : 0);
    }
    auto state = state_.like(out), moved = moved_.like(out);
    measured_.map.adjoint(residual, state.matrix());
    jacobian_.transposed(x, call, state, moved);
    out += moved;
  }
  template <class Plain>
  void reserve(Eigen::Index dim, Eigen::Index count) {
    using T = typename Plain::Scalar;
    measured_.template vectors<T>(residual_, count);
    state_.data<T>(dim * count), moved_.data<T>(dim * count);
    jacobian_.template reserve<Plain>(dim, count);
  }

 private:
  DataJacobian<M> jacobian_;
  Measured<A> measured_;
  double zeta_;
  Scratch residual_, state_, moved_;
};

namespace verbs {

template <Predictor M, Measurement A>
DPS<M, A> dps(M model, A map, Eigen::MatrixXd y, double zeta = 1) {
  return {std::move(model), std::move(map), std::move(y), zeta};
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
