// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <vector>

#include "tweedie/plan/plan.hpp"
#include "tweedie/target/gaussian.hpp"

namespace tweedie {

struct Moments {
  Eigen::VectorXd mean;
  Eigen::MatrixXd covariance;
};

/// What the forward process makes of Gaussian data: the moments that a perfect sampler returns.
inline constexpr auto exact_moments = [](const Gaussian& data, const Level& at) {
  return Moments{at.scale * data.mean(), data.on_axes(data.marginal_variances(at))};
};

/// From what a run starts: prior() as a program has it, or the forward process's own distribution,
/// which leaves the error of the steps alone.
enum class Start { prior, exact };

/// The exact mean and covariance of what a plan returns on Gaussian data with the exact model.
/// Every row is affine then, so the output is a sum over the start, 1 and the draws, found by one
/// pass over the rows per axis of the data: no sampling. Throws Error for plans with Langevin rows.
inline constexpr auto moments = [](const Plan& plan, const Gaussian& data,
                                   Start start = Start::prior) -> Moments {
  const Eigen::Index operands = 2 + plan.draws();  // the start, 1, and the draws
  const Eigen::VectorXd centre = data.to_axes(data.mean());
  Eigen::VectorXd mean(data.dim()), variance(data.dim());
  for (Eigen::Index axis = 0; axis < data.dim(); ++axis) {
    std::vector<Eigen::VectorXd> values(static_cast<std::size_t>(plan.values()));
    const auto at = [&](int index) -> Eigen::VectorXd& {
      return values[static_cast<std::size_t>(index)];
    };
    at(0) = Eigen::VectorXd::Unit(operands, 0);
    int last = 0;
    for (const Row& row : plan.rows()) {
      if (const auto* evaluate = std::get_if<Evaluate>(&row)) {
        const Level& l = evaluate->at;
        const double total = data.marginal_variances(l)[axis], gain = data.gains(l)[axis];
        const PredictionRow wanted = row_of(evaluate->prediction, l);
        // data = mean + gain (x - scale mean), epsilon = std / total (x - scale mean)
        const double slope = wanted.data * gain + wanted.epsilon * l.std / total;
        at(evaluate->out) = slope / wanted.divisor * at(evaluate->in);
        at(evaluate->out)[1] += (wanted.data - l.scale * slope) / wanted.divisor * centre[axis];
      } else {
        const auto* update = std::get_if<Update>(&row);
        check(update != nullptr, "moments: a Langevin row is not affine; measure it by sampling");
        Eigen::VectorXd sum = Eigen::VectorXd::Zero(operands);
        for (const Term& term : update->terms)
          if (term.operand.kind == Operand::Kind::value)
            sum += term.weight * at(term.operand.index);
          else
            sum[1 + term.operand.index] += term.weight;
        at(update->out) = sum;
        if (update->role == Role::commit) last = update->out;
      }
    }
    const Level& front = plan.front();
    const Eigen::VectorXd& result = at(last);
    const bool prior = start == Start::prior;
    mean[axis] = result[1] + (prior ? 0 : result[0] * front.scale * centre[axis]);
    variance[axis] = result[0] * result[0] *
                         (prior ? front.std * front.std : data.marginal_variances(front)[axis]) +
                     result.tail(plan.draws()).squaredNorm();
  }
  return {data.is_diagonal() ? mean : Eigen::VectorXd(data.axes().lazyProduct(mean)),
          data.on_axes(variance)};
};

/// The 2-Wasserstein distance between two Gaussians.
inline constexpr auto wasserstein = [](const Moments& a, const Moments& b) {
  const SymmetricEigen eigen(a.covariance);
  const Eigen::VectorXd deviations = eigen.values.cwiseMax(0).cwiseSqrt();
  const Eigen::MatrixXd root =
      (eigen.vectors * deviations.asDiagonal()).lazyProduct(eigen.vectors.transpose());
  const Eigen::MatrixXd product = root.lazyProduct(b.covariance);
  const Eigen::VectorXd mixed = SymmetricEigen(product.lazyProduct(root)).values.cwiseMax(0);
  const double trace = a.covariance.trace() + b.covariance.trace() - 2 * mixed.cwiseSqrt().sum();
  return std::sqrt((a.mean - b.mean).squaredNorm() + std::max(trace, 0.0));
};

}  // namespace tweedie
