// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <vector>

#include "tweedie/state.hpp"

namespace tweedie {

struct FitOptions {
  /// Pull towards the usual weights, relative to each feature's square: large for networks that are
  /// noisy in their label, small for smooth ones.
  double ridge = 1e-6;
  /// Weight of the condition that data moved by mu move the output by mu. 1 makes a plan that serves
  /// data of another mean as well as its own; under strong guidance that doubles its errors.
  double shift = 0.01;
  /// Deviation of independent errors that the network will have in its data when the plan runs, in the
  /// data's units: weights that would multiply them are kept small.
  double model_noise = 0;
  int reweighted = 3;  ///< passes in which pilots far off lose weight
  int window = 1000;   ///< evaluations that a row reads: the last so many, and the first
};

namespace verbs {

/// One fit for each ridge, alike otherwise.
inline std::vector<FitOptions> with_ridges(FitOptions fit = {},
                                           const std::vector<double>& ridges = {1e-2, 1e-4, 1e-6,
                                                                                1e-8}) {
  std::vector<FitOptions> fits;
  for (const double ridge : ridges) {
    fit.ridge = ridge;
    fits.push_back(fit);
  }
  return fits;
}

}  // namespace verbs

/// Features whose weighted sum should be near a target, sample by sample: matrices of one shape. The
/// first is the state, the others data.
struct FitProblem {
  const Samples<double>* target;
  double moves_to;  ///< how far the target moves with the data
  std::vector<const Samples<double>*> features = {};
  std::vector<double> usual = {}, moves = {};

  void add(const Samples<double>& feature, double usual_weight, double moves_with_data) {
    features.push_back(&feature);
    usual.push_back(usual_weight), moves.push_back(moves_with_data);
  }
};

namespace verbs {

/// The weights, by least squares with a pull towards the usual ones, the shift condition, and samples
/// whose error is far above the others' counting less.
inline Eigen::VectorXd fitted_weights(const FitProblem& problem, const FitOptions& options) {
  const Samples<double>& target = *problem.target;
  const Eigen::Index n = std::ssize(problem.features), count = target.cols();
  // Of each sample the products of its features and target, the target last.
  std::vector<Eigen::MatrixXd> products;
  Eigen::MatrixXd own(target.rows(), n + 1);
  for (Eigen::Index k = 0; k < count; ++k) {
    for (Eigen::Index j = 0; j < n; ++j)
      own.col(j) = problem.features[static_cast<std::size_t>(j)]->col(k);
    own.col(n) = target.col(k);
    products.push_back(own.transpose() * own);
  }
  const Eigen::Map<const Eigen::VectorXd> usual(problem.usual.data(), n),
      moves(problem.moves.data(), n);
  const double square = target.squaredNorm(), to = problem.moves_to;
  const double of_shift = options.shift * square / (to * to + 1e-300);
  const double of_noise =
      options.model_noise * options.model_noise * static_cast<double>(target.size());
  Eigen::VectorXd errors = Eigen::VectorXd::Zero(n + 1);
  errors[n] = -1;
  Eigen::VectorXd of_sample = Eigen::VectorXd::Ones(count), distance(count), through(n + 1);
  for (int pass = 0; pass <= options.reweighted; ++pass) {
    Eigen::MatrixXd sum = Eigen::MatrixXd::Zero(n + 1, n + 1);
    for (Eigen::Index k = 0; k < count; ++k)
      sum += of_sample[k] * products[static_cast<std::size_t>(k)];
    Eigen::MatrixXd gram = sum.topLeftCorner(n, n);
    const Eigen::VectorXd pull = options.ridge * gram.diagonal();
    gram += of_shift * moves * moves.transpose();
    gram.diagonal() += pull;
    gram.diagonal().tail(n - 1).array() += of_noise;
    const Eigen::VectorXd right =
        sum.col(n).head(n) + pull.cwiseProduct(usual) + of_shift * to * moves;
    errors.head(n) = Eigen::LDLT<Eigen::MatrixXd>(gram).solve(right);
    for (Eigen::Index k = 0; k < count; ++k) {
      through.noalias() = products[static_cast<std::size_t>(k)] * errors;
      distance[k] = std::sqrt(std::max(errors.dot(through), 0.0));
    }
    Eigen::VectorXd sorted = distance;
    std::sort(sorted.begin(), sorted.end());
    const double far = 4 * sorted[count / 2] + 1e-300;
    of_sample = (distance.array() / far).max(1).square().inverse();
  }
  return errors.head(n);
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
