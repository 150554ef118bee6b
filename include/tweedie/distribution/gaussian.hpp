// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <numbers>
#include <utility>

#include "tweedie/math/symmetric_eigen.hpp"
#include "tweedie/model/model.hpp"
#include "tweedie/noise/source.hpp"
#include "tweedie/state.hpp"

namespace tweedie {

/// Data with the distribution N(mean, covariance), for which all that a network would learn is
/// known exactly. As a model (it predicts data) it serves states of any scalar; it copies cheaply
/// enough.
class Gaussian {
 public:
  static constexpr Prediction prediction = Prediction::data;

  /// Throws Error unless covariance is dim x dim, symmetric and has no negative eigenvalue.
  Gaussian(Eigen::VectorXd mean, const Eigen::MatrixXd& covariance) : mean_(std::move(mean)) {
    check(covariance.allFinite(), "Gaussian: the covariance has an element that is not finite");
    check(covariance.rows() == dim() && covariance.cols() == dim() &&
              covariance.isApprox(covariance.transpose()),
          "Gaussian: the covariance is ", covariance.rows(), " x ", covariance.cols(),
          "; it must be symmetric and ", dim(), " x ", dim(), " (for variances there is diagonal)");
    math::SymmetricEigen eigen(covariance);
    variances_ = std::move(eigen.values);
    axes_ = std::move(eigen.vectors);
    check_variances();
  }
  /// Independent coordinates; needs memory of `dim` only.
  static Gaussian diagonal(Eigen::VectorXd mean, Eigen::VectorXd variances) {
    return Gaussian(std::move(mean), std::move(variances), Eigen::MatrixXd());
  }

  Eigen::Index dim() const { return mean_.size(); }
  const Eigen::VectorXd& mean() const { return mean_; }
  /// The eigenvalues of the covariance, and its eigenvectors as columns (none if diagonal).
  const Eigen::VectorXd& variances() const { return variances_; }
  const Eigen::MatrixXd& axes() const { return axes_; }
  bool is_diagonal() const { return axes_.size() == 0; }

  /// axes * diag(values) * axes^T: any matrix with the covariance's eigenvectors.
  Eigen::MatrixXd with_eigenvalues(const Eigen::VectorXd& values) const {
    if (is_diagonal()) return values.asDiagonal();
    // Lazy products of small matrices: Eigen's blocked ones cost seconds of compilation each.
    return (axes_ * values.asDiagonal()).lazyProduct(axes_.transpose());
  }
  Eigen::VectorXd in_eigenbasis(const Eigen::VectorXd& vector) const {
    return is_diagonal() ? vector : Eigen::VectorXd(axes_.transpose().lazyProduct(vector));
  }

  /// out = E[x0 | x] = mean + gain (x - scale mean), gain = scale C (scale^2 C + std^2)^-1.
  void operator()(const auto& x, const Call& call, auto& out) const {
    using T = typename std::decay_t<decltype(out)>::Scalar;
    check_dim(x);
    const double scale = call.level.scale;
    const Eigen::VectorXd gain = gains(call.level);
    if (is_diagonal()) {
      const Eigen::VectorX<T> factor = gain.cast<T>();
      const Eigen::VectorX<T> shift = (mean_.array() * (1 - scale * gain.array())).cast<T>();
      for (Eigen::Index k = 0; k < x.cols(); ++k)
        out.matrix().col(k) = factor.cwiseProduct(x.matrix().col(k)) + shift;
    } else {
      const Eigen::MatrixXd factor = with_eigenvalues(gain);
      const Eigen::MatrixX<T> factor_of_state = factor.cast<T>();
      const Eigen::VectorX<T> shift =
          (mean_ - scale * factor.lazyProduct(mean_)).template cast<T>();
      out.matrix().noalias() = factor_of_state.lazyProduct(x.matrix());
      out.matrix().colwise() += shift;
    }
  }

  /// log p_t(x) of every column at a level: the density of N(scale mean, scale^2 C + std^2 I).
  /// Throws Error at clean data if a variance is 0, where there is none.
  Eigen::VectorXd log_density(const Level& level, const Eigen::MatrixXd& x) const {
    check_dim(x);
    const Eigen::ArrayXd marginal = marginal_variances(level);
    check(marginal.minCoeff() > 0, "Gaussian: a variance of 0 at sigma = ", level.sigma(),
          " has no density; ask for it at a level with noise");
    const double norm =
        (marginal.log().sum() + static_cast<double>(dim()) * std::log(2 * std::numbers::pi)) / 2;
    Eigen::VectorXd result(x.cols());
    for (Eigen::Index k = 0; k < x.cols(); ++k)
      result[k] =
          -norm -
          (in_eigenbasis(x.col(k) - level.scale * mean_).array().square() / marginal).sum() / 2;
    return result;
  }

  /// The variances along the axes of the forward process at a level.
  Eigen::ArrayXd marginal_variances(const Level& level) const {
    return level.scale * level.scale * variances_.array() + level.std * level.std;
  }
  /// d E[x0 | x] / dx along the axes.
  Eigen::VectorXd gains(const Level& level) const {
    return (variances_.array() > 0)
        .select(level.scale * variances_.array() / marginal_variances(level), 0);
  }

  /// Exact samples of the data, one per column, from draw `draw` of the noise.
  template <class X, class Source>
  void sample(X&& x, const Source& noise, int draw = 0) const {
    static_assert(verbs::require_state<X>());
    verbs::require_source<const Source>();
    using T = typename std::decay_t<decltype(x)>::Scalar;
    check_dim(x);
    noise.fill(draw, x);
    const Eigen::VectorX<T> deviations = variances_.cwiseSqrt().cast<T>(), mean = mean_.cast<T>();
    const Eigen::MatrixX<T> axes = axes_.cast<T>();
    for (Eigen::Index k = 0; k < x.cols(); ++k) {
      const Eigen::VectorX<T> scaled = deviations.cwiseProduct(x.matrix().col(k));
      if (is_diagonal())
        x.matrix().col(k) = mean + scaled;
      else
        x.matrix().col(k) = mean + axes.lazyProduct(scaled);
    }
  }

 private:
  Eigen::VectorXd mean_, variances_;
  Eigen::MatrixXd axes_;

  Gaussian(Eigen::VectorXd mean, Eigen::VectorXd variances, Eigen::MatrixXd axes)
      : mean_(std::move(mean)), variances_(std::move(variances)), axes_(std::move(axes)) {
    check(variances_.size() == dim(), "Gaussian: ", variances_.size(), " variances for ", dim(),
          " coordinates");
    check_variances();
  }
  void check_dim(const auto& x) const {
    check(x.rows() == dim(), "Gaussian: the states have ", x.rows(), " coordinates, the data ",
          dim());
  }
  void check_variances() {
    check(dim() > 0, "Gaussian: the mean has no coordinates");
    check(mean_.allFinite() && variances_.allFinite(),
          "Gaussian: a mean or a variance is not finite");
    const double least = variances_.minCoeff();
    check(least > -1e-12 * variances_.cwiseAbs().maxCoeff() - 1e-300, "Gaussian: a variance of ",
          least, " must be at least 0");
    variances_ = variances_.cwiseMax(0);  // an eigenvalue of -1e-17 is a 0
  }
};

static_assert(Model<Gaussian>);

}  // namespace tweedie
