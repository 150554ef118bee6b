// SPDX-License-Identifier: MIT
// Wrappers, chains, grids and helpers: what the laws over the list of solvers do not reach.
#include "catch.hpp"

#include <cmath>
#include <vector>

#include <tweedie/analysis/order.hpp>
#include <tweedie/grid/indices.hpp>
#include <tweedie/plan/named.hpp>
#include <tweedie/process/betas.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/flow.hpp>
#include <tweedie/process/ve.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/run/slerp.hpp>
#include <tweedie/sample.hpp>

namespace tw = tweedie;
using tw::InSigma;

namespace {

const tw::AnyProcess vp = tw::VP{};

tw::Gaussian data() {
  return tw::Gaussian(Eigen::Vector2d(1, -2), (Eigen::Matrix2d() << 2, 0.9, 0.9, 0.5).finished());
}

double exact_error(const tw::Plan& plan, tw::Start start = tw::Start::exact) {
  return tw::wasserstein(tw::moments(plan, data(), start), tw::exact_moments(data(), plan.back()));
}

/// The weights of every commit, in the order of the terms.
std::vector<double> weights(const tw::Plan& plan) {
  std::vector<double> all;
  for (const tw::Row& row : plan.rows())
    if (const auto* update = std::get_if<tw::Update>(&row))
      for (const tw::Term& term : update->terms) all.push_back(term.weight);
  return all;
}

}  // namespace

TEST_CASE("wrapper: with amount 0 it is the inner solver, draw for draw") {
  const tw::Grid grid = tw::karras(vp, 6, {.to_zero = true});
  tw::for_each_solver([&](const char* name, const auto& solver) {
    using S = std::decay_t<decltype(solver)>;
    if (std::string(name) == "sde_heun") return;  // a step in t to sigma = 0 is not wrapped
    const tw::Plan inner = tw::make_plan(vp, solver, grid);
    INFO(name);
    CHECK(tw::make_plan(vp, tw::Churn<S>{solver, 0}, grid) == inner);
    CHECK(tw::make_plan(vp, tw::Ancestral<S>{solver, 0}, grid) == inner);
    CHECK(tw::AnySolver(tw::Ancestral<S>{solver, 0}).facts().extra == solver.facts().extra);
    if (!solver.facts().stochastic) {
      const tw::Grid up = tw::reversed(tw::karras(vp, 6));
      CHECK(tw::make_plan(vp, tw::Ancestral<S>{solver, 0}, up) == tw::make_plan(vp, solver, up));
    }
    tw::PredictorCorrector<S> predictor{solver};
    predictor.corrections = 0;
    CHECK(tw::make_plan(vp, predictor, grid) == inner);
  });
}

TEST_CASE("wrapper: around every deterministic solver it keeps to the marginals") {
  // More steps bring the exact moments closer.
  tw::for_each_solver([&](const char* name, const auto& solver) {
    using S = std::decay_t<decltype(solver)>;
    if (solver.facts().stochastic) return;
    if (solver.facts().remembers > 0) {
      const tw::Grid grid = tw::log_snr(vp, 5);
      for (const tw::AnySolver& wrapped :
           {tw::AnySolver(tw::Churn<S>{solver, 8}), tw::AnySolver(tw::Ancestral<S>{solver})})
        CHECK_THAT(error_of([&] { tw::make_plan(vp, wrapped, grid); }),
                   Contains("is a multistep method, whose history does not fit fresh noise"));
      return;
    }
    for (bool churn : {true, false}) {
      const auto error = [&](int n) {
        const tw::Grid grid = tw::log_snr(vp, n, {.sigma_max = 20, .sigma_min = 0.1});
        return exact_error(churn ? tw::make_plan(vp, tw::Churn<S>{solver, 8, 0.2, 10}, grid)
                                 : tw::make_plan(vp, tw::Ancestral<S>{solver, 0.7}, grid));
      };
      INFO(name << (churn ? " with churn" : " ancestral"));
      CHECK(error(320) < std::max(0.6 * error(160), 1e-6));
    }
  });
}

TEST_CASE("wrapper: is written with its solver, with or without options") {
  const tw::Churn a{tw::Heun<InSigma>{}, 10};
  const tw::Churn<tw::Heun<InSigma>> b{.amount = 10, .s_noise = 1.003};
  const tw::Ancestral c{tw::DPMSolver2{}};
  const tw::PredictorCorrector d{tw::EulerMaruyama{}, 0.1};
  CHECK(a.amount == b.amount);
  CHECK(c.facts().name == "Ancestral(eta = 1) of DPM-Solver-2");
  CHECK(d.snr == 0.1);
}

