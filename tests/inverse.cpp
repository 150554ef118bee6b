// SPDX-License-Identifier: MIT
// Measurements: maps and their adjoints, and posteriors that are known exactly on Gaussian data.
#include "support/catch.hpp"

#include <Eigen/Cholesky>
#include <Eigen/LU>

#include <cmath>
#include <vector>

#include <tweedie/analysis/moments.hpp>
#include <tweedie/distribution/gaussian.hpp>
#include <tweedie/grid/spacing.hpp>
#include <tweedie/inverse/dps.hpp>
#include <tweedie/inverse/posterior.hpp>
#include <tweedie/inverse/replacement.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/vp.hpp>

#include "support/allocations.hpp"
#include "support/predicting.hpp"
#include "support/processes.hpp"
#include "support/registry.hpp"

namespace tw = tweedie;
using Eigen::MatrixXd, Eigen::VectorXd;

namespace {

/// A prior with correlations, in 6 dimensions.
tw::Gaussian prior_of_data() {
  MatrixXd covariance(6, 6);
  for (int i = 0; i < 6; ++i)
    for (int j = 0; j < 6; ++j)
      covariance(i, j) = (1 + 0.2 * i) * (1 + 0.2 * j) * std::pow(0.7, std::abs(i - j));
  return tw::Gaussian(VectorXd::LinSpaced(6, -1, 1), covariance);
}

struct Conditional {
  VectorXd mean;
  MatrixXd covariance;
};
/// Of a Gaussian, by the formula of every textbook.
Conditional given(const VectorXd& mean, const MatrixXd& covariance, const MatrixXd& A, double noise,
                  const VectorXd& y) {
  const MatrixXd total =
      A * covariance * A.transpose() + noise * noise * MatrixXd::Identity(A.rows(), A.rows());
  const MatrixXd gain = covariance * A.transpose() * total.inverse();
  return {mean + gain * (y - A * mean), covariance - gain * A * covariance};
}

MatrixXd matrix_of(const auto& map) {
  MatrixXd A(map.size(), map.dim());
  for (Eigen::Index k = 0; k < map.dim(); ++k) {
    const MatrixXd unit = VectorXd::Unit(map.dim(), k);
    MatrixXd column(map.size(), 1);
    map.apply(unit, column);
    A.col(k) = column;
  }
  return A;
}

/// Calls f(name, map) for one measurement of each kind, of 6 coordinates.
void for_each_map(auto&& f) {
  Eigen::ArrayXd known(6);
  known << 1, 0, 1, 1, 0, 0;
  f("mask", tw::Mask(known));
  MatrixXd A(2, 6);
  A << 1, 2, 0, -1, 0, 0.5, 0, 0.3, 1, 1, -2, 0;
  f("matrix", tw::MatrixMeasurement(A));
  f("means", tw::Downsampling(6, 3));
  f("blur", tw::Blur(6, {0.2, 0.5, 0.4}));
}

/// A model that offers its Jacobian.
struct WithProduct : tw::Gaussian {
  int* asked;
  void vjp(const auto&, const tw::Call& call, const auto& v, auto& out) const {
    ++*asked;
    out = with_eigenvalues(gains(call.level)).transpose() * v;
  }
};

}  // namespace

TEST_CASE("measurement: the adjoint is the transpose, in float and in double") {
  for_each_map([](const char* name, const auto& map) {
    INFO(name);
    MatrixXd x(6, 3), y(map.size(), 3), ax(map.size(), 3), ay(6, 3);
    tw::Noise{.seed = 1}.fill(0, x), tw::Noise{.seed = 1}.fill(1, y);
    map.apply(x, ax), map.adjoint(y, ay);
    CHECK(ax.cwiseProduct(y).sum() == Approx(x.cwiseProduct(ay).sum()).epsilon(1e-13));
    Eigen::MatrixXf in_float(map.size(), 3);
    const Eigen::MatrixXf x_float = x.cast<float>();
    map.apply(x_float, in_float);
    CHECK((in_float.cast<double>() - ax).cwiseAbs().maxCoeff() < 1e-5);
  });
  CHECK_THAT(error_of([] { tw::Mask(Eigen::ArrayXd::Constant(3, 0.5)); }),
             Contains("coordinate 0 is 0.5"));
  CHECK_THAT(error_of([] { tw::Downsampling(7, 3); }), Contains("it must divide them"));
  CHECK_THAT(error_of([] { tw::Blur(7, {1, 2}); }), Contains("an odd number is needed"));
}

