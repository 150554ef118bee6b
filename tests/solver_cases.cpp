// SPDX-License-Identifier: MIT
// What one paper, or one solver's options, say: equalities between methods, weights, options
// refused, facts that follow from options. Laws over all solvers stand in solver.cpp.
#include "support/catch.hpp"

#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <tweedie/grid/timesteps.hpp>
#include <tweedie/noise/recorded.hpp>
#include <tweedie/process/betas.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/flow.hpp>
#include <tweedie/process/tabulated_vp.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/run/sampler.hpp>
#include <tweedie/solver/ode/dpm_solver_singlestep.hpp>
#include <tweedie/solver/sde/tcd.hpp>
#include <tweedie/solver/wrap/predictor_corrector.hpp>

#include "support/plans.hpp"
#include "support/predicting.hpp"
#include "support/processes.hpp"
#include "support/registry.hpp"

namespace tw = tweedie;
using tw::DifferenceWeight;
using tw::InSigma;
using tw::Prediction;

namespace {

const tw::AnyProcess vp = tw::VP{}, edm = tw::EDM{}, flow = tw::Flow{};

tw::Gaussian slanted() {
  return tw::Gaussian(Eigen::Vector2d(1, -2), (Eigen::Matrix2d() << 2, 0.9, 0.9, 0.5).finished());
}

/// The largest difference between what two solvers return, relative to the start, over processes.
double distance(const tw::AnySolver& a, const tw::AnySolver& b) {
  double most = 0;
  for (const auto& [process_name, process] : processes())
    for (bool to_zero : {false, true}) {
      const tw::Grid grid =
          tw::karras(process, 9, {.sigma_max = 20, .sigma_min = 0.05, .to_zero = to_zero});
      const tw::Plan first = tw::make_plan(process, a, grid),
                     second = tw::make_plan(process, b, grid);
      const Eigen::MatrixXd x = start(first);
      const tw::Noise noise{.seed = 99};  // one may use fewer draws than the other
      const Predicting model;
      most = std::max(
          most, largest(run(first, model, x, noise) - run(second, model, x, noise)) / largest(x));
    }
  return most;
}

}  // namespace

TEST_CASE("equal: DDIM is Euler in sigma is DEIS of order 1 is DPM-Solver-1") {
  for (const auto& [process_name, process] : processes()) {
    const tw::Grid grid = tw::log_snr(process, 7, {.to_zero = false});
    const tw::Plan reference = tw::make_plan(process, tw::DDIM{}, grid);
    const Eigen::MatrixXd x = start(reference);
    const Eigen::MatrixXd expected = run(reference, x);
    for (const tw::AnySolver& other :
         {tw::AnySolver(tw::Euler<tw::InSigma>{}), tw::AnySolver(tw::DEIS{.order = 1}),
          tw::AnySolver(tw::LMS{.order = 1}), tw::AnySolver(tw::LogRhoAB{.order = 1})}) {
      const Eigen::MatrixXd y =
          run(tw::make_plan(process, other, grid), Predicting{Prediction::epsilon}, x, tw::Noise{});
      INFO(other.facts().name << " on " << process_name);
      CHECK(largest(y - expected) < 1e-11 * largest(x));
    }
  }
}