TEST_CASE("wrapper: Ancestral of Euler is DDIM with the same eta") {
  const tw::Grid grid = tw::karras(vp, 7, {.to_zero = true});
  for (double eta : {0.3, 1.0}) {
    const tw::Moments a =
        tw::moments(tw::make_plan(vp, tw::Ancestral<tw::Euler<InSigma>>{{}, eta}, grid), data());
    const tw::Moments b = tw::moments(tw::make_plan(vp, tw::DDIM{eta}, grid), data());
    CHECK(a.mean.isApprox(b.mean, 1e-9));
    CHECK(a.covariance.isApprox(b.covariance, 1e-9));
  }
}

TEST_CASE("wrapper: bad amounts are refused") {
  const tw::Grid grid = tw::karras(vp, 4);
  CHECK_THAT(error_of([&] {
               tw::make_plan(vp, tw::Churn<tw::DDIM>{{}, -1}, grid);
             }),
             Contains("amount = -1"));
  CHECK_THAT(error_of([&] {
               tw::make_plan(vp, tw::Ancestral<tw::DDIM>{{}, -1}, grid);
             }),
             Contains("eta = -1"));
  CHECK_THAT(error_of([&] {
               tw::make_plan(vp, tw::PredictorCorrector<tw::DDIM>{{}, -1}, grid);
             }),
             Contains("snr = -1"));
  CHECK_THAT(error_of([&] { tw::make_plan(vp, tw::TwoStage<InSigma>{0}, grid); }),
             Contains("alpha = 0"));
  CHECK_THAT(error_of([&] { tw::make_plan(vp, tw::IPNDM{5}, grid); }), Contains("order = 5"));
  CHECK_THAT(error_of([&] { tw::make_plan(vp, tw::EulerMaruyama{-1}, grid); }),
             Contains("eta = -1"));
  CHECK_THAT(error_of([&] { tw::make_plan(vp, tw::EulerMaruyama{}, tw::reversed(grid)); }),
             Contains("draws noise, and cannot encode"));
}

TEST_CASE("ddpm: the posterior variance is DDIM(eta = 1), the forward one is larger") {
  const auto table = tw::Tabulated::from_betas(tw::linear_betas(1000));
  const tw::Grid grid = tw::from_indices(table, tw::indices(tw::Indices::leading, 20, 1000));
  const tw::Moments a = tw::moments(tw::make_plan(table, tw::DDPM{}, grid), data());
  const tw::Moments b = tw::moments(tw::make_plan(table, tw::DDIM{1}, grid), data());
  CHECK(a.mean.isApprox(b.mean, 1e-9));
  CHECK(a.covariance.isApprox(b.covariance, 1e-9));
  const tw::Moments forward =
      tw::moments(tw::make_plan(table, tw::DDPM{tw::Variance::forward}, grid), data());
  CHECK(forward.covariance.trace() > a.covariance.trace());
}

TEST_CASE("family: from the probability-flow ODE to the reverse SDE and beyond") {
  // eta = lambda^2: the same marginals in the limit, whatever eta.
  const tw::Grid grid = tw::uniform(vp, 4000, {.t_min = 0.01});
  for (double eta : {0.0, 0.25, 1.0, 2.0}) {
    const tw::Plan plan =
        tw::make_plan(vp, tw::EulerMaruyama{.eta = eta, .last_noise = true}, grid);
    INFO("eta = " << eta);
    CHECK(exact_error(plan) < 0.01);
    CHECK((plan.facts().stochastic == (eta > 0)));
  }
  // eta = 0 is Euler in t.
  const tw::Grid few = tw::uniform(vp, 5);
  const tw::Moments a = tw::moments(tw::make_plan(vp, tw::EulerMaruyama{.eta = 0}, few), data());
  const tw::Moments b = tw::moments(tw::make_plan(vp, tw::Euler<tw::InTime>{}, few), data());
  CHECK(a.covariance.isApprox(b.covariance, 1e-10));
}