TEST_CASE(
    "moment matched: exactly E[x0 | x, y] on Gaussian data, at every level of every process") {
  const tw::Gaussian data = prior_of_data();
  for_each_map([&](const char* name, const auto& map) {
    const MatrixXd A = matrix_of(map);
    for (double noise : {0.0, 0.3}) {
      const VectorXd y = VectorXd::LinSpaced(A.rows(), 0.5, -1);
      int asked = 0;
      const tw::MeasurementOptions options{.noise = noise, .iterations = 8};
      auto model = tw::moment_matched(data, map, y, options);
      auto with_product = tw::moment_matched(WithProduct{data, &asked}, map, y, options);
      for (const auto& [process_name, process] : processes())
        for (double sigma : {20.0, 2.0, 0.3}) {
          const tw::Level l = process.at_sigma(sigma);
          MatrixXd x(6, 4), out(6, 4), exactly(6, 4);
          tw::Noise{.seed = 2}.fill(0, x);
          x *= std::hypot(l.scale, l.std);
          model(x, {.level = l}, out);
          with_product(x, {.level = l}, exactly);
          for (Eigen::Index k = 0; k < 4; ++k) {
            // x0 given x, and then given y.
            const Conditional first = given(data.mean(), data.with_eigenvalues(data.variances()),
                                            l.scale * MatrixXd::Identity(6, 6), l.std, x.col(k));
            const VectorXd exact = given(first.mean, first.covariance, A, noise, y).mean;
            INFO(name << ", noise " << noise << ", sigma " << sigma << " on " << process_name);
            CHECK((exactly.col(k) - exact).norm() < 1e-8);
            // By differences, whose roundings an inverse without noise multiplies.
            CHECK((out.col(k) - exact).norm() < (noise > 0 ? 1e-5 : 1e-3));
          }
        }
    }
  });
}

TEST_CASE("posterior: samples have the posterior's moments, by any solver") {
  const tw::Gaussian data = prior_of_data();
  const tw::AnyProcess edm = tw::EDM{};
  for_each_map([&](const char* name, const auto& map) {
    const MatrixXd A = matrix_of(map);
    const VectorXd y = VectorXd::LinSpaced(A.rows(), 0.5, -1);
    const Conditional exact =
        given(data.mean(), data.with_eigenvalues(data.variances()), A, 0.3, y);
    for (const char* solver : {"dpmpp_2m", "euler_ancestral"}) {
      const tw::Plan plan = tw::make_plan(edm, solver, tw::karras(edm, 12));
      MatrixXd x(6, 1500);
      const tw::Noise noise{.seed = 4};
      tw::prior(plan.from(), x, noise);
      tw::Sampler(plan, tw::moment_matched(data, map, y, {.noise = 0.3, .iterations = 6}), x)(
          x, noise);
      const VectorXd mean = x.rowwise().mean();
      const MatrixXd centred = x.colwise() - mean,
                     covariance = centred * centred.transpose() / 1500;
      INFO(name << " by " << solver);
      // The exact network of the posterior has the same errors of the steps.
      const tw::Moments expected = tw::moments(plan, tw::Gaussian(exact.mean, exact.covariance));
      CHECK((mean - expected.mean).cwiseAbs().maxCoeff() < 0.1);
      CHECK((covariance - expected.covariance).cwiseAbs().maxCoeff() < 0.25);
    }
  });
}

TEST_CASE("PiGDM: its formula with r^2, and the exact posterior for data of unit variance") {
  const tw::Gaussian data = tw::Gaussian::diagonal(VectorXd::Zero(6), VectorXd::Ones(6));
  for_each_map([&](const char* name, const auto& map) {
    const MatrixXd A = matrix_of(map);
    const VectorXd y = VectorXd::LinSpaced(A.rows(), 0.5, -1);
    auto model = tw::pseudo_inverse_guided(data, map, y, {.noise = 0.2, .iterations = 8});
    for (double sigma : {10.0, 0.5}) {
      const tw::Level l = tw::VP{}.at(tw::VP{}.time_of_sigma(sigma));
      MatrixXd x(6, 2), out(6, 2);
      tw::Noise{.seed = 3}.fill(0, x);
      model(x, {.level = l}, out);
      const Conditional first = given(VectorXd::Zero(6), MatrixXd::Identity(6, 6),
                                      l.scale * MatrixXd::Identity(6, 6), l.std, x.col(1));
      INFO(name << " at " << sigma);
      CHECK((out.col(1) - given(first.mean, first.covariance, A, 0.2, y).mean).norm() < 1e-6);
    }
  });
}

TEST_CASE("projected: the data fit y, and what y does not see is the model's own") {
  const tw::Gaussian data = prior_of_data();
  for_each_map([&](const char* name, const auto& map) {
    const MatrixXd A = matrix_of(map);
    const VectorXd y = VectorXd::LinSpaced(A.rows(), 0.5, -1);
    auto model = tw::projected(data, map, y, {.iterations = 20});
    auto plain = data;
    const tw::Level l = tw::EDM{}.at(1);
    MatrixXd x(6, 2), out(6, 2), own(6, 2);
    tw::Noise{.seed = 3}.fill(0, x);
    model(x, {.level = l}, out), plain(x, {.level = l}, own);
    INFO(name);
    CHECK((A * out - y.replicate(1, 2)).norm() < 1e-9);
    const MatrixXd expected =
        own + A.transpose() * (A * A.transpose()).inverse() * (y.replicate(1, 2) - A * own);
    CHECK((out - expected).norm() < 1e-8);
  });
}