TEST_CASE("equal: DDIM with eta = 1 is DDPM's posterior, from the betas") {
  using tw::math::element;
  // Ho et al. 2020, arXiv:2006.11239, eq. 6 and 7, coefficient by coefficient.
  std::vector<double> betas;
  for (int k = 0; k < 50; ++k) betas.push_back(1e-3 + 0.3 * k / 49.0);
  const auto table = tw::TabulatedVP::from_betas(betas);
  std::vector<double> times, alpha_bar{1};
  for (int k = 49; k >= 0; --k) times.push_back(table.time_of_index(k));
  for (double beta : betas) alpha_bar.push_back(alpha_bar.back() * (1 - beta));
  const tw::Plan plan = tw::make_plan(table, tw::DDIM{.eta = 1}, tw::from_times(table, times));
  int k = 50;  // x_k to x_{k-1}, counted from 1 as in the paper
  int data = 0;
  for (const tw::Row& row : tw::lowering::fold(plan.rows(), Prediction::data)) {
    const auto* update = std::get_if<tw::Update>(&row);
    if (!update) {
      data = tw::output(row);
      continue;
    }
    const double a = element(alpha_bar, k), b = element(alpha_bar, k - 1),
                 beta = element(betas, k - 1);
    double x = 0, D = 0, z = 0;
    for (const tw::Term& term : update->terms) {
      if (term.operand.is_draw())
        z = term.weight;
      else if (term.operand.index == data)
        D = term.weight;
      else
        x = term.weight;
    }
    INFO("step from " << k);
    CHECK(D == Approx(std::sqrt(b) * beta / (1 - a)).epsilon(1e-9));
    CHECK(x == Approx(std::sqrt(1 - beta) * (1 - b) / (1 - a)).epsilon(1e-9));
    CHECK(z == Approx(std::sqrt((1 - b) / (1 - a) * beta)).epsilon(1e-9));
    --k;
  }
  CHECK(k == 1);
}

TEST_CASE("ddpm: the posterior variance is DDIM(eta = 1), the forward one is larger") {
  const auto table = tw::TabulatedVP::from_betas(tw::linear_betas(1000));
  const tw::Grid grid =
      tw::from_timesteps(table, tw::timesteps(tw::TimestepSpacing::leading, 20, 1000));
  const tw::Moments a = tw::moments(tw::make_plan(table, tw::DDPM{}, grid), slanted());
  const tw::Moments b = tw::moments(tw::make_plan(table, tw::DDIM{1}, grid), slanted());
  CHECK(a.mean.isApprox(b.mean, 1e-9));
  CHECK(a.covariance.isApprox(b.covariance, 1e-9));
  const tw::Moments forward =
      tw::moments(tw::make_plan(table, tw::DDPM{tw::Variance::forward}, grid), slanted());
  CHECK(forward.covariance.trace() > a.covariance.trace());
}

TEST_CASE("equal: methods that are the same under several names") {
  const double tolerance = 1e-12;
  // Exponential Adams-Bashforth is DPM-Solver multistep with Taylor's weight; RES-2M is its order
  // 2.
  CHECK(distance(tw::ExponentialAB{.order = 2},
                 tw::DPMSolverPP2M{.difference_weight = DifferenceWeight::taylor}) < tolerance);
  CHECK(distance(tw::ExponentialAB{.order = 3},
                 tw::DPMSolverPP3M{.difference_weight = DifferenceWeight::taylor}) < tolerance);
  CHECK(distance(tw::LogRhoAB{.order = 2},
                 tw::DPMSolver2M{.difference_weight = DifferenceWeight::taylor}) < tolerance);
  CHECK(distance(tw::LogRhoAB{.order = 3},
                 tw::DPMSolver3M{.difference_weight = DifferenceWeight::taylor}) < tolerance);
  CHECK(distance(tw::SASolver{.tau = 0, .predictor = 3, .corrector = 0},
                 tw::ExponentialAB{.order = 3}) < tolerance);
  CHECK(distance(tw::IPNDM{.order = 2, .lower_order = tw::LowerOrder::never()},
                 tw::GradientEstimation{.gamma = 1.5}) < tolerance);
  // The SDE methods at the ends of their families.
  CHECK(distance(tw::SEEDS2{.eta = 0},
                 tw::DPMSolverPP2S{.difference_weight = DifferenceWeight::taylor}) < tolerance);
  CHECK(distance(tw::SEEDS3{.eta = 0},
                 tw::DPMSolverPP3S{.difference_weight = DifferenceWeight::taylor}) < tolerance);
  CHECK(distance(tw::DPMSolverPPSDE{.eta = 0}, tw::DPMSolverPP2S{}) < tolerance);
  CHECK(distance(tw::ERSDE{.terms = 1, .w = [](double sigma) { return sigma; }}, tw::DDIM{}) <
        tolerance);
  CHECK(distance(tw::DPMSolverPP1{.eta = 1}, tw::DDIM{.eta = 1}) < tolerance);
  CHECK(distance(tw::ERSDE{.terms = 1, .w = [](double sigma) { return sigma * sigma; }},
                 tw::DDIM{.eta = 1}) < tolerance);
  CHECK(distance(tw::SASolver{.tau = 1, .predictor = 1, .corrector = 0}, tw::DDPM{}) < tolerance);
  CHECK(distance(tw::SASolver{.tau = 1, .predictor = 2, .corrector = 0},
                 tw::DPMSolverPP2M{.eta = 1, .difference_weight = DifferenceWeight::taylor}) <
        tolerance);
  // UniPC's variants differ where one weight is set to 1/2 only.
  CHECK(distance(tw::UniPC{.order = 1}, tw::UniPC{.order = 1, .variant = tw::UniPCVariant::exact}) > 1e-6);
  // Different methods do differ.
  CHECK(distance(tw::DPMSolverPP2M{},
                 tw::DPMSolverPP2M{.difference_weight = DifferenceWeight::taylor}) > 1e-6);
}