TEST_CASE(
    "predictor-corrector: by sampling, within its error of the recursion in many dimensions") {
  // In many dimensions the norms hardly vary, so that on data N(0, 0.3 I) the variance v obeys
  // a = 2 snr^2 V^2 / v, v <- (1 - a / V)^2 v + 2 a, V being the marginal's variance; then the
  // predictor's own step.
  const Eigen::Index dim = 8192, count = 8;
  const double c = 0.3, snr = 0.2;
  const auto target =
      tw::Gaussian::diagonal(Eigen::VectorXd::Zero(dim), Eigen::VectorXd::Constant(dim, c));
  const tw::Grid grid = tw::uniform(vp, 12, {.t_min = 0.05});
  for (auto norms : {tw::LangevinNorms::per_sample, tw::LangevinNorms::batch_mean}) {
    const tw::PredictorCorrector<tw::EulerMaruyama> solver{
        .predictor = {}, .snr = snr, .corrections = 2, .norms = norms};
    const tw::Plan plan = tw::make_plan(vp, solver, grid);
    Eigen::MatrixXd x(dim, count);
    tw::prior(plan.front(), x, tw::Noise{.seed = 21});
    tw::Sampler sampler(plan, target, x);
    sampler(x, tw::Noise{.seed = 21});

    double v = plan.front().std * plan.front().std;
    for (const tw::Interval& s : plan.intervals()) {
      const double V = s.t.scale * s.t.scale * c + s.t.std * s.t.std, h = s.u.t - s.t.t;
      for (int k = 0; k < 2; ++k) {
        const double a = 2 * snr * snr * V * V / v;
        v = (1 - a / V) * (1 - a / V) * v + 2 * a;
      }
      const double factor = 1 + h * (s.t.f() + s.t.g2 / V);
      v = factor * factor * v + (s.last() ? 0 : s.t.g2 * -h);
    }
    const double n = double(x.size());
    CHECK(std::abs(x.squaredNorm() / n / v - 1) < 4 * std::sqrt(2 / n) + 4.0 / double(dim));
    CHECK(std::abs(x.mean()) < 4 * std::sqrt(v / n));
  }
}

TEST_CASE("predictor-corrector: annealed Langevin is affine, so its moments are exact") {
  const tw::PredictorCorrector<tw::Stay> annealed{
      .predictor = {}, .snr = 0.2, .corrections = 5, .annealed = true};
  double before = 1e9;
  for (int steps : {20, 80, 320}) {
    const double error =
        exact_error(tw::make_plan(tw::EDM{}, annealed, tw::log_snr(tw::EDM{}, steps)));
    CHECK(error < before);
    before = error;
  }
}

TEST_CASE("grid: entries of a table") {
  using tw::Indices;
  CHECK(tw::indices(Indices::leading, 4, 1000) == std::vector<int>{750, 500, 250, 0});
  CHECK(tw::indices(Indices::leading, 4, 1000, 1) == std::vector<int>{751, 501, 251, 1});
  CHECK(tw::indices(Indices::trailing, 4, 1000) == std::vector<int>{999, 749, 499, 249});
  CHECK(tw::indices(Indices::linspace, 4, 1000) == std::vector<int>{999, 666, 333, 0});
  CHECK_THAT(error_of([] { tw::indices(Indices::leading, 0, 1000); }), Contains("0 entries"));
  const auto table = tw::Tabulated::from_betas(tw::cosine_betas(1000));
  const tw::Grid grid = tw::from_indices(table, {999, 500, 0});
  CHECK(grid.steps() == 3);
  CHECK(grid.back().std == 0);
  CHECK(grid[1] == table.at(0.501));
  CHECK(tw::from_indices(table, {999, 500, 0}, false).steps() == 2);
  CHECK_THAT(error_of([&] { tw::from_indices(table, {1000}); }), Contains("entry 1000"));
}

TEST_CASE("grid: EDM's four discretizations cover their range") {
  const tw::VP fitted = tw::VP::reaching(0.02, 80);
  CHECK(fitted.at(1).sigma() == Approx(80).epsilon(1e-12));
  CHECK(fitted.at(1e-3).sigma() == Approx(0.02).epsilon(1e-10));
  const tw::Grid u = tw::iddpm(tw::EDM{}, 10, 80, 0.02);
  CHECK(u.steps() == 10);
  CHECK(u.front().sigma() <= 80);
  CHECK(u.front().sigma() > 70);
  CHECK(tw::iddpm(tw::EDM{}, 10, 81, 0.02).front().sigma() > 80);  // the largest of all
  CHECK(u[9].sigma() >= 0.02);
  CHECK(u.back().sigma() == 0);
  CHECK_THAT(error_of([] { tw::iddpm(tw::EDM{}, 10, 80, 79.9); }), Contains("of the levels lie"));
  const tw::Grid poly = tw::polyexponential(tw::EDM{}, 4, 1, {.sigma_max = 16, .sigma_min = 1});
  for (std::size_t k = 0; k < 5; ++k) CHECK(poly[k].sigma() == Approx(std::pow(2, 4 - double(k))));
  const tw::Grid noisy = tw::dense_at_noise(vp, 4, {.t_max = 1, .t_min = 0.2});
  for (std::size_t k = 0; k < 5; ++k)
    CHECK(noisy[k].t == Approx(1 - 0.8 * std::pow(double(k) / 4, 2)));
}

