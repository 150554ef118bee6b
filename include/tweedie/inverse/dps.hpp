// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <utility>

#include "tweedie/inverse/data_jacobian.hpp"
#include "tweedie/inverse/measurement.hpp"

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
      : jacobian_(std::move(model)), map_(std::move(map)), y_(std::move(y)), zeta_(zeta) {
    check(y_.rows() == map_.size() && y_.cols() >= 1, "dps: y is ", y_.rows(), " x ", y_.cols(),
          ", the measurement has ", map_.size(), " numbers; y has a row for each");
    check(zeta >= 0 && std::isfinite(zeta), "dps: zeta = ", zeta, " must be at least 0 and finite");
  }

  template <class Out>
  void operator()(const auto& x, const Call& call, Out& out) {
    using T = typename Out::Scalar;
    const Level &l = call.level, &to = call.to;
    check(x.rows() == map_.dim(), "dps: the states have ", x.rows(),
          " coordinates, the measurement is of ", map_.dim());
    check(!l.is_pure_noise(),
          "dps: at sigma = infinity x says nothing of the data; begin a little "
          "below, with {.t_max = 0.99} or {.sigma_max = 100}");
    jacobian_.data(x, call, out);
    const double of_data = to.scale * (1 - to.sigma() / l.sigma());  // D's weight in the step
    if (!(of_data > 0)) return;
    Eigen::Map<Samples<T>> residual(residual_.data<T>(map_.size() * x.cols()), map_.size(),
                                    x.cols());
    map_.apply(out.matrix(), residual);
    for (Eigen::Index k = 0; k < x.cols(); ++k) {
      const std::int64_t sample = call.first_sample + k;
      check(y_.cols() == 1 || sample < y_.cols(), "dps: sample ", sample, " needs a column of y, ",
            y_.cols(), " are given");
      const auto y = y_.col(y_.cols() == 1 ? 0 : static_cast<Eigen::Index>(sample));
      residual.col(k) = y.template cast<T>() - residual.col(k);
      const double size = static_cast<double>(residual.col(k).norm());
      residual.col(k) *= static_cast<T>(size > 0 ? 2 * zeta_ / (l.scale * size * of_data) : 0);
    }
    auto state = state_.like(out), moved = moved_.like(out);
    map_.adjoint(residual, state.matrix());
    jacobian_.transposed(x, call, state, moved);
    out += moved;
  }
  template <class Plain>
  void reserve(Eigen::Index dim, Eigen::Index count) {
    using T = typename Plain::Scalar;
    residual_.data<T>(map_.size() * count);
    state_.data<T>(dim * count), moved_.data<T>(dim * count);
    jacobian_.template reserve<Plain>(dim, count);
  }

 private:
  DataJacobian<M> jacobian_;
  A map_;
  Eigen::MatrixXd y_;
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