TEST_CASE("equal: exponential Runge-Kutta by its Butcher tableau") {
  // RES-2s of Zhang, Song & Chen 2023, arXiv:2308.02157, on dy/dlambda = data - y, for one step in
  // one dimension with data = a y + b, by phi functions written out.
  const double a = 0.4, b = 0.7, sigma = 3, sigma_u = 1.2, h = std::log(sigma / sigma_u), y = 2;
  const auto phi_1 = [](double z) { return std::expm1(z) / z; };
  const auto phi_2 = [](double z) { return (std::expm1(z) - z) / (z * z); };
  const auto model =
      tw::predicts_data([&](const auto& x, double, auto& out) { out.array() = a * x.array() + b; });
  for (double c2 : {0.5, 1.0}) {
    const auto g = [&](double v) { return a * v + b; };
    const double u = std::exp(-c2 * h) * y + -std::expm1(-c2 * h) * g(y);
    const double b2 = phi_2(-h) / c2, b1 = phi_1(-h) - b2;
    const double expected = y + h * (b1 * (g(y) - y) + b2 * (g(u) - y));
    const tw::Plan plan = tw::make_plan(
        edm, tw::DPMSolverPP2S{.r = c2, .difference_weight = DifferenceWeight::taylor},
        tw::from_sigmas(edm, {sigma, sigma_u}));
    CHECK(run(plan, model, Eigen::MatrixXd::Constant(1, 1, y), tw::Noise{})(0, 0) ==
          Approx(expected).epsilon(1e-13));
  }
}

TEST_CASE("family: from the probability-flow ODE to the reverse SDE and beyond") {
  // eta = lambda^2: the same marginals in the limit, whatever eta.
  const tw::Grid grid = tw::uniform(vp, 4000, {.t_min = 0.01, .to_zero = false});
  for (double eta : {0.0, 0.25, 1.0, 2.0}) {
    const tw::Plan plan =
        tw::make_plan(vp, tw::EulerMaruyama{.eta = eta, .last_noise = true}, grid);
    INFO("eta = " << eta);
    CHECK(tw::wasserstein(tw::moments(plan, slanted(), tw::Start::exact),
                          tw::exact_moments(slanted(), plan.to())) < 0.01);
    CHECK((plan.facts().stochastic() == (eta > 0)));
  }
  // eta = 0 is Euler in t.
  const tw::Grid few = tw::uniform(vp, 5, {.to_zero = false});
  const tw::Moments a = tw::moments(tw::make_plan(vp, tw::EulerMaruyama{.eta = 0}, few), slanted());
  const tw::Moments b = tw::moments(tw::make_plan(vp, tw::Euler<tw::InTime>{}, few), slanted());
  CHECK(a.covariance.isApprox(b.covariance, 1e-10));
}

