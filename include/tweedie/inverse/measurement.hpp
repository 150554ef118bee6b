// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <concepts>
#include <utility>
#include <vector>

#include "tweedie/error.hpp"
#include "tweedie/math/sums.hpp"
#include "tweedie/state.hpp"

namespace tweedie {

/// A linear map A from data of `dim()` coordinates to `size()` measured numbers, column by column:
/// apply writes y = A x, adjoint writes x = A^T y. Both in float and in double.
template <class A>
concept Measurement = requires(const A& a, const Samples<double>& in, Samples<double>& out) {
  { a.dim() } -> std::convertible_to<Eigen::Index>;
  { a.size() } -> std::convertible_to<Eigen::Index>;
  a.apply(in, out);
  a.adjoint(in, out);
};

/// Some of the coordinates: inpainting.
class Mask {
 public:
  /// One number a coordinate, 0 where it is not known.
  explicit Mask(const Eigen::ArrayXd& known) : dim_(known.size()) {
    for (Eigen::Index k = 0; k < known.size(); ++k) {
      check(known[k] == 0 || known[k] == 1, "Mask: coordinate ", k, " is ", known[k],
            "; it must be 1 where it is known, and 0 elsewhere");
      if (known[k] != 0) known_.push_back(k);
    }
  }
  Eigen::Index dim() const { return dim_; }
  Eigen::Index size() const { return static_cast<Eigen::Index>(known_.size()); }
  void apply(const auto& x, auto& y) const {
    for (Eigen::Index k = 0; k < size(); ++k) y.row(k) = x.row(coordinate(k));
  }
  void adjoint(const auto& y, auto& x) const {
    x.setZero();
    for (Eigen::Index k = 0; k < size(); ++k) x.row(coordinate(k)) = y.row(k);
  }
  /// Of the k-th measured number.
  Eigen::Index coordinate(Eigen::Index k) const { return known_[static_cast<std::size_t>(k)]; }

 private:
  Eigen::Index dim_;
  std::vector<Eigen::Index> known_;
};

/// Any matrix.
class MatrixMeasurement {
 public:
  explicit MatrixMeasurement(Eigen::MatrixXd matrix)
      : matrix_(std::move(matrix)), in_float_(matrix_.cast<float>()) {
    check(matrix_.allFinite(), "MatrixMeasurement: an element is not finite");
  }
  Eigen::Index dim() const { return matrix_.cols(); }
  Eigen::Index size() const { return matrix_.rows(); }
  void apply(const auto& x, auto& y) const { y = of(x).lazyProduct(x); }
  void adjoint(const auto& y, auto& x) const { x = of(y).transpose().lazyProduct(y); }

 private:
  Eigen::MatrixXd matrix_;
  Eigen::MatrixXf in_float_;

  template <class X>
  const auto& of(const X&) const {
    if constexpr (std::same_as<typename X::Scalar, float>)
      return in_float_;
    else
      return matrix_;
  }
};

/// Means of `factor` coordinates that follow each other: lower resolution.
class Downsampling {
 public:
  Downsampling(Eigen::Index dim, Eigen::Index factor) : dim_(dim), factor_(factor) {
    check(factor >= 1 && dim >= factor && dim % factor == 0, "Downsampling: ", dim,
          " coordinates by a factor of ", factor, "; it must divide them");
  }
  Eigen::Index dim() const { return dim_; }
  Eigen::Index size() const { return dim_ / factor_; }
  void apply(const auto& x, auto& y) const {
    using T = typename std::decay_t<decltype(y)>::Scalar;
    for (Eigen::Index n = 0; n < x.cols(); ++n)
      for (Eigen::Index k = 0; k < size(); ++k)
        y(k, n) = static_cast<T>(math::mean(x.col(n).segment(k * factor_, factor_)));
  }
  void adjoint(const auto& y, auto& x) const {
    for (Eigen::Index k = 0; k < dim_; ++k)
      x.row(k) = y.row(k / factor_) / static_cast<int>(factor_);
  }

 private:
  Eigen::Index dim_, factor_;
};

/// Each coordinate a weighted sum of its neighbours, nothing beyond the ends: blur. The weights of an
/// odd number of neighbours, the coordinate itself in the middle.
class Blur {
 public:
  Blur(Eigen::Index dim, std::vector<double> weights) : dim_(dim), weights_(std::move(weights)) {
    check(dim >= 1 && weights_.size() % 2 == 1, "Blur: ", weights_.size(), " weights for ", dim,
          " coordinates; an odd number is needed, and at least 1 coordinate");
    for (const double weight : weights_)
      check(std::isfinite(weight), "Blur: a weight is ", weight, "; all must be finite");
  }
  Eigen::Index dim() const { return dim_; }
  Eigen::Index size() const { return dim_; }
  void apply(const auto& x, auto& y) const { convolve(x, y, 1); }
  void adjoint(const auto& y, auto& x) const { convolve(y, x, -1); }

 private:
  Eigen::Index dim_;
  std::vector<double> weights_;

  void convolve(const auto& in, auto& out, Eigen::Index direction) const {
    using T = typename std::decay_t<decltype(out)>::Scalar;
    const auto half = static_cast<Eigen::Index>(weights_.size() / 2);
    out.setZero();
    for (Eigen::Index j = -half; j <= half; ++j)
      for (Eigen::Index k = 0; k < dim_; ++k)
        if (const Eigen::Index from = k + direction * j; from >= 0 && from < dim_)
          out.row(k) += static_cast<T>(weights_[static_cast<std::size_t>(j + half)]) * in.row(from);
  }
};

static_assert(Measurement<Mask> && Measurement<MatrixMeasurement> && Measurement<Downsampling> &&
              Measurement<Blur>);

}  // namespace tweedie
