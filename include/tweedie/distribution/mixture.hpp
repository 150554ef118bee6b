// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "tweedie/distribution/gaussian.hpp"

namespace tweedie {

/// Data from a mixture of Gaussians, with its exact model (it predicts data), log-density and
/// samples: the smallest target on which a sampler has to be nonlinear.
class Mixture {
 public:
  static constexpr Prediction prediction = Prediction::data;

  /// Weights are positive and add up to 1. Throws Error otherwise, or if the dimensions differ.
  Mixture(std::vector<double> weights, std::vector<Gaussian> components)
      : weights_(std::move(weights)), components_(std::move(components)) {
    check(!weights_.empty() && weights_.size() == components_.size(), "Mixture: ", weights_.size(),
          " weights for ", components_.size(), " components");
    double sum = 0;
    for (std::size_t k = 0; k < weights_.size(); ++k) {
      check(weights_[k] > 0, "Mixture: weight ", weights_[k], " must be positive");
      check(components_[k].dim() == dim(), "Mixture: component ", k, " has ", components_[k].dim(),
            " coordinates, the first has ", dim());
      sum += weights_[k];
    }
    check(std::abs(sum - 1) < 1e-9, "Mixture: the weights add up to ", sum, ", not to 1");
  }

  Eigen::Index dim() const { return components_[0].dim(); }
  const std::vector<double>& weights() const { return weights_; }
  const std::vector<Gaussian>& components() const { return components_; }

  /// out = E[x0 | x]: the components' expectations, weighted by their posterior probabilities.
  void operator()(const auto& x, const Call& call, auto& out) const {
    using T = typename std::decay_t<decltype(out)>::Scalar;
    const Eigen::MatrixXd state = x.matrix().template cast<double>();
    const Eigen::MatrixXd posterior = posteriors(call.level, state);
    Eigen::MatrixXd expectation(state.rows(), state.cols());
    Eigen::MatrixXd sum = Eigen::MatrixXd::Zero(state.rows(), state.cols());
    for (std::size_t k = 0; k < components_.size(); ++k) {
      components_[k](state, call, expectation);
      sum += expectation * posterior.row(static_cast<Eigen::Index>(k)).asDiagonal();
    }
    out.matrix() = sum.template cast<T>();
  }

  /// log p_t(x) of every column at a level.
  Eigen::VectorXd log_density(const Level& level, const Eigen::MatrixXd& x) const {
    const Eigen::MatrixXd joint = joint_log_densities(level, x);
    const Eigen::RowVectorXd most = joint.colwise().maxCoeff();
    return (most.array() + (joint.rowwise() - most).array().exp().colwise().sum().log())
        .transpose();
  }

  /// Exact samples of the data, one per column, from draw `draw` of the noise: of each column's
  /// dim + 1 normals the first chooses the component.
  template <class X, class Source>
  void sample(X&& x, const Source& noise, int draw = 0) const {
    static_assert(verbs::require_state<X>());
    verbs::require_source<const Source>();
    using T = typename std::decay_t<decltype(x)>::Scalar;
    check(x.rows() == dim(), "Mixture: the states have ", x.rows(), " coordinates, the data ",
          dim());
    Samples<double> z(dim() + 1, x.cols());
    noise.fill(draw, z);
    for (Eigen::Index k = 0; k < x.cols(); ++k) {
      double rest = std::erfc(-z(0, k) / std::numbers::sqrt2) / 2;  // uniform
      std::size_t chosen = 0;
      while (chosen + 1 < weights_.size() && rest >= weights_[chosen]) rest -= weights_[chosen++];
      const Gaussian& g = components_[chosen];
      const Eigen::VectorXd scaled = g.variances().cwiseSqrt().cwiseProduct(z.col(k).tail(dim()));
      const Eigen::VectorXd turned =
          g.is_diagonal() ? scaled : Eigen::VectorXd(g.axes().lazyProduct(scaled));
      x.matrix().col(k) = (g.mean() + turned).template cast<T>();
    }
  }

 private:
  std::vector<double> weights_;
  std::vector<Gaussian> components_;

  Eigen::MatrixXd joint_log_densities(const Level& level, const Eigen::MatrixXd& x) const {
    Eigen::MatrixXd joint(static_cast<Eigen::Index>(weights_.size()), x.cols());
    for (std::size_t k = 0; k < weights_.size(); ++k)
      joint.row(static_cast<Eigen::Index>(k)) =
          (components_[k].log_density(level, x).array() + std::log(weights_[k])).transpose();
    return joint;
  }
  Eigen::MatrixXd posteriors(const Level& level, const Eigen::MatrixXd& x) const {
    Eigen::MatrixXd p = joint_log_densities(level, x);
    const Eigen::RowVectorXd most = p.colwise().maxCoeff();
    p = (p.rowwise() - most).array().exp();
    const Eigen::RowVectorXd sums = p.colwise().sum();
    return p.array().rowwise() / sums.array();
  }
};

static_assert(Model<Mixture>);

}  // namespace tweedie
