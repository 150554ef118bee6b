// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>
#include <Eigen/Jacobi>

#include <cmath>
#include <utility>

#include "tweedie/error.hpp"

namespace tweedie::math {

/// matrix = vectors * diag(values) * vectors^T, for a symmetric matrix, by cyclic Jacobi rotations
/// (Golub & Van Loan, section 8.5). Eigen's SelfAdjointEigenSolver does the same faster, but every
/// translation unit that includes a target would pay nine seconds of compilation for it.
struct SymmetricEigen {
  Eigen::VectorXd values;
  Eigen::MatrixXd vectors;

  explicit SymmetricEigen(Eigen::MatrixXd matrix)
      : vectors(Eigen::MatrixXd::Identity(matrix.rows(), matrix.cols())) {
    matrix = (0.5 * (matrix + matrix.transpose())).eval();
    const double tiny = 1e-16 * matrix.norm();
    check(std::isfinite(tiny), "eigenvalues: an element of the matrix is not finite, or too large");
    int sweep = 0;
    for (bool rotated = true; sweep < 60 && std::exchange(rotated, false); ++sweep)
      for (Eigen::Index q = 1; q < matrix.cols(); ++q)
        for (Eigen::Index p = 0; p < q; ++p) {
          if (!(std::abs(matrix(p, q)) > tiny)) continue;
          Eigen::JacobiRotation<double> rotation;
          rotation.makeJacobi(matrix, p, q);
          matrix.applyOnTheLeft(p, q, rotation.adjoint());
          matrix.applyOnTheRight(p, q, rotation);
          vectors.applyOnTheRight(p, q, rotation);
          matrix(p, q) = matrix(q, p) = 0;
          rotated = true;
        }
    values = matrix.diagonal();
  }
};

}  // namespace tweedie::math
