// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <cmath>
#include <vector>

#include <tweedie/distribution/mixture.hpp>
#include <tweedie/forward/forward_path.hpp>
#include <tweedie/likelihood/log_likelihood.hpp>
#include <tweedie/likelihood/variational_bound.hpp>
#include <tweedie/process/betas.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/flow.hpp>
#include <tweedie/process/sub_vp.hpp>
#include <tweedie/process/ve.hpp>
#include <tweedie/process/vp.hpp>

#include "support/processes.hpp"

namespace tw = tweedie;
using Eigen::MatrixXd, Eigen::VectorXd;

namespace {

tw::Mixture blobs() {
  MatrixXd C(3, 3);
  C << 0.6, 0.2, 0, 0.2, 0.4, 0.1, 0, 0.1, 0.5;
  return tw::Mixture({0.4, 0.6},
                     {tw::Gaussian(Eigen::Vector3d(1, -1, 0), C),
                      tw::Gaussian(Eigen::Vector3d(-1, 0.5, 0.3), 0.3 * MatrixXd::Identity(3, 3))});
}
MatrixXd samples(int count) {
  MatrixXd x(3, count);
  blobs().sample(x, tw::Noise{.seed = 3});
  return x;
}
/// A model that offers products with its Jacobian.
struct WithProduct : tw::Mixture {
  explicit WithProduct(tw::Mixture mixture) : tw::Mixture(std::move(mixture)) {}
  int* products = nullptr;
  void jvp(const auto& x, const tw::Call& call, const auto& v, auto& out) {
    ++*products;
    MatrixXd above(3, x.cols()), below(3, x.cols());
    (*this)(MatrixXd(x + 1e-5 * v), call, above);
    (*this)(MatrixXd(x - 1e-5 * v), call, below);
    out = (above - below) / 2e-5;
  }
};
/// log p of x0 + sigma_min z.
VectorXd exact(const tw::AnyProcess& process, const MatrixXd& x) {
  const tw::Level l = process.at(process.t_min);
  return blobs().log_density(l, l.scale * x).array() + 3 * std::log(l.scale);
}

}  // namespace

TEST_CASE("likelihood: exact on every process, with the known density at the upper end") {
  const tw::Mixture data = blobs();
  const MatrixXd x = samples(50);
  for (const tw::AnyProcess& process :
       {tw::AnyProcess(tw::VP{}), tw::AnyProcess(tw::VE{}), tw::AnyProcess(tw::SubVP{}),
        tw::AnyProcess(tw::EDM{}), tw::AnyProcess(tw::Flow{.t_min = 1e-3, .t_max = 0.999})}) {
    const auto p = tw::log_likelihood(process, data, x, {.rtol = 1e-10, .atol = 1e-10});
    const tw::Level top = process.at(process.t_max);
    const VectorXd gap = data.log_density(top, p.latent) - tw::log_prior(p.latent, top.std);
    INFO("t_max " << process.t_max);
    CHECK((p.value + gap - exact(process, x)).cwiseAbs().maxCoeff() < 1e-8);
    CHECK(p.standard_error.norm() == 0);
    CHECK(p.evaluations == (p.run.evaluations + 1) * (1 + 3 * 2));
    // What stopping at t_min costs is known to first order, what the prior costs at least by half.
    const VectorXd stopped = exact(process, x) - data.log_density(process.at_sigma(0), x);
    CHECK((stopped - p.truncation).cwiseAbs().maxCoeff() < 0.1 * stopped.cwiseAbs().maxCoeff());
    CHECK((gap - p.prior_gap).cwiseAbs().maxCoeff() < 0.75 * gap.cwiseAbs().maxCoeff());
  }
}

TEST_CASE(
    "likelihood: Hutchinson's estimate is unbiased, within its own error bar, over 200 seeds") {
  const tw::Mixture data = blobs();
  const MatrixXd x = samples(2);
  const tw::AnyProcess edm = tw::EDM{};
  const auto trace = tw::log_likelihood(edm, data, x, {.rtol = 1e-6, .atol = 1e-6});
  for (tw::ProbeKind kind : {tw::ProbeKind::rademacher, tw::ProbeKind::gaussian}) {
    Eigen::ArrayXd sum = Eigen::ArrayXd::Zero(2), variance = Eigen::ArrayXd::Zero(2),
                   reported = Eigen::ArrayXd::Zero(2);
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      const auto p = tw::log_likelihood(
          edm, data, x,
          {.rtol = 1e-4, .atol = 1e-4, .probes = 4, .probe_kind = kind, .noise = {.seed = seed}});
      const Eigen::ArrayXd error = (p.value - trace.value).array();
      sum += error, variance += error.square(), reported += p.standard_error.array().square();
    }
    const Eigen::ArrayXd mean = sum / 200, deviation = (variance / 200).sqrt();
    CHECK((mean.abs() < 3.5 * deviation / std::sqrt(200.0)).all());
    // The bars are right in the mean square.
    CHECK(((reported / variance) > 0.75).all());
    CHECK(((reported / variance) < 1.33).all());
  }
}

