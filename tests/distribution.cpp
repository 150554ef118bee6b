// SPDX-License-Identifier: MIT
// Distributions against finite differences and sampling.
#include "support/catch.hpp"

#include <cmath>

#include <tweedie/analysis/order.hpp>
#include <tweedie/distribution/gaussian.hpp>
#include <tweedie/distribution/mixture.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/flow.hpp>
#include <tweedie/process/ve.hpp>
#include <tweedie/process/vp.hpp>

#include "support/check_moments.hpp"

namespace tw = tweedie;

namespace {

tw::Gaussian slanted() {
  return tw::Gaussian(Eigen::Vector2d(1, -2), (Eigen::Matrix2d() << 2, 0.9, 0.9, 0.5).finished());
}

/// E[x0 | x] by Tweedie's formula, (x + std^2 grad log p) / scale, with the gradient by
/// differences.
Eigen::MatrixXd by_tweedie(const auto& target, const tw::Level& l, const Eigen::MatrixXd& x) {
  Eigen::MatrixXd result = x;
  for (Eigen::Index row = 0; row < x.rows(); ++row) {
    const double h = 1e-5 * l.std;
    Eigen::MatrixXd up = x, down = x;
    up.row(row).array() += h, down.row(row).array() -= h;
    result.row(row) += l.std * l.std *
                       (target.log_density(l, up) - target.log_density(l, down)).transpose() /
                       (2 * h);
  }
  return result / l.scale;
}

}  // namespace

TEST_CASE("distribution: the model is Tweedie's formula on the log-density") {
  const tw::Mixture mixture = tw::order_target();
  const tw::Gaussian gaussian = slanted();
  const tw::Gaussian diagonal =
      tw::Gaussian::diagonal(Eigen::Vector3d(1, 2, 3), Eigen::Vector3d(0.5, 1, 2));
  const auto check = [](const auto& target, const tw::Level& l) {
    const Eigen::MatrixXd x = (l.scale + l.std) * Eigen::MatrixXd::Random(target.dim(), 6);
    Eigen::MatrixXd data(target.dim(), 6);
    target(x, tw::Call{l}, data);
    CHECK((data - by_tweedie(target, l, x)).cwiseAbs().maxCoeff() <
          1e-5 * (1 + data.cwiseAbs().maxCoeff()) / l.scale);
  };
  for (const tw::Level& l :
       {tw::VP{}.at(0.3), tw::EDM{}.at(2), tw::Flow{}.at(0.6), tw::VE{}.at(0.5)}) {
    check(mixture, l);
    check(gaussian, l);
    check(diagonal, l);
  }
}

TEST_CASE("distribution: densities integrate to one, and a diagonal is a full covariance") {
  const tw::Gaussian narrow(Eigen::VectorXd::Constant(1, 0.3),
                            Eigen::MatrixXd::Constant(1, 1, 0.04));
  const tw::Gaussian wide(Eigen::VectorXd::Constant(1, -1), Eigen::MatrixXd::Constant(1, 1, 0.5));
  const tw::Mixture mixture({0.25, 0.75}, {narrow, wide});
  const tw::Level l = tw::VP{}.at(0.2);
  const Eigen::RowVectorXd x = Eigen::RowVectorXd::LinSpaced(40001, -10, 10);
  CHECK(mixture.log_density(l, x).array().exp().sum() * (x[1] - x[0]) == Approx(1).epsilon(1e-9));
  const auto diagonal = tw::Gaussian::diagonal(Eigen::Vector2d(1, 2), Eigen::Vector2d(0.5, 3));
  const tw::Gaussian full(Eigen::Vector2d(1, 2), Eigen::Vector2d(0.5, 3).asDiagonal());
  const Eigen::MatrixXd y = Eigen::MatrixXd::Random(2, 5);
  CHECK(diagonal.log_density(l, y).isApprox(full.log_density(l, y)));
}

