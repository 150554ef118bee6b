// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <limits>
#include <utility>

#include "tweedie/model/model.hpp"
#include "tweedie/model/scratch.hpp"

namespace tweedie {

/// The velocity of the probability-flow ODE and, in rows of its own below it, its divergence: a
/// model of states of dim + K rows, whose last K rows integrate the divergence along the way. With
/// probes v_1 ... v_K, kept for the whole way, row k has Hutchinson's estimate v_k J v_k; without
/// them one row has the trace, by `dim` directions. Grathwohl et al. 2018, arXiv:1810.01367.
///
/// The products with the network's Jacobian come from its jvp(x, call, v, out) or vjp(x, call, v,
/// out), where it offers one: the product of its own output's Jacobian, or of the transposed, with v.
/// Otherwise they are central differences, of two evaluations each.
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
      : model_(std::move(model)), probes_(std::move(probes)), unit_(std::cbrt(network_epsilon)) {}

  /// How many rows lie below the data, and how often the network is asked in one evaluation.
  int rows(Eigen::Index count) const {
    return probes_.size() == 0 ? 1 : static_cast<int>(probes_.cols() / count);
  }
  int evaluations(Eigen::Index dim, Eigen::Index count) const {
    const auto directions = static_cast<int>(probes_.size() == 0 ? dim : rows(count));
    return 1 + directions * (has_product ? 1 : 2);
  }

  template <class Out>
  void operator()(const auto& x, const Call& call, Out& out) {
    using T = typename Out::Scalar;
    const Eigen::Index count = x.cols(), below = rows(count), dim = x.rows() - below;
    const Conversion c =
        verbs::checked_conversion(Prediction::velocity, model_.prediction, call.level);
    auto state = part<T>(state_, dim, count), output = part<T>(output_, dim, count);
    state = x.topRows(dim);
    ask(state, call, output);
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
    for (Scratch* scratch : {&state_, &output_, &direction_, &moved_, &above_})
      scratch->data<T>(rows * count);
    verbs::reserve<Samples<T>>(model_, rows - this->rows(count), count);
  }

 private:
  using Map = Eigen::Map<Samples<double>>;
  static constexpr bool has_product =
      requires(M & m, Eigen::Map<const Samples<double>>& x, const Call& call, Map& out) {
    m.jvp(x, call, out, out);
  }
  || requires(M& m, Eigen::Map<const Samples<double>>& x, const Call& call, Map& out) {
    m.vjp(x, call, out, out);
  };

  M model_;
  Samples<double> probes_;
  double unit_;
  Scratch state_, output_, direction_, moved_, above_;

  template <class T>
  static Eigen::Map<Samples<T>> part(Scratch& scratch, Eigen::Index dim, Eigen::Index count) {
    return {scratch.data<T>(dim * count), dim, count};
  }
  template <class State>
  void ask(const State& state, const Call& call, auto& out) {
    const Eigen::Map<const Samples<typename State::Scalar>> in(state.data(), state.rows(),
                                                               state.cols());
    model_(in, call, out);
  }
  /// Adds factor * v J v of each column to a row.
  template <class T>
  void add_products(const auto& state, const Call& call, const auto& v, double factor, auto row) {
    const Eigen::Index dim = state.rows(), count = state.cols();
    auto product = part<T>(above_, dim, count), moved = part<T>(moved_, dim, count);
    const Eigen::Map<const Samples<T>> in(state.data(), dim, count);
    if constexpr (requires { model_.jvp(in, call, v, product); }) {
      model_.jvp(in, call, v, product);
    } else if constexpr (requires { model_.vjp(in, call, v, product); }) {
      model_.vjp(in, call, v, product);
    } else {
      auto below = part<T>(output_, dim, count);
      move<T>(state, v, 1, moved);
      ask(moved, call, product);
      move<T>(state, v, -1, moved);
      ask(moved, call, below);
      for (Eigen::Index n = 0; n < count; ++n)
        if (const double h = step(state, v, n); h > 0)
          product.col(n) = (product.col(n) - below.col(n)) / static_cast<T>(2 * h);
    }
    row += static_cast<T>(factor) * (v.array() * product.array()).colwise().sum().matrix();
  }
  /// The best length for a central difference, 0 along nothing.
  double step(const auto& state, const auto& v, Eigen::Index n) const {
    const auto size = static_cast<double>(v.col(n).norm());
    return size > 0 ? unit_ * (1e-3 + static_cast<double>(state.col(n).norm())) / size : 0;
  }
  template <class T>
  void move(const auto& state, const auto& v, int sign, auto& moved) const {
    for (Eigen::Index n = 0; n < state.cols(); ++n)
      moved.col(n) = state.col(n) + static_cast<T>(sign * step(state, v, n)) * v.col(n);
  }
};

}  // namespace tweedie