TEST_CASE("weights: Adams-Bashforth's are the textbook's on a uniform grid") {
  const std::vector<std::vector<double>> textbook{{1},
                                                  {3. / 2, -1. / 2},
                                                  {23. / 12, -16. / 12, 5. / 12},
                                                  {55. / 24, -59. / 24, 37. / 24, -9. / 24}};
  const auto never = tw::LowerOrder::never();
  for (const tw::AnySolver& solver :
       {tw::AnySolver(tw::LMS{4, never}), tw::AnySolver(tw::DEIS{4, never})}) {
    const tw::Plan plan = tw::make_plan(edm, solver, tw::from_sigmas(edm, {10, 9, 8, 7, 6, 5}));
    std::size_t step = 0;
    for (const tw::Row& row : tw::lowering::fold(plan.rows(), Prediction::epsilon))
      if (const auto* update = std::get_if<tw::Update>(&row)) {
        const auto& expected = textbook[std::min<std::size_t>(step, 3)];
        REQUIRE(update->terms.size() == expected.size() + 1);
        for (std::size_t j = 0; j < expected.size(); ++j)
          CHECK(-update->terms[j + 1].weight == Approx(expected[j]).epsilon(1e-12));
        ++step;
      }
  }
  // Order 2 in lambda, by the antiderivative of ln(v/c)/ln(b/c), from sigma 2 to 1 with 5 before.
  const tw::LogRhoAB second{.order = 2, .lower_order = tw::LowerOrder::never()};
  const tw::Plan plan = tw::make_plan(edm, second, tw::from_sigmas(edm, {5, 2, 1}));
  const auto rows = tw::lowering::fold(plan.rows(), Prediction::epsilon);
  const auto& last = std::get<tw::Update>(rows.back());
  const auto G = [](double v, double b, double c) {
    return v * (std::log(v) - std::log(c) - 1) / (std::log(b) - std::log(c));
  };
  CHECK(last.terms[1].weight == Approx(G(1, 2, 5) - G(2, 2, 5)).epsilon(1e-12));
  CHECK(last.terms[2].weight == Approx(G(1, 5, 2) - G(2, 5, 2)).epsilon(1e-12));
}

TEST_CASE("weights: z phi_k(z) is the integral that defines phi_k, near 0 and far from it") {
  for (double z : {-40., -17., -16., -8., -2.5, -1., -0.999, -1e-9, 1e-9, 0.3, 1., 2.5, 5., 16.})
    for (int k = 1; k <= 17; ++k) {
      // phi_k(z) = integral over s in [0, 1] of e^((1 - s) z) s^(k - 1) / (k - 1)!, in panels.
      double integral = 0;
      for (int panel = 0; panel < 40; ++panel)
        integral += tw::math::gauss_legendre(panel / 40., (panel + 1) / 40., [&](double s) {
          return std::exp((1 - s) * z) * std::pow(s, k - 1) / std::tgamma(k);
        });
      INFO("z = " << z << ", k = " << k);
      CHECK(tw::math::z_times_phi(k, z) == Approx(z * integral).epsilon(1e-13));
    }
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK(tw::math::z_times_phi(1, -infinity) == -1);
  CHECK(tw::math::z_times_phi(2, -infinity) == -1);
  CHECK(tw::math::z_times_phi(3, -infinity) == -0.5);
}

TEST_CASE("weights: exponential Adams-Bashforth's of any order are integrals, on wide steps too") {
  // On data x_u = ... + sum_j w_j data_j with w_j the integral over the step of
  // e^(lambda - lambda_u) times the j-th Lagrange polynomial, here in panels; h is 0.3 and 1.4.
  for (double h : {0.3, 1.4})
    for (int order : {2, 3, 4}) {
      std::vector<double> sigmas;
      for (int k = 0; k <= order; ++k) sigmas.push_back(std::exp(-h * k));
      const tw::ExponentialAB solver{.order = order, .lower_order = tw::LowerOrder::never()};
      const tw::Plan plan = tw::make_plan(edm, solver, tw::from_sigmas(edm, sigmas));
      std::vector<double> nodes;  // the newest first
      for (int j = 0; j < order; ++j) nodes.push_back(h * (order - 1 - j));
      const auto rows = tw::lowering::fold(plan.rows(), Prediction::data);
      const auto& terms = std::get<tw::Update>(rows.back()).terms;
      REQUIRE(std::ssize(terms) == order + 1);
      double largest = 0, error = 0;
      for (std::size_t j = 0; j < nodes.size(); ++j) {
        double weight = 0;
        for (int panel = 0; panel < 8; ++panel)
          weight += tw::math::gauss_legendre(
              nodes[0] + panel * h / 8, nodes[0] + (panel + 1) * h / 8, [&](double lambda) {
                return std::exp(lambda - h * order) * tw::math::lagrange(nodes, j, lambda);
              });
        largest = std::max(largest, std::abs(weight));
        error = std::max(error, std::abs(terms[j + 1].weight - weight));
      }
      INFO("h = " << h << ", order " << order << ": weights up to " << largest);
      CHECK(error < 1e-13 * largest);
    }
}

