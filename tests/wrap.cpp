// SPDX-License-Identifier: MIT
// Solvers around solvers: churn, ancestral, predictor-corrector, starters.
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <tweedie/analysis/moments.hpp>
#include <tweedie/forward/prior.hpp>
#include <tweedie/grid/spacing.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/flow.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/run/sampler.hpp>
#include <tweedie/solver/wrap/churn.hpp>
#include <tweedie/solver/wrap/predictor_corrector.hpp>

#include "support/predicting.hpp"
#include "support/registry.hpp"

namespace tw = tweedie;
using tw::InSigma;

namespace {

const tw::AnyProcess vp = tw::VP{}, edm = tw::EDM{};

tw::Gaussian data() {
  return tw::Gaussian(Eigen::Vector2d(1, -2), (Eigen::Matrix2d() << 2, 0.9, 0.9, 0.5).finished());
}

double exact_error(const tw::Plan& plan) {
  return tw::wasserstein(tw::moments(plan, data(), tw::Start::exact),
                         tw::exact_moments(data(), plan.to()));
}

/// The weights of every update for a model of epsilon, in the order of the terms.
std::vector<double> weights(const tw::Plan& plan) {
  std::vector<double> all;
  for (const tw::Row& row : tw::lowering::fold(plan.rows(), tw::Prediction::epsilon))
    if (const auto* update = std::get_if<tw::Update>(&row))
      for (const tw::Term& term : update->terms) all.push_back(term.weight);
  return all;
}

}  // namespace

TEST_CASE("wrapper: with amount 0 it is the inner solver, draw for draw") {
  const tw::Grid grid = tw::karras(vp, 6);
  tw::for_each_solver([&](std::string_view name, const auto& solver) {
    using S = std::decay_t<decltype(solver)>;
    if (name == "sde_heun") return;  // a step in t to sigma = 0 is not wrapped
    const tw::Plan inner = tw::make_plan(vp, solver, grid);
    INFO(name);
    if (solver.facts().order == 0) return;  // a corrector inside a wrapper
    CHECK(tw::make_plan(vp, tw::Churn<S>{solver, 0}, grid) == inner);
    CHECK(tw::make_plan(vp, tw::Ancestral<S>{solver, 0}, grid) == inner);
    CHECK(tw::Ancestral<S>{solver, 0}.facts().extra_evaluations ==
          solver.facts().extra_evaluations);
    if (!solver.facts().stochastic()) {
      const tw::Grid up = tw::reversed(tw::karras(vp, 6, {.to_zero = false}));
      CHECK(tw::make_plan(vp, tw::Ancestral<S>{solver, 0}, up) == tw::make_plan(vp, solver, up));
    }
    tw::PredictorCorrector<S> predictor{solver};
    predictor.corrections = 0;
    CHECK(tw::make_plan(vp, predictor, grid) == inner);
  });
}