TEST_CASE("likelihood: probes belong to samples, and a product of the network's own is used") {
  int products = 0;
  WithProduct model(blobs());
  model.products = &products;
  const MatrixXd x = samples(4);
  const tw::LikelihoodOptions options{.probes = 2, .noise = {.seed = 5}};
  const auto own = tw::log_likelihood(tw::VP{}, model, x, options);
  const auto differences = tw::log_likelihood(tw::VP{}, blobs(), x, options);
  CHECK(products == 2 * (own.run.evaluations + 1));
  CHECK(own.evaluations == 3 * (own.run.evaluations + 1));
  CHECK(differences.evaluations == 5 * (differences.run.evaluations + 1));
  CHECK((own.value - differences.value).cwiseAbs().maxCoeff() < 1e-6);
  const auto last = tw::log_likelihood(
      tw::VP{}, blobs(), x.rightCols(1),
      {.rtol = 1e-9, .atol = 1e-9, .probes = 2, .noise = {.seed = 5, .first_sample = 3}});
  const auto whole = tw::log_likelihood(
      tw::VP{}, blobs(), x, {.rtol = 1e-9, .atol = 1e-9, .probes = 2, .noise = {.seed = 5}});
  CHECK(last.value[0] == Approx(whole.value[3]).epsilon(1e-7));
}

TEST_CASE("likelihood: bits per dimension") {
  tw::LogLikelihood p;
  p.latent = MatrixXd::Zero(3072, 1);
  p.value = VectorXd::Constant(1, 3072 * std::log(2.0) * 4);  // 4 bits a coordinate less
  CHECK(p.bits_per_dim(7)[0] == Approx(3));
}

TEST_CASE("variational bound: below the likelihood, and tends to it as the steps grow") {
  const tw::Mixture data = blobs();
  const MatrixXd x = samples(2000);
  const tw::AnyProcess edm = tw::EDM{};
  const double truth = exact(edm, x).mean();
  double before = -1e9, half_as_many = 0;
  for (int steps : {10, 40, 160, 320}) {
    const auto bound = tw::variational_bound(tw::log_snr(edm, steps, {.to_zero = false}), data, x,
                                             tw::Noise{.seed = 4});
    INFO(steps << ": " << bound.mean << " +- " << bound.standard_error << ", log p " << truth);
    CHECK(bound.mean < truth + 3 * bound.standard_error);
    CHECK(bound.mean > before);
    CHECK(bound.evaluations == steps);
    half_as_many = before, before = bound.mean;
  }
  // Its distance falls like 1 / steps: twice the last less that of half as many is nearer.
  CHECK(2 * before - half_as_many == Approx(truth).margin(0.1));
  CHECK(before < truth - 0.2);
  CHECK_THAT(error_of([&] { tw::variational_bound(tw::karras(edm, 5), data, x); }),
             Contains("end above clean data"));
}

TEST_CASE("forward path: exact marginals and correlations, whatever the grid") {
  const tw::AnyProcess vp = tw::VP{};
  const MatrixXd x0 = MatrixXd::Constant(1, 40000, 1.5);
  const tw::Grid grid = tw::uniform(vp, 4);
  const auto path = tw::forward_path(grid, x0, tw::Noise{.seed = 2});
  REQUIRE(path.size() == 5);
  CHECK(path[4] == x0);
  for (int k = 0; k < 4; ++k) {
    const Eigen::ArrayXd x = path[std::size_t(k)].row(0).transpose();
    CHECK(x.mean() == Approx(1.5 * grid[k].scale).margin(0.02));
    CHECK((x - x.mean()).square().mean() == Approx(grid[k].std * grid[k].std).epsilon(0.03));
  }
  // Cov[x_t, x_u] = (scale_u / scale_t) std_t^2.
  const Eigen::ArrayXd low = path[2].row(0).transpose(), high = path[1].row(0).transpose();
  CHECK(((low - low.mean()) * (high - high.mean())).mean() ==
        Approx(grid[1].scale / grid[2].scale * grid[2].std * grid[2].std).margin(0.02));
}