TEST_CASE("weights: from moments they integrate every polynomial of their degree") {
  const std::vector<double> nodes{-2.5, -1.2, -0.4, 1};
  for (std::size_t n = 0; n <= nodes.size(); ++n) {
    const std::span some(nodes.data(), n);
    std::vector<double> sums;
    for (std::size_t k = 0; k < n; ++k) sums.push_back(1.0 / (double(k) + 1));  // over [0, 1]
    const std::vector<double> weights = tw::math::quadrature_weights(some, sums);
    REQUIRE(weights.size() == n);
    for (std::size_t j = 0; j < n; ++j)
      CHECK(weights[j] == Approx(tw::math::gauss_legendre(0, 1, [&](double x) {
                            return tw::math::lagrange(some, j, x);
                          })).epsilon(1e-12));
  }
}

TEST_CASE("REAB: normal data of its deviation are exact, whatever the steps") {
  for (const auto& [process_name, process] : processes())
    for (const auto& [order, deviation] : {std::pair(1, 1.0), std::pair(3, 1.0), std::pair(2, 0.3)}) {
      const double s = deviation;
      const tw::Gaussian data(Eigen::Vector2d::Zero(), s * s * Eigen::Matrix2d::Identity());
      const tw::Grid grid =
          tw::karras(process, 4, {.sigma_max = 20, .sigma_min = 0.1, .to_zero = false});
      const tw::Plan plan =
          tw::make_plan(process, tw::REAB{.order = order, .data = {.deviation = s}}, grid);
      const Eigen::MatrixXd x = start(plan, 2), end = run(plan, data, x, tw::Noise{});
      const auto size = [s](const tw::Level& l) { return std::hypot(s * l.scale, l.std); };
      INFO(process_name << ", order " << order << ", deviation " << s);
      CHECK(largest(end - size(plan.to()) / size(plan.from()) * x) < 1e-12 * largest(x));
    }
}

TEST_CASE("noise: half of s_noise halves the weights") {
  const auto weight = [](double s_noise) {
    const tw::Plan plan =
        tw::make_plan(edm, tw::SEEDS2{.s_noise = s_noise}, tw::from_sigmas(edm, {4, 2}));
    for (const tw::Term& term : std::get<tw::Update>(plan.rows().back()).terms)
      if (term.operand.is_draw()) return term.weight;
    return 0.0;
  };
  CHECK(weight(0.5) == Approx(weight(1) / 2));
  CHECK(weight(1) > 0);
}

TEST_CASE("SA-Solver: tau acts between tau_min and tau_max only") {
  const tw::Plan plan = tw::make_plan(edm, tw::SASolver{.tau_min = 0.5, .tau_max = 5},
                                      tw::from_sigmas(edm, {20, 10, 5, 2, 0.5, 0.2, 0.1}));
  CHECK(plan.draw_count() == 6);
  std::vector<int> used;
  for (const tw::Row& row : plan.rows())
    if (tw::is_commit(row)) tw::for_each_draw(row, [&](int draw) { used.push_back(draw); });
  CHECK(used == std::vector{3, 4, 5});  // in the steps from 5, 2 and 0.5
}

