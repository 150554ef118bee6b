// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <array>
#include <cmath>
#include <limits>

#include "tweedie/model/predict.hpp"

namespace tweedie {

template <class M, class X, class V, class Out>
concept OffersJVP = requires(M& model, const X& x, const Call& call, const V& v, Out& out) {
  model.jvp(x, call, v, out);
};

/// Products with the Jacobian J of a model's own output. A model that offers vjp(x, call, v, out),
/// which is J^T v, or jvp, which is J v, is asked once. Without either, two evaluations of the network
/// make a central difference along v, which is J v. For a perfect denoiser the two are the same: its
/// Jacobian is symmetric, since it is Cov[x0 | x] / sigma^2.
class JacobianProduct {
 public:
  /// `precision` is the relative one of the network's numbers, on which differences depend; 0: that
  /// of the state's scalar.
  explicit JacobianProduct(double precision = 0) : precision_(precision) {}

  using In = Eigen::Map<const Samples<double>>;
  using Result = Eigen::Map<Samples<double>>;
  template <class M>
  static constexpr bool is_offered = OffersVJP<M, In, In, Result> || OffersJVP<M, In, In, Result>;

  template <class M, class X, class V, class Out>
  void operator()(M& model, const X& x, const Call& call, const V& v, Out& out) {
    if constexpr (OffersVJP<M, X, V, Out>) {
      model.vjp(x, call, v, out);
    } else if constexpr (OffersJVP<M, X, V, Out>) {
      model.jvp(x, call, v, out);
    } else {
      auto moved = memory[0].like(out), below = memory[1].like(out);
      move(x, v, 1, moved);
      model(verbs::view_of(moved), call, out);
      move(x, v, -1, moved);
      model(verbs::view_of(moved), call, below);
      using T = typename Out::Scalar;
      for (Eigen::Index k = 0; k < out.cols(); ++k) {
        const double h = step(x, v, k);
        auto column = out.matrix().col(k);
        column = static_cast<T>(h > 0 ? 1 / (2 * h) : 0) * (column - below.matrix().col(k));
      }
    }
  }
  std::array<Scratch, 2> memory = {};

 private:
  double precision_;

  /// The length of v that x is moved by: the best for a central difference; 0 along nothing.
  template <class X>
  double step(const X& x, const auto& v, Eigen::Index k) const {
    using T = typename X::Scalar;
    const double precision =
        precision_ > 0 ? precision_ : static_cast<double>(std::numeric_limits<T>::epsilon());
    const double size = static_cast<double>(v.matrix().col(k).norm());
    return size > 0 ? std::cbrt(precision) *
                          (1e-3 + static_cast<double>(x.matrix().col(k).norm())) / size
                    : 0;
  }
  void move(const auto& x, const auto& v, int sign, auto& moved) const {
    using T = typename std::decay_t<decltype(moved)>::Scalar;
    for (Eigen::Index k = 0; k < x.cols(); ++k)
      moved.matrix().col(k) =
          x.matrix().col(k) + static_cast<T>(sign * step(x, v, k)) * v.matrix().col(k);
  }
};

}  // namespace tweedie
