// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <utility>
#include <vector>

#include <Eigen/QR>
#include <tweedie/analysis/order.hpp>
#include <tweedie/distribution/mixture.hpp>
#include <tweedie/forward/prior.hpp>
#include <tweedie/process/process.hpp>

// Data to tune on, and where the exact ODE takes their samples.
namespace targets {

inline Eigen::MatrixXd normals(Eigen::Index rows, Eigen::Index cols, std::uint64_t seed) {
  Eigen::MatrixXd z(rows, cols);
  tweedie::Noise{.seed = seed}.fill(0, z);
  return z;
}

/// The golden mixture, moved along the diagonal and scaled.
inline tweedie::Mixture golden(double moved = 0, double scaled = 1) {
  std::vector<tweedie::Gaussian> parts;
  const tweedie::Mixture order = tweedie::order_target();
  for (const tweedie::Gaussian& part : order.components()) {
    const Eigen::MatrixXd covariance =
        part.is_diagonal() ? Eigen::MatrixXd(part.variances().asDiagonal())
                           : Eigen::MatrixXd(part.axes() * part.variances().asDiagonal() *
                                             part.axes().transpose());
    parts.emplace_back(Eigen::VectorXd(scaled * part.mean().array() + moved),
                       Eigen::MatrixXd(scaled * scaled * covariance));
  }
  return {order.weights(), std::move(parts)};
}

/// Eight narrow clusters.
inline tweedie::Mixture sharp() {
  const Eigen::MatrixXd means = normals(3, 8, 5);
  std::vector<tweedie::Gaussian> parts;
  for (Eigen::Index k = 0; k < 8; ++k)
    parts.emplace_back(Eigen::VectorXd(means.col(k)),
                       Eigen::MatrixXd(0.01 * Eigen::Matrix3d::Identity()));
  return {std::vector<double>(8, 1.0 / 8), std::move(parts)};
}

/// Like pictures: the variances of the principal axes, other ones for each of six components, fall like
/// one over their number.
inline tweedie::Mixture like_pictures(Eigen::Index dim) {
  Eigen::VectorXd variances = (1 + Eigen::ArrayXd::LinSpaced(dim, 0, double(dim - 1))).inverse();
  variances *= double(dim) / variances.sum();
  std::vector<tweedie::Gaussian> parts;
  for (std::uint64_t k = 0; k < 6; ++k) {
    const Eigen::MatrixXd z = normals(dim, dim + 1, 100 + k);
    const Eigen::MatrixXd turned =
        Eigen::MatrixXd::Identity(dim, dim) + 0.3 / std::sqrt(double(dim)) * z.leftCols(dim);
    const Eigen::MatrixXd axes = Eigen::HouseholderQR<Eigen::MatrixXd>(turned).householderQ();
    parts.emplace_back(Eigen::VectorXd((0.5 * variances).cwiseSqrt().cwiseProduct(z.col(dim))),
                       Eigen::MatrixXd(axes * (0.5 * variances).asDiagonal() * axes.transpose()));
  }
  return {std::vector<double>(6, 1.0 / 6), std::move(parts)};
}

/// Where the exact ODE takes states x at a level, and then the data at sigma_min. By the classical
/// Runge-Kutta method, which shares nothing with the library's fine runs.
inline Eigen::MatrixXd exact_ends(const tweedie::Mixture& data, const tweedie::Level& from,
                                  const Eigen::MatrixXd& x, double sigma_min, int steps = 1000) {
  Eigen::MatrixXd y = x / from.scale;
  double sigma = from.sigma();
  if (from.is_pure_noise()) {  // at a large sigma the data predicted are their mean
    sigma = 1e4;
    Eigen::VectorXd mean = Eigen::VectorXd::Zero(x.rows());
    for (std::size_t k = 0; k < data.weights().size(); ++k)
      mean += data.weights()[k] * data.components()[k].mean();
    y = sigma * x;
    y.colwise() += mean;
  }
  y = tweedie::reference_solution(data, y, -std::log(sigma), -std::log(sigma_min), steps);
  Eigen::MatrixXd end(y.rows(), y.cols());
  data(y, tweedie::Call{{.scale = 1, .std = sigma_min}}, end);
  return end;
}

}  // namespace targets