TEST_CASE("DPM-Solver-fast: orders and evaluations as published") {
  CHECK(tw::singlestep_orders(10) == std::vector{3, 3, 3, 1});
  CHECK(tw::singlestep_orders(11) == std::vector{3, 3, 3, 2});
  CHECK(tw::singlestep_orders(12) == std::vector{3, 3, 3, 2, 1});
  CHECK(tw::singlestep_orders(3) == std::vector{2, 1});
  CHECK(tw::singlestep_orders(7, 2) == std::vector{2, 2, 2, 1});
  CHECK(tw::singlestep_orders(4, 1) == std::vector{1, 1, 1, 1});
  for (int evaluations : {1, 2, 3, 10, 11, 12, 20}) {
    const auto orders = tw::singlestep_orders(evaluations);
    const tw::Grid grid = tw::log_snr(vp, static_cast<int>(orders.size()), {.to_zero = false});
    CHECK(tw::make_plan(vp, tw::DPMSolverSinglestep{orders}, grid).nfe() == evaluations);
    // Third order alone is DPM-Solver-3, step by step.
    const tw::Plan thirds =
        tw::make_plan(vp, tw::DPMSolverSinglestep{std::vector(orders.size(), 3)}, grid);
    const Eigen::MatrixXd x = start(thirds);
    CHECK(largest(run(thirds, x) - run(tw::make_plan(vp, tw::DPMSolver3{}, grid), x)) < 1e-12);
  }
  CHECK_THROWS_WITH(
      tw::make_plan(vp, tw::DPMSolverSinglestep{{3, 2}}, tw::log_snr(vp, 5, {.to_zero = false})),
      StartsWith("DPM-Solver singlestep-3: 2 orders are given, the run has 5 steps"));
  CHECK_THROWS_WITH(tw::outer_grid(tw::uniform(vp, 4, {.to_zero = false}), {3, 2}),
                    "outer_grid: the orders need more than the 4 steps of the grid");
  CHECK_THROWS_AS(tw::singlestep_orders(0), tw::Error);
}

TEST_CASE("facts: they follow from the options, as the plans do") {
  const auto are_kept = [&](const tw::AnySolver& solver) {
    const tw::Facts& facts = solver.facts();
    const tw::Plan plan = tw::make_plan(vp, solver, tw::log_snr(vp, 9, {.to_zero = false}));
    INFO(facts.name);
    CHECK(plan.nfe() == 9 * facts.evaluations + facts.extra_evaluations);
    CHECK(remembered(plan) == facts.remembers);
    CHECK(draws_of(plan).empty() != facts.stochastic());
  };
  are_kept(tw::DDIM{});
  are_kept(tw::DDIM{.eta = 0.5});
  are_kept(tw::EulerMaruyama{.eta = 0});
  are_kept(tw::ReverseDiffusion{.probability_flow = true});
  are_kept(tw::DPMSolverPP3M{.eta = 0.5});
  are_kept(tw::DPMSolverPP2M{.lower_order = tw::LowerOrder::always_at_end()});
  are_kept(tw::SEEDS3{.eta = 0});
  are_kept(tw::DPMSolverPPSDE{.eta = 0});
  are_kept(tw::UniPC{.order = 1});
  are_kept(tw::UniPC{.order = 4});
  are_kept(tw::SASolver{.pece = true});
  are_kept(tw::SASolver{.tau = 0});
  are_kept(tw::SASolver{.predictor = 2, .corrector = 0});
  are_kept(tw::SASolver{.predictor = 1, .corrector = 1});
  are_kept(tw::WithStarter{tw::LMS{}});
  are_kept(tw::WithStarter{tw::UniPC{.order = 3}, tw::DPMSolverPP3S{}});
  are_kept(tw::WithStarter{tw::IPNDM{}, tw::PseudoRungeKutta{}, 2});
  are_kept(tw::PredictorCorrector<tw::SEEDS2>{.corrections = 2});
  are_kept(tw::DPMSolverSinglestep{{3, 3, 1, 2, 3, 3, 2, 2, 1}});
  CHECK(tw::WithStarter{tw::LMS{}, tw::Heun<tw::InSigma>{}}.facts().order == 3);
  CHECK(tw::WithStarter{tw::LMS{}, tw::RK4<tw::InSigma>{}, 1}.facts().order == 3);
  CHECK(tw::WithStarter{tw::DPMSolverPP3M{}, tw::SEEDS2{}}.facts().stochastic());
  CHECK(tw::DPMSolverSinglestep{{3, 3, 2, 1}}.facts().order == 2);
  CHECK(tw::DPMSolverSinglestep{{3, 3, 3, 2}}.facts().order == 3);
  CHECK(tw::DPMSolverSinglestep{{1, 3, 1, 3}}.facts().order == 1);
  CHECK(tw::DPMSolverSinglestep{{1, 1, 1}}.facts().order == 1);
}