TEST_CASE("posterior: a network's own vjp is asked in place of differences, y may be per sample") {
  int asked = 0;
  const WithProduct model{prior_of_data(), &asked};
  Eigen::ArrayXd known(6);
  known << 1, 0, 1, 1, 0, 0;
  MatrixXd y(3, 5), x(6, 2), a(6, 2), b(6, 2);
  tw::Noise{.seed = 8}.fill(0, y), tw::Noise{.seed = 9}.fill(0, x);
  const tw::Call call{.level = tw::VP{}.at(0.4), .first_sample = 3};
  tw::moment_matched(model, tw::Mask(known), y, {.noise = 0.1, .iterations = 3})(x, call, a);
  CHECK(asked == 4);
  tw::moment_matched(prior_of_data(), tw::Mask(known), MatrixXd(y.rightCols(2)),
                     {.noise = 0.1, .iterations = 3})(x, tw::Call{.level = call.level}, b);
  CHECK((a - b).norm() < 1e-6);
  CHECK_THAT(error_of([&] {
               tw::moment_matched(model, tw::Mask(known), y)(
                   x, tw::Call{.level = call.level, .first_sample = 4}, a);
             }),
             Contains("sample 5 needs a column of y, 5 are given"));
  CHECK_THAT(error_of([&] { tw::projected(model, tw::Mask(known), MatrixXd(y.topRows(2))); }),
             Contains("y is 2 x 5, the measurement has 3 numbers"));
}

TEST_CASE("DPS: the paper's update, by hand") {
  const tw::Gaussian data = prior_of_data();
  const double zeta = 0.7;
  for_each_map([&](const char* name, const auto& map) {
    const MatrixXd A = matrix_of(map);
    const VectorXd y = VectorXd::LinSpaced(A.rows(), 0.5, -1);
    for (const auto& [process_name, process] : processes()) {
      const tw::Grid grid = tw::karras(process, 6, {.sigma_max = 10, .sigma_min = 0.1});
      MatrixXd x(6, 2), z, D(6, 2);
      tw::Noise{.seed = 3}.fill(0, x);
      x *= grid.front().std;
      z = x;
      tw::Sampler(tw::make_plan(process, "ddim", grid), tw::dps(data, map, y, zeta), x)(
          x, tw::Noise{});
      auto plain = data;
      for (int k = 0; k < grid.steps(); ++k) {
        const tw::Level &l = grid[k], &to = grid[k + 1];
        plain(z, {.level = l}, D);
        // D = gain x + ...: the gradient of |y - A D|^2 with respect to x.
        const MatrixXd gain = data.with_eigenvalues(data.gains(l)),
                       residual = y.replicate(1, 2) - A * D;
        const MatrixXd gradient = -2 * gain.transpose() * A.transpose() * residual;
        MatrixXd next = to.scale * D + to.std / l.std * (z - l.scale * D);
        for (int c = 0; c < 2; ++c) next.col(c) -= zeta / residual.col(c).norm() * gradient.col(c);
        z = next;
      }
      INFO(name << " on " << process_name);
      CHECK((x - z).norm() < 1e-5 * (1 + z.norm()));
    }
  });
}

TEST_CASE("replacement: biased, and less so the more RePaint goes back") {
  // Two coordinates of variance 1 and correlation 0.9; the first is 1.5: the other is N(1.35, 0.19).
  MatrixXd covariance(2, 2);
  covariance << 1, 0.9, 0.9, 1;
  const tw::Gaussian data(VectorXd::Zero(2), covariance);
  const tw::AnyProcess vp = tw::VP{};
  const tw::Mask mask(Eigen::Array2d(1, 0));
  const auto mean = [&](int times) {
    const tw::Plan plan = tw::make_plan(vp, "ddpm", tw::repaint(tw::karras(vp, 20), times));
    MatrixXd x(2, 1000);
    const tw::Noise noise{.seed = 2};
    tw::prior(plan.from(), x, noise);
    tw::Replacement replacement(mask, MatrixXd(MatrixXd::Constant(2, 1000, 1.5)));
    tw::Sampler sampler(plan, data, x);
    for (auto step : sampler.steps(x, noise)) replacement(step, noise);
    CHECK((x.row(0).array() == 1.5).all());
    return x.row(1).mean();
  };
  const double once = mean(1), some = mean(5), many = mean(25);
  CHECK(once < 1.1);
  CHECK(some > once + 0.1);
  CHECK(std::abs(many - 1.35) < 0.05);
}

TEST_CASE("posterior: a run allocates nothing") {
  const auto net = tw::predicts_epsilon([](const auto& x, double, auto& out) { out = 0.5 * x; });
  const tw::AnyProcess vp = tw::VP{};
  for_each_map([&](const char* name, const auto& map) {
    MatrixXd x = MatrixXd::Ones(6, 5);
    const MatrixXd y = MatrixXd::Ones(map.size(), 1);
    tw::Sampler sampler(tw::make_plan(vp, "ddim", tw::karras(vp, 4)),
                        tw::moment_matched(net, map, y), x);
    const long before = allocations;
    sampler(x, tw::Noise{});
    const long made = allocations - before;
    INFO(name);
    CHECK(made == 0);
  });
}
