// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>

#include "tweedie/distribution/gaussian.hpp"
#include "tweedie/plan/amplification.hpp"

namespace tweedie {

struct Moments {
  Eigen::VectorXd mean;
  Eigen::MatrixXd covariance;
};

/// From what a run starts: prior() as a program has it, or the forward process's own distribution,
/// which leaves the error of the steps alone.
enum class Start { prior, exact };

namespace verbs {

/// What the forward process makes of Gaussian data: the moments that a perfect sampler returns.
inline Moments exact_moments(const Gaussian& data, const Level& level) {
  return {level.scale * data.mean(), data.with_eigenvalues(data.marginal_variances(level))};
}

/// The exact mean and covariance of what a plan returns on Gaussian data with the exact model.
/// Every row is affine then, so the output is a sum over the start, 1 and the draws, whose weights
/// one pass over the rows from the last to the first finds, per axis of the data: no sampling.
/// Throws Error for plans with Langevin rows.
inline Moments moments(const Plan& plan, const Gaussian& data, Start start = Start::prior) {
  const auto& rows = plan.rows();
  const auto final_state = std::find_if(rows.rbegin(), rows.rend(), is_commit);
  const Eigen::VectorXd centre = data.in_eigenbasis(data.mean());
  Eigen::VectorXd mean(data.dim()), variance(data.dim());
  for (Eigen::Index axis = 0; axis < data.dim(); ++axis) {
    double constant = 0;
    Eigen::VectorXd of_value = Eigen::VectorXd::Zero(plan.value_count());
    Eigen::VectorXd of_draw = Eigen::VectorXd::Zero(plan.draw_count() + 1);
    of_value[final_state == rows.rend() ? 0 : output(*final_state)] = 1;
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
      const double weight = of_value[output(*row)];
      if (const auto* evaluate = std::get_if<Evaluate>(&*row)) {
        const Level& l = evaluate->level;
        const PredictionRow wanted = row_of(evaluate->prediction, l);
        const double slope = lowering::slope(wanted, l, data.variances()[axis]);
        // The prediction is affine, and that of the data where x = scale mean.
        of_value[evaluate->in] += weight * slope;
        const double of_mean = wanted.data == 0 ? 0 : wanted.data / wanted.divisor;
        constant += weight * (of_mean - l.scale * slope) * centre[axis];
      } else {
        const auto* update = std::get_if<Update>(&*row);
        check(update != nullptr,
              "moments: a Langevin step by the batch's norms is not affine; take "
              "LangevinStep::by_std, or measure by sampling");
        for (const auto& [operand, factor] : update->terms) {
          const bool is_draw = operand.is_draw();
          (is_draw ? of_draw : of_value)[operand.index] += weight * factor;
        }
      }
    }
    const Level& front = plan.from();
    const bool prior = start == Start::prior;
    mean[axis] = constant + (prior ? 0 : of_value[0] * front.scale * centre[axis]);
    variance[axis] = of_value[0] * of_value[0] *
                         (prior ? front.std * front.std : data.marginal_variances(front)[axis]) +
                     of_draw.squaredNorm();
    check(std::isfinite(mean[axis]) && std::isfinite(variance[axis]), "moments: those of ",
          plan.solver(), " from sigma = ", front.sigma(), " to ", plan.to().sigma(),
          " go beyond double; begin or end at a sigma nearer to 1");
  }
  return {data.is_diagonal() ? mean : Eigen::VectorXd(data.axes().lazyProduct(mean)),
          data.with_eigenvalues(variance)};
}

/// The 2-Wasserstein distance between two Gaussians.
inline double wasserstein(const Moments& a, const Moments& b) {
  check(a.mean.size() == b.mean.size(), "wasserstein: one distribution has ", a.mean.size(),
        " coordinates, the other ", b.mean.size());
  const math::SymmetricEigen eigen(a.covariance);
  const Eigen::VectorXd deviations = eigen.values.cwiseMax(0).cwiseSqrt();
  const Eigen::MatrixXd root =
      (eigen.vectors * deviations.asDiagonal()).lazyProduct(eigen.vectors.transpose());
  const Eigen::MatrixXd product = root.lazyProduct(b.covariance);
  const Eigen::VectorXd mixed = math::SymmetricEigen(product.lazyProduct(root)).values.cwiseMax(0);
  const double trace = a.covariance.trace() + b.covariance.trace() - 2 * mixed.cwiseSqrt().sum();
  return std::sqrt((a.mean - b.mean).squaredNorm() + std::max(trace, 0.0));
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
