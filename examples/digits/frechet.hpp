// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <fstream>
#include <string>
#include <tweedie/error.hpp>

/// Mean and covariance of features, and the Frechet distance of two sets by them: the squared
/// 2-Wasserstein distance of Gaussians, Heusel et al. 2017, arXiv:1706.08500, in other features.
struct FeatureMoments {
  Eigen::VectorXd mean;
  Eigen::MatrixXd covariance;

  double distance(const FeatureMoments& other) const {
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(covariance);
    const Eigen::MatrixXd root = eigen.eigenvectors() *
                                 eigen.eigenvalues().cwiseMax(0).cwiseSqrt().asDiagonal() *
                                 eigen.eigenvectors().transpose();
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> both(root * other.covariance * root);
    return (mean - other.mean).squaredNorm() + covariance.trace() + other.covariance.trace() -
           2 * both.eigenvalues().cwiseMax(0).cwiseSqrt().sum();
  }
  void write(const std::string& path) const {
    std::ofstream(path) << mean.size() << "\n" << mean.transpose() << "\n" << covariance << "\n";
  }
  static FeatureMoments read(const std::string& path) {
    std::ifstream in(path);
    Eigen::Index size = 0;
    in >> size;
    tweedie::check(bool(in) && size > 0, path, " holds no moments");
    FeatureMoments m{Eigen::VectorXd(size), Eigen::MatrixXd(size, size)};
    for (double& one : m.mean) in >> one;
    for (double& one : m.covariance.reshaped()) in >> one;
    return m;
  }
};

inline FeatureMoments moments_of(const Eigen::MatrixXf& features) {
  const Eigen::MatrixXd f = features.cast<double>();
  const Eigen::VectorXd mean = f.rowwise().mean();
  const Eigen::MatrixXd centred = f.colwise() - mean;
  return {mean, centred * centred.transpose() / double(f.cols() - 1)};
}