TEST_CASE("options that make no sense are refused with a sentence") {
  // As soon as an AnySolver is made of one, and in a sentence that begins with its name.
  const auto refused = [](const auto& solver, const std::string& words) {
    INFO(words);
    CHECK_THAT(error_of([&] { tw::AnySolver{solver}; }),
               StartsWith(solver.facts().name + ": ") && Contains(words));
    CHECK_THAT(error_of([&] { tw::validate(solver); }), Contains(words));
  };
  refused(tw::DDIM{.eta = -1}, "eta = -1 must be at least 0 and finite");
  refused(tw::EulerMaruyama{.eta = -1}, "eta = -1 must be at least 0 and finite");
  CHECK(error_of([] { tw::AnySolver{tw::EulerMaruyama{.eta = -1}}; }) ==
        "Euler-Maruyama(eta = -1): eta = -1 must be at least 0 and finite");
  refused(tw::DEIS{.order = 17}, "order = 17 must lie from 1 to 4");
  refused(tw::ExponentialAB{.order = 0}, "order = 0 must lie from 1 to 4");
  refused(tw::RungeKutta2<InSigma>{0}, "alpha = 0");
  refused(tw::IPNDM{5}, "order = 5");
  refused(tw::DPMSolverSinglestep{{3, 4}}, "the order 4 of a step must be 1, 2 or 3");
  refused(tw::DPMSolverPP2M{.eta = -1}, "eta = -1 must be at least 0 and finite");
  refused(tw::DPMSolver2M{.eta = 1}, "eta = 1 is for the method on data");
  refused(tw::DPMSolverPP2M{.eta = 1, .s_noise = -1}, "s_noise = -1 must be at least 0");
  refused(tw::SEEDS2{.r1 = 1.5}, "r1 = 1.5");
  refused(tw::SEEDS3{.r1 = 0.8, .r2 = 0.4}, "must rise in (0, 1]");
  refused(tw::DPMSolver2{.r = 0}, "r = 0 must lie in (0, 1]");
  refused(tw::DPMSolver3{.r1 = 0.7}, "must rise in (0, 1]");
  refused(tw::DPMSolverPPSDE{.r = 2}, "r = 2 must lie in (0, 1]");
  refused(tw::SASolver{.tau_min = 3, .tau_max = 1}, "tau_min = 3 lies above tau_max = 1");
  refused(tw::SASolver{.corrector = 0, .pece = true}, "pece without a corrector");
  refused(tw::SASolver{.predictor = 0}, "predictor = 0");
  refused(tw::UniPC{.order = 0}, "order = 0 must lie from 1 to 4");
  refused(tw::ERSDE{.terms = 4}, "terms = 4 must be 1, 2 or 3");
  refused(tw::ERSDE{.w = nullptr}, "w is empty; it must be a function of sigma");
  refused(tw::WithStarter{tw::LMS{}, tw::RK4<InSigma>{}, -1}, "steps = -1 must lie from 0 to 3");
  refused(tw::WithStarter{tw::LMS{}, tw::RK4<InSigma>{}, 4}, "steps = 4 must lie from 0 to 3");
  CHECK_THAT(error_of([] {
               tw::AnySolver{tw::WithStarter{tw::LMS{}, tw::RungeKutta2<InSigma>{0}}};
             }),
             StartsWith("two stages (alpha = 0) in sigma: alpha = 0 must"));  // the inner one's
  refused(tw::Ancestral<tw::DPMSolver2>{.sigma_min = -1}, "sigma_min = -1 must be at least 0");
  refused(tw::UniPC{.lower_order = {.at_end_below = -2}},
          "lower_order.at_end_below = -2 must be at least 0");
  const tw::Grid points = tw::uniform(vp, 6, {.to_zero = false}),
                 other = tw::uniform(tw::EDM{}, 6, {.to_zero = false});
  const tw::Grid blocks = tw::outer_grid(points, {3, 3});
  CHECK(tw::make_plan(vp, tw::DPMSolverSinglestep{{3, 3}, points}, blocks).nfe() == 6);
  CHECK_THROWS_WITH(tw::make_plan(vp, tw::DPMSolverSinglestep{{3, 3}, other}, blocks),
                    Contains("does not lie on inner_grid"));
}

