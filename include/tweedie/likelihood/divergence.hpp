// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <limits>
#include <utility>

#include "tweedie/model/jacobian.hpp"

namespace tweedie {

/// The velocity of the probability-flow ODE and, in rows of its own below it, its divergence: a
/// model of states of dim + K rows, whose last K rows integrate the divergence along the way. With
/// probes v_1 ... v_K, kept for the whole way, row k has Hutchinson's estimate v_k J v_k; without
/// them one row has the trace, by `dim` directions. Grathwohl et al. 2018, arXiv:1810.01367.
///
/// The products with the network's Jacobian come from its vjp or jvp, where it offers one; otherwise
/// they are central differences, of two evaluations each.
template <Predictor M>
class VelocityWithDivergence {
 public:
  Prediction prediction = Prediction::velocity;

  /// `probes` has dim rows and K * count columns, K probes of a sample after each other; none: the
  /// trace.
  /// `network_epsilon` is the relative precision of the network's numbers, which central differences
  /// depend on.
  VelocityWithDivergence(M model, Samples<double> probes,
                         double network_epsilon = std::numeric_limits<double>::epsilon())
      : model_(std::move(model)), probes_(std::move(probes)), product_(network_epsilon) {}

  /// How many rows lie below the data, and how often the network is asked in one evaluation.
  int rows(Eigen::Index count) const {
    return probes_.size() == 0 ? 1 : static_cast<int>(probes_.cols() / count);
  }
  int evaluations(Eigen::Index dim, Eigen::Index count) const {
    const auto directions = static_cast<int>(probes_.size() == 0 ? dim : rows(count));
    return 1 + directions * (JacobianProduct::is_offered<M> ? 1 : 2);
  }

  template <class Out>
  void operator()(const auto& x, const Call& call, Out& out) {
    using T = typename Out::Scalar;
    const Eigen::Index count = x.cols(), below = rows(count), dim = x.rows() - below;
    const Conversion c =
        verbs::checked_conversion(Prediction::velocity, model_.prediction, call.level);
    auto state = part<T>(state_, dim, count), output = part<T>(output_, dim, count);
    state = x.topRows(dim);
    model_(verbs::view_of(state), call, output);
    out.topRows(dim) = static_cast<T>(c.state) * state + static_cast<T>(c.output) * output;
    if (probes_.size() == 0) {
      out.row(dim).setConstant(static_cast<T>(c.state * double(dim)));
      auto direction = part<T>(direction_, dim, count);
      for (Eigen::Index i = 0; i < dim; ++i) {
        direction.setZero();
        direction.row(i).setOnes();
        add_products<T>(state, call, direction, c.output, out.row(dim));
      }
      return;
    }
    for (Eigen::Index k = 0; k < below; ++k) {
      auto direction = part<T>(direction_, dim, count);
      for (Eigen::Index n = 0; n < count; ++n)
        direction.col(n) = probes_.col(n * below + k).template cast<T>();
      out.row(dim + k) = static_cast<T>(c.state) * direction.colwise().squaredNorm();
      add_products<T>(state, call, direction, c.output, out.row(dim + k));
    }
  }
  template <class Plain>
  void reserve(Eigen::Index rows, Eigen::Index count) {
    using T = typename Plain::Scalar;
    for (Scratch* scratch :
         {&state_, &output_, &direction_, &product_.memory[0], &product_.memory[1]})
      scratch->data<T>(rows * count);
    verbs::reserve<Samples<T>>(model_, rows - this->rows(count), count);
  }

 private:
  M model_;
  Samples<double> probes_;
  JacobianProduct product_;
  Scratch state_, output_, direction_;

  template <class T>
  static Eigen::Map<Samples<T>> part(Scratch& scratch, Eigen::Index dim, Eigen::Index count) {
    return {scratch.data<T>(dim * count), dim, count};
  }
  /// Adds factor * v J v of each column to a row.
  template <class T>
  void add_products(const auto& state, const Call& call, const auto& v, double factor, auto row) {
    auto product = part<T>(output_, state.rows(), state.cols());
    product_(model_, verbs::view_of(state), call, verbs::view_of(v), product);
    row += static_cast<T>(factor) * (v.array() * product.array()).colwise().sum().matrix();
  }
};

}  // namespace tweedie
