// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <cmath>
#include <numbers>

#include "tweedie/process/level.hpp"
#include "tweedie/state.hpp"

namespace tweedie::verbs {

/// Log density of N(0, deviation^2) for each column.
inline Eigen::VectorXd log_prior(const Samples<double>& x, double deviation) {
  const double per_coordinate = std::log(2 * std::numbers::pi) / 2 + std::log(deviation);
  return (-x.colwise().squaredNorm().transpose().array() / (2 * deviation * deviation) -
          double(x.rows()) * per_coordinate)
      .matrix();
}

/// The log density at the latents of the Gaussian of the data's moments, brought to a level, less
/// that of the prior. `data` are states at `of_data`. With few samples for their dimension the
/// coordinates count as independent.
inline Eigen::VectorXd prior_gap_of(const Samples<double>& data, const Level& of_data,
                                    const Samples<double>& latent, const Level& top,
                                    double deviation) {
  const Eigen::Index dim = data.rows(), count = data.cols();
  if (count < 2) return Eigen::VectorXd::Zero(count);
  const double ratio = top.scale / of_data.scale;
  const Eigen::VectorXd mean = data.rowwise().mean();
  const Samples<double> centred = data.colwise() - mean;
  Samples<double> total = Samples<double>::Zero(dim, dim);
  if (count > 4 * dim)
    total = centred * centred.transpose();
  else
    total.diagonal() = centred.rowwise().squaredNorm();
  total *= ratio * ratio / double(count - 1);
  total.diagonal().array() += (top.std - ratio * of_data.std) * (top.std + ratio * of_data.std);
  const Eigen::LLT<Samples<double>> llt(total);
  const Samples<double> z = llt.matrixL().solve(latent.colwise() - ratio * mean);
  const double log_det = 2 * llt.matrixLLT().diagonal().array().log().sum();
  return log_prior(z, 1).array() - log_det / 2 - log_prior(latent, deviation).array();
}

}  // namespace tweedie::verbs

namespace tweedie {
using namespace verbs;
}
