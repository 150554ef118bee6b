// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <limits>
#include <utility>

#include "tweedie/model/model.hpp"
#include "tweedie/model/scratch.hpp"

namespace tweedie {

/// A model's data prediction D, and products with its Jacobian J = dD / d(x / scale).
template <Predictor M>
class DataJacobian {
 public:
  explicit DataJacobian(M model) : model_(std::move(model)) {}

  template <class Out>
  void data(const auto& x, const Call& call, Out& out) {
    const Conversion c = conversion_at(call.level);
    model_(x, call, out);
    out *= static_cast<typename Out::Scalar>(c.output);
    if (c.state != 0) out += static_cast<typename Out::Scalar>(c.state) * x;
  }

  /// out = J^T v. A model that offers vjp(x, call, v, out), the product of v with its own output's
  /// Jacobian transposed, is asked once. Without it two evaluations of the network make a central
  /// difference along v, which is J v: the same for a perfect denoiser, whose Jacobian is symmetric,
  /// since it is Cov[x0 | x] / sigma^2.
  template <class Out>
  void transposed(const auto& x, const Call& call, const auto& v, Out& out) {
    using T = typename Out::Scalar;
    const Conversion c = conversion_at(call.level);
    const double scale = call.level.scale;
    if constexpr (requires { model_.vjp(x, call, v, out); }) {
      model_.vjp(x, call, v, out);
      out = static_cast<T>(scale * c.state) * v + static_cast<T>(scale * c.output) * out;
    } else {
      auto moved = moved_.like(out), below = below_.like(out);
      const Eigen::Map<const PlainOf<Out>> in(moved.data(), moved.rows(), moved.cols());
      move(x, v, 1, moved);
      model_(in, call, out);
      move(x, v, -1, moved);
      model_(in, call, below);
      for (Eigen::Index k = 0; k < out.cols(); ++k) {
        const double h = step(x, v, k);
        auto column = out.matrix().col(k);
        column = static_cast<T>(h > 0 ? scale * c.output / (2 * h) : 0) *
                 (column - below.matrix().col(k));
        column += static_cast<T>(scale * c.state) * v.matrix().col(k);
      }
    }
  }
  template <class Plain>
  void reserve(Eigen::Index dim, Eigen::Index count) {
    moved_.data<typename Plain::Scalar>(dim * count);
    below_.data<typename Plain::Scalar>(dim * count);
    verbs::reserve<Plain>(model_, dim, count);
  }

 private:
  M model_;
  Scratch moved_, below_;

  Conversion conversion_at(const Level& level) const {
    return verbs::checked_conversion(Prediction::data, model_.prediction, level);
  }
  /// The length of v that x is moved by: the best for a central difference in the scalar.
  template <class X>
  static double step(const X& x, const auto& v, Eigen::Index k) {
    using T = typename X::Scalar;
    const double size = static_cast<double>(v.matrix().col(k).norm()),
                 unit = std::cbrt(static_cast<double>(std::numeric_limits<T>::epsilon()));
    return size > 0 ? unit * (1e-3 + static_cast<double>(x.matrix().col(k).norm())) / size : 0;
  }
  static void move(const auto& x, const auto& v, int sign, auto& moved) {
    using T = typename std::decay_t<decltype(moved)>::Scalar;
    for (Eigen::Index k = 0; k < x.cols(); ++k)
      moved.matrix().col(k) =
          x.matrix().col(k) + static_cast<T>(sign * step(x, v, k)) * v.matrix().col(k);
  }
};

}  // namespace tweedie