TEST_CASE("wrapper: around every deterministic solver it keeps to the marginals") {
  // More steps bring the exact moments closer.
  tw::for_each_solver([&](std::string_view name, const auto& solver) {
    using S = std::decay_t<decltype(solver)>;
    if (solver.facts().stochastic()) return;
    if (solver.facts().remembers > 0) {
      const char* words = "a multistep method, whose history does not fit fresh noise";
      CHECK_THAT(error_of([&] { tw::AnySolver(tw::Churn<S>{solver, 8}); }), Contains(words));
      CHECK_THAT(error_of([&] { tw::AnySolver(tw::Ancestral<S>{solver}); }), Contains(words));
      return;
    }
    for (bool churn : {true, false}) {
      const auto error = [&](int n) {
        const tw::Grid grid =
            tw::log_snr(vp, n, {.sigma_max = 20, .sigma_min = 0.1, .to_zero = false});
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
  const tw::Grid grid = tw::karras(vp, 7);
  for (double eta : {0.3, 1.0}) {
    const tw::Moments a =
        tw::moments(tw::make_plan(vp, tw::Ancestral<tw::Euler<InSigma>>{{}, eta}, grid), data());
    const tw::Moments b = tw::moments(tw::make_plan(vp, tw::DDIM{eta}, grid), data());
    CHECK(a.mean.isApprox(b.mean, 1e-9));
    CHECK(a.covariance.isApprox(b.covariance, 1e-9));
  }
}

TEST_CASE("wrapper: bad amounts are refused, also those of the solver inside") {
  CHECK(error_of([] {
          tw::AnySolver(tw::Churn<tw::DDIM>{{}, -1});
        }) == "Churn(-1) of DDIM: amount = -1 must be at least 0 and finite");
  CHECK_THAT(error_of([] {
               tw::AnySolver(tw::Ancestral<tw::DDIM>{{}, -1});
             }),
             Contains("eta = -1"));
  CHECK_THAT(error_of([] { tw::AnySolver(tw::Ancestral<tw::DPMSolver2>{.sigma_min = -1}); }),
             Contains("sigma_min = -1 must be at least 0"));
  CHECK_THAT(error_of([] {
               tw::AnySolver(tw::PredictorCorrector<tw::DDIM>{{}, -1});
             }),
             Contains("snr = -1"));
  CHECK_THAT(error_of([] {
               tw::AnySolver(tw::Churn<tw::DPMSolver2>{.amount = 1, .s_min = 3, .s_max = 2});
             }),
             Contains("lies above"));
  CHECK_THAT(error_of([] {
               tw::AnySolver(tw::Churn{tw::DPMSolver2{.r = 0}, 1});
             }),
             Contains("DPM-Solver-2: r = 0"));
  CHECK_THAT(error_of([] { tw::AnySolver(tw::PredictorCorrector{tw::DDIM{.eta = -1}}); }),
             Contains("DDIM(eta = -1): eta = -1"));
  CHECK_THAT(error_of([] {
               tw::make_plan(vp, tw::EulerMaruyama{},
                             tw::reversed(tw::karras(vp, 4, {.to_zero = false})));
             }),
             Contains("draws noise, and cannot encode"));
}

TEST_CASE("wrapper: weights of churn's draws are what the paper says") {
  // arXiv:2206.00364, algorithm 2: sigma_hat = (1 + gamma) sigma, noise S_noise sqrt(sigma_hat^2 -
  // sigma^2).
  const tw::Churn<tw::Euler<InSigma>> solver{{}, 0.6, 0.5, 5, 1.01};
  const tw::Plan plan = tw::make_plan(edm, solver, tw::from_sigmas(edm, {8, 4, 1, 0.2}));
  const std::vector<double> w = weights(plan);
  // Step 0 is above s_max: two weights. Steps 1 and 2 are churned: x, z, then y, epsilon.
  REQUIRE(w.size() == 2 + 4 + 4);
  CHECK(w[3] == Approx(1.01 * 4 * std::sqrt(1.2 * 1.2 - 1)));
  CHECK(w[5] == Approx(1 - 4 * 1.2));
  CHECK(w[9] == Approx(0.2 - 1.2));
}

TEST_CASE("wrapper: a starter makes as many steps as the solver remembers, and again after noise") {
  using Kind = tw::Interval::Kind;
  const tw::WithStarter<tw::LMS> solver{tw::LMS{.order = 3}};
  std::vector<tw::Interval> all;
  for (const tw::Interval& s : tw::Intervals(tw::karras(edm, 5, {.to_zero = false})))
    all.push_back(s);
  CHECK(tw::make_plan(edm, solver, all).nfe() == 2 * 4 + 3);
  all.push_back({.from = edm.at(0.002), .to = edm.at(2), .kind = Kind::renoise});
  for (const tw::Interval& s :
       tw::Intervals(tw::karras(edm, 4, {.sigma_max = 2, .to_zero = false})))
    all.push_back(s);
  CHECK(tw::make_plan(edm, solver, all).nfe() == 2 * 4 + 3 + 2 * 4 + 2);
  // Its steps are the starter's own, then the solver's.
  const tw::Grid grid = tw::karras(edm, 4, {.to_zero = false});
  const tw::Plan started =
      tw::make_plan(edm, tw::WithStarter{tw::LMS{}, tw::DPMSolver2{}}, grid.first(3));
  const Eigen::MatrixXd x = start(started);
  CHECK(largest(run(started, x) - run(tw::make_plan(edm, tw::DPMSolver2{}, grid.first(3)), x)) <
        1e-12 * largest(x));
  // With none it is the solver.
  CHECK(tw::make_plan(edm, tw::WithStarter{tw::LMS{}, tw::DPMSolver2{}, 0}, grid) ==
        tw::make_plan(edm, tw::LMS{}, grid));
}

TEST_CASE("wrapper: what it declares follows from the solver inside, also where a run may start") {
  const tw::Churn churn{tw::DPMSolverPP2S{}, 4};
  const tw::Ancestral ancestral{tw::DPMSolverPP2S{}};
  const tw::PredictorCorrector corrected{tw::DDIM{.eta = 1}, 0.1, 3};
  const tw::WithStarter started{tw::DPMSolverPP3M{.eta = 1}, tw::SEEDS2{}};
  const tw::WithStarter in_time{tw::DPMSolverPP3M{}, tw::RK4<tw::InTime>{}};
  CHECK(churn.facts().draws == 1);
  CHECK(ancestral.facts().draws == 1);
  CHECK(corrected.facts().draws == 4);
  CHECK(started.facts().draws == 2);
  CHECK(started.facts().remembers == 2);
  CHECK(started.facts().clock == tw::Clock::sigma);
  CHECK(in_time.facts().clock == tw::Clock::time);
  const tw::AnyProcess flow = tw::Flow{};
  const auto says = [&](const tw::AnySolver& solver, bool starts) {
    INFO(solver.facts().name);
    CHECK(solver.facts().starts_from_noise == starts);
    const std::string error = error_of([&] { tw::make_plan(flow, solver, tw::uniform(flow, 6)); });
    if (starts)
      CHECK(error.empty());
    else
      CHECK_THAT(error, Contains("cannot start at sigma = infinity"));
  };
  says(churn, true);  // there is no noise above infinity
  says(tw::Churn{tw::DPMSolverPP2S{}, 0}, true);
  says(ancestral, true);
  says(tw::Ancestral{tw::Heun<InSigma>{}}, true);  // by way of clean data
  says(tw::Ancestral{tw::Heun<InSigma>{}, 0.5}, false);
  says(corrected, true);
  says(started, true);
  says(in_time, true);
  says(tw::WithStarter{tw::DPMSolverPP3M{}}, false);  // by RK4 in sigma
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
  const tw::Grid grid = tw::uniform(vp, 12, {.t_min = 0.05, .to_zero = false});
  {
    const tw::PredictorCorrector<tw::EulerMaruyama> solver{
        .predictor = {},
        .snr = snr,
        .corrections = 2,
        .step_size = tw::LangevinStep::by_batch_norms};
    const tw::Plan plan = tw::make_plan(vp, solver, grid);
    Eigen::MatrixXd x(dim, count);
    tw::prior(plan.from(), x, tw::Noise{.seed = 21});
    tw::Sampler sampler(plan, target, x);
    sampler(x, tw::Noise{.seed = 21});

    double v = plan.from().std * plan.from().std;
    for (const tw::Interval& s : plan.intervals()) {
      const double V = s.from.scale * s.from.scale * c + s.from.std * s.from.std,
                   h = s.to.t - s.from.t;
      for (int k = 0; k < 2; ++k) {
        const double a = 2 * snr * snr * V * V / v;
        v = (1 - a / V) * (1 - a / V) * v + 2 * a;
      }
      const double factor = 1 + h * (s.from.f() + s.from.g2 / V);
      v = factor * factor * v + (s.last() ? 0 : s.from.g2 * -h);
    }
    const double n = double(x.size());
    CHECK(std::abs(x.squaredNorm() / n / v - 1) < 4 * std::sqrt(2 / n) + 4.0 / double(dim));
    CHECK(std::abs(x.mean()) < 4 * std::sqrt(v / n));
  }
}

TEST_CASE("predictor-corrector: annealed Langevin ends with the variance that its text promises") {
  // v / (1 - snr^2 std^2 / v) at the last level, where many corrections reach equilibrium.
  for (double snr : {0.2, 0.3, 0.5})
    for (double std : {0.3, 2.0}) {
      const tw::PredictorCorrector<tw::NoPredictor> annealed{
          .predictor = {}, .snr = snr, .corrections = 1000};
      const tw::Plan plan = tw::make_plan(edm, annealed, tw::from_sigmas(edm, {std, 0.99 * std}));
      const auto data = tw::Gaussian::diagonal(Eigen::VectorXd::Constant(1, 3),
                                               Eigen::VectorXd::Constant(1, 0.25));
      const double v = 0.25 + std * std, size = snr * snr * std * std / v;
      const tw::Moments m = tw::moments(plan, data);
      CHECK(m.mean[0] == Approx(3).epsilon(1e-6));
      CHECK(m.covariance(0, 0) == Approx(v / (1 - size)).epsilon(1e-6));
    }
}

TEST_CASE("predictor-corrector: samples have the data's variance in 1, 2, 3 and 8 dimensions") {
  // score_sde#41: norms per sample, as an earlier default had them, gave 1.2e6, 10, 3 and 1.6.
  for (auto step_size : {tw::LangevinStep::by_std, tw::LangevinStep::by_batch_norms})
    for (int dim : {1, 2, 3, 8}) {
      const tw::PredictorCorrector<tw::EulerMaruyama> solver{.step_size = step_size};
      const auto target =
          tw::Gaussian::diagonal(Eigen::VectorXd::Zero(dim), Eigen::VectorXd::Ones(dim));
      const tw::Plan plan = tw::make_plan(vp, solver, tw::uniform(vp, 200, {.to_zero = false}));
      Eigen::MatrixXd x(dim, 20000 / dim);
      tw::prior(plan.from(), x, tw::Noise{.seed = 5});
      tw::Sampler(plan, target, x)(x, tw::Noise{.seed = 5});
      INFO("dim " << dim);
      CHECK(std::abs(x.squaredNorm() / double(x.size()) - 1) < 0.06);
    }
}

TEST_CASE(
    "predictor-corrector: scores that are 0 leave a number, and steps beyond the stable are "
    "refused") {
  const auto no_score = tw::predicts_score([](const auto& x, double, auto& out) { out = 0 * x; });
  for (auto step_size : {tw::LangevinStep::by_std, tw::LangevinStep::by_batch_norms}) {
    const tw::PredictorCorrector<tw::ReverseDiffusion> solver{.step_size = step_size};
    const tw::Plan plan = tw::make_plan(vp, solver, tw::uniform(vp, 10, {.to_zero = false}));
    Eigen::MatrixXd x = Eigen::MatrixXd::Zero(2, 3);
    tw::Sampler(plan, no_score, x)(x, tw::Noise{.seed = 5});
    CHECK(x.allFinite());
  }
  const auto refused = [](double snr, double alpha) {
    tw::PredictorCorrector<tw::NoPredictor> solver{.snr = snr};
    solver.alpha = [alpha](const tw::Level&) { return alpha; };
    return error_of([&] { tw::make_plan(vp, solver, tw::uniform(vp, 3, {.to_zero = false})); });
  };
  CHECK_THAT(refused(1.5, 1), Contains("snr = 1.5 must lie between 0 and 1"));
  CHECK_THAT(refused(NAN, 1), Contains("snr = nan"));
  CHECK_THAT(refused(0.5, 4), Contains("alpha = 4 with snr = 0.5 in step 0"));
  CHECK_THAT(refused(0.5, -1), Contains("alpha = -1"));
  CHECK_THAT(refused(0.5, NAN), Contains("alpha = nan"));
  CHECK_THAT(error_of([] { tw::AnySolver(tw::PredictorCorrector{tw::DPMSolverPP2M{}}); }),
             Contains("a multistep method, whose history does not fit fresh noise"));
}

TEST_CASE("ancestral: divided in time, as ComfyUI does on flows") {
  const tw::AnyProcess flow = tw::Flow{};
  const double eta = 0.6, s_noise = 1.1;
  const tw::Ancestral<tw::Euler<tw::InSigma>> solver{
      .eta = eta, .s_noise = s_noise, .in_time = true};
  const tw::Plan plan = tw::make_plan(flow, solver, tw::uniform(flow, 7));
  const auto model = tw::predicts_data([](const auto& x, double t, auto& out) {
    out = (0.3 * (1 - t) / (0.3 * (1 - t) * (1 - t) + t * t)) * x;
  });
  const tw::Noise noise{.seed = 3};
  Eigen::MatrixXd x(2, 3), D(2, 3), z(2, 3);
  tw::prior(plan.from(), x, noise);
  Eigen::MatrixXd y = x;
  tw::Sampler(plan, model, x)(x, noise);
  for (int k = 0; k < 7; ++k) {
    const double t = 1 - k / 7.0, u = 1 - (k + 1) / 7.0;
    model.f(y, t, D);
    if (k == 6) {
      y = D;
      continue;
    }
    const double d = u * (1 + (u / t - 1) * eta), a = (1 - u) / (1 - d);
    noise.fill(k + 1, z);
    y = a * ((d / t) * y + (1 - d / t) * D) + s_noise * std::sqrt(u * u - d * a * d * a) * z;
  }
  CHECK((x - y).norm() < 1e-13);
  CHECK(tw::make_plan(flow, "euler_ancestral_RF", tw::uniform(flow, 7)).nfe() == 7);
  CHECK_THAT(error_of([] {
               tw::AnySolver{tw::Ancestral<tw::Euler<tw::InSigma>>{.eta = 1.5, .in_time = true}};
             }),
             Contains("at most 1 for a division in time"));
}