TEST_CASE("flow: multistep methods on data start at t = 1, where x is pure noise") {
  for (const tw::AnySolver& solver :
       {tw::AnySolver(tw::ExponentialAB{.order = 3}), tw::AnySolver(tw::DPMSolverPP2M{.eta = 1}),
        tw::AnySolver("FlowMatchEulerDiscreteScheduler")}) {
    const tw::Plan plan = tw::make_plan(flow, solver, tw::uniform(flow, 20));
    INFO(solver.facts().name);
    CHECK(run(plan, start(plan)).allFinite());
  }
}

TEST_CASE("encoding: a reversed grid undoes a deterministic solver up to its error") {
  double before = 0;
  for (int n : {40, 80, 160}) {
    const tw::Grid grid =
        tw::log_snr(vp, n, {.sigma_max = 20, .sigma_min = 0.05, .to_zero = false});
    const tw::Plan down = tw::make_plan(vp, tw::Heun<tw::InSigma>{}, grid);
    const tw::Plan up = tw::make_plan(vp, tw::Heun<tw::InSigma>{}, tw::reversed(grid));
    const Eigen::MatrixXd x = start(down);
    const double error = (run(up, run(down, x)) - x).norm();
    if (before > 0) CHECK(before / error > 3.5);  // second order: 4
    before = error;
  }
}

TEST_CASE("UniPC-4 is of fourth order at least", "[long]") {
  const tw::OrderTable table = tw::measure_order(tw::VP{}, tw::UniPC{.order = 4}, {80, 160, 320});
  CHECK(table.entries[1].slope > 4);
  CHECK(table.order() > 4);
}

namespace {

struct ReadsTooFar {
  int remembered = 1;
  tw::Facts facts() const { return {.name = "reads too far", .remembers = remembered}; }
  int points() const { return 2; }
  template <class X>
  X value(auto& c, const X& x, const tw::Level& l) const {
    return c.data(x, l);
  }
  template <class X>
  X step(auto&, const tw::Interval&, const X&, tw::History<X>& m) const {
    return m[0] + 0.5 * m[1];  // of which there is none in the first step
  }
};

}  // namespace

TEST_CASE("history: a value that is not there is refused, and so is one that facts() leaves out") {
  CHECK_THROWS_WITH(tw::make_plan(vp, ReadsTooFar{}, tw::uniform(vp, 3, {.to_zero = false})),
                    Contains("value 1 is asked for, there are 1"));
  CHECK_THROWS_WITH(tw::AnySolver(ReadsTooFar{0}), Contains("give .remembers"));
}

TEST_CASE("tcd: the paper's step, between DDIM and a consistency model's") {
  // diffusers' formula: down to s = (1 - gamma) t_prev with its alphas, up with what is missing.
  const tw::VP process;
  const double gamma = 0.3;
  const tw::Grid grid = tw::from_times(process, {1, 0.6});
  const tw::Plan plan = tw::make_plan(process, tw::TCD{gamma}, grid);
  const tw::Level t = process.at(1), u = process.at(0.6), s = process.at((1 - gamma) * 0.6);
  const double bar_s = s.scale * s.scale, bar_u = u.scale * u.scale;
  const double of_data = std::sqrt(bar_u / bar_s) * std::sqrt(bar_s),
               of_epsilon = std::sqrt(bar_u / bar_s) * std::sqrt(1 - bar_s),
               of_noise = std::sqrt(1 - bar_u / bar_s);
  Eigen::MatrixXd x = Eigen::MatrixXd::Constant(1, 1, 0.7),
                  z = Eigen::MatrixXd::Constant(1, 1, 1.3);
  tw::Sampler sampler(plan,
                      tw::predicts_data([](const auto& state, double) { return 0.5 * state; }), x);
  sampler(x, tw::RecordedNoise({Eigen::MatrixXd::Zero(1, 1), z}));
  const double D = 0.35, e = (0.7 - t.scale * D) / t.std;
  CHECK(x(0, 0) == Approx(of_data * D + of_epsilon * e + of_noise * 1.3));
}
