// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>

#include "catch.hpp"

/// Whether samples, one a column, have this mean and covariance within 4.5 of their standard
/// errors.
inline void check_moments(const Eigen::MatrixXd& x, const Eigen::VectorXd& mean,
                          const Eigen::MatrixXd& covariance) {
  const double n = double(x.cols());
  const Eigen::VectorXd m = x.rowwise().mean();
  const Eigen::MatrixXd centred = x.colwise() - m, c = centred * centred.transpose() / (n - 1);
  for (Eigen::Index i = 0; i < m.size(); ++i) {
    CHECK(std::abs(m[i] - mean[i]) < 4.5 * std::sqrt(covariance(i, i) / n));
    for (Eigen::Index j = 0; j < m.size(); ++j) {
      const double variance =
          covariance(i, i) * covariance(j, j) + covariance(i, j) * covariance(i, j);
      CHECK(std::abs(c(i, j) - covariance(i, j)) < 4.5 * std::sqrt(variance / n));
    }
  }
}