TEST_CASE("betas: to a continuous process and back") {
  const auto betas = tw::linear_betas(1000);
  const auto table = tw::Tabulated::from_betas(betas);
  const auto back = tw::betas_of(table, 1000);
  for (std::size_t k = 0; k < betas.size(); ++k) CHECK(back[k] == Approx(betas[k]).epsilon(1e-9));
  // VP with beta(t) = 0.1 + 19.9 t is DDPM's table with N beta_k, and not with twice that.
  const auto chain = tw::betas_of(vp, 1000);
  for (std::size_t k = 100; k < 1000; k += 100)
    CHECK(1000 * chain[k] == Approx(0.1 + 19.9 * (double(k) + 0.5) / 1000).epsilon(0.02));
}

TEST_CASE("slerp: keeps the norm of latents, a straight line does not") {
  Eigen::MatrixXd a(4096, 3), b(4096, 3), out(4096, 3);
  tw::Noise{.seed = 1}.fill(0, a);
  tw::Noise{.seed = 2}.fill(0, b);
  tw::slerp(a, b, 0.5, out);
  CHECK(out.squaredNorm() / double(out.size()) == Approx(1).epsilon(0.05));
  CHECK((0.5 * (a + b)).squaredNorm() / double(out.size()) == Approx(0.5).epsilon(0.05));
  tw::slerp(a, b, 0, out);
  CHECK(out.isApprox(a));
  tw::slerp(a, b, 1, out);
  CHECK(out.isApprox(b));
  tw::slerp(a, a, 0.3, out);
  CHECK(out.isApprox(a));
  // Equal angles: a quarter of the way from (1, 0) to (0, 1) is at 22.5 degrees.
  Eigen::Vector2d x(1, 0), y(0, 1), z;
  tw::slerp(x, y, 0.25, z);
  CHECK(std::atan2(z[1], z[0]) == Approx(std::acos(-1.0) / 8));
  CHECK_THAT(error_of([&] { tw::slerp(a, b, 0.5, z); }), Contains("4096 x 3"));
}

TEST_CASE("sample_in_blocks: the samples of the whole, in bounded memory") {
  const tw::Grid grid = tw::karras(vp, 6);
  const auto model =
      tw::predicts_epsilon([](const auto& x, double t, auto& out) { out = (0.9 + 0.05 * t) * x; });
  const tw::SampleOptions options{.dim = 3, .count = 23, .noise = {.seed = 6, .first_sample = 100}};
  const Eigen::MatrixXd whole = tw::sample<>(vp, model, tw::DDPM{}, grid, options);
  Eigen::MatrixXd together(3, 23);
  std::vector<Eigen::Index> sizes;
  tw::sample_in_blocks<>(vp, model, tw::DDPM{}, grid, options, 10,
                         [&](Eigen::Index first, const auto& x) {
                           together.middleCols(first, x.cols()) = x;
                           sizes.push_back(x.cols());
                         });
  CHECK(together == whole);
  CHECK(sizes == std::vector<Eigen::Index>{10, 10, 3});
  CHECK_THAT(error_of([&] {
               tw::sample_in_blocks<>(vp, model, tw::DDPM{}, grid, options, 0,
                                      [](auto, const auto&) {});
             }),
             Contains("columns = 0"));
}

TEST_CASE("noise: weights of a wrapper's draws are what the paper says") {
  // arXiv:2206.00364, algorithm 2: sigma_hat = (1 + gamma) sigma, noise S_noise sqrt(sigma_hat^2 -
  // sigma^2).
  const tw::AnyProcess edm = tw::EDM{};
  const tw::Churn<tw::Euler<InSigma>> solver{{}, 0.6, 0.5, 5, 1.01};
  const tw::Plan plan = tw::make_plan(edm, solver, tw::from_sigmas(edm, {8, 4, 1, 0.2}));
  const std::vector<double> w = weights(plan);
  // Step 0 is above s_max: two weights. Steps 1 and 2 are churned: x, z, then y, epsilon.
  REQUIRE(w.size() == 2 + 4 + 4);
  CHECK(w[3] == Approx(1.01 * 4 * std::sqrt(1.2 * 1.2 - 1)));
  CHECK(w[5] == Approx(1 - 4 * 1.2));
  CHECK(w[9] == Approx(0.2 - 1.2));
}