TEST_CASE("distribution: both ends of a process are served") {
  const tw::Gaussian gaussian = slanted();
  const Eigen::MatrixXd x = Eigen::MatrixXd::Random(2, 4);
  Eigen::MatrixXd data(2, 4);
  gaussian(x, tw::Call{tw::Flow{}.at(1)}, data);
  CHECK(data.isApprox(gaussian.mean().replicate(1, 4)));
  gaussian(x, tw::Call{tw::Flow{}.at(0)}, data);
  CHECK(data.isApprox(x));
  tw::order_target()(Eigen::MatrixXd(Eigen::MatrixXd::Random(3, 4)), tw::Call{tw::Flow{}.at(1)},
                     data = Eigen::MatrixXd(3, 4));
  CHECK(data.allFinite());
}

TEST_CASE("distribution: samples have its moments") {
  Eigen::MatrixXd x(2, 40000);
  const tw::Gaussian gaussian = slanted();
  gaussian.sample(x, tw::Noise{.seed = 1});
  check_moments(x, gaussian.mean(), gaussian.with_eigenvalues(gaussian.variances()));
  const tw::Mixture mixture = tw::order_target();
  Eigen::MatrixXd y(3, 40000);
  mixture.sample(y, tw::Noise{.seed = 2});
  Eigen::VectorXd mean = Eigen::VectorXd::Zero(3);
  for (std::size_t k = 0; k < 4; ++k) mean += mixture.weights()[k] * mixture.components()[k].mean();
  for (Eigen::Index i = 0; i < 3; ++i) CHECK(y.row(i).mean() == Approx(mean[i]).margin(0.03));
  // The share of each component, seen in the second moment.
  Eigen::VectorXd second = Eigen::VectorXd::Zero(3);
  for (std::size_t k = 0; k < 4; ++k) {
    const auto& g = mixture.components()[k];
    second += mixture.weights()[k] *
              (g.with_eigenvalues(g.variances()).diagonal() + g.mean().cwiseAbs2());
  }
  for (Eigen::Index i = 0; i < 3; ++i)
    CHECK(y.row(i).squaredNorm() / 40000 == Approx(second[i]).epsilon(0.04));
}

TEST_CASE("distribution: a wrong one is refused in a sentence") {
  const Eigen::Vector2d zero(0, 0);
  CHECK_THAT(error_of([&] { tw::Gaussian(zero, Eigen::MatrixXd::Identity(3, 3)); }),
             Contains("3 x 3"));
  CHECK_THAT(error_of([&] { tw::Gaussian(zero, (Eigen::Matrix2d() << 1, 2, 0, 1).finished()); }),
             Contains("symmetric"));
  CHECK_THAT(error_of([&] { tw::Gaussian(zero, -Eigen::MatrixXd::Identity(2, 2)); }),
             Contains("a variance of -1 must be at least 0"));
  CHECK_THAT(error_of([&] { tw::Gaussian::diagonal(zero, Eigen::VectorXd::Ones(3)); }),
             Contains("3 variances"));
  CHECK_THAT(error_of([&] {
               tw::Mixture({0.5, 0.6}, {slanted(), slanted()});
             }),
             Contains("add up to 1.1"));
  CHECK_THAT(error_of([&] {
               Eigen::MatrixXd out(3, 2);
               slanted()(Eigen::MatrixXd(out), tw::Call{tw::VP{}.at(0.5)}, out);
             }),
             Contains("states have 3 coordinates, the data 2"));
  CHECK_THAT(error_of([&] { tw::Mixture({1}, {}); }), Contains("1 weights for 0"));
  CHECK_THAT(error_of([&] {
               tw::Mixture({0.5, 0.5}, {slanted(), tw::order_target().components()[0]});
             }),
             Contains("3 coordinates"));
}

TEST_CASE("eigen: clustered and slightly asymmetric matrices converge") {
  for (unsigned k = 0; k < 50; ++k) {
    std::srand(k);
    const Eigen::VectorXd u = Eigen::VectorXd::Random(6);
    Eigen::MatrixXd matrix = u * u.transpose();
    matrix += 1e-13 * matrix.cwiseAbs().maxCoeff() * Eigen::MatrixXd::Random(6, 6);
    const tw::math::SymmetricEigen eigen(matrix);
    CHECK(eigen.values.maxCoeff() == Approx(u.squaredNorm()).epsilon(1e-10));
    const Eigen::MatrixXd back =
        eigen.vectors * eigen.values.asDiagonal() * eigen.vectors.transpose();
    CHECK((back - matrix).norm() < 1e-11 * matrix.norm());
  }
}
