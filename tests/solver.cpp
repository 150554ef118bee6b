// SPDX-License-Identifier: MIT
// The laws that every solver of the library obeys, run over its list of solvers.
#include "catch.hpp"

#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tweedie/analysis/order.hpp>
#include <tweedie/noise/recorded.hpp>
#include <tweedie/plan/eager.hpp>
#include <tweedie/plan/named.hpp>
#include <tweedie/process/cosine.hpp>
#include <tweedie/process/custom.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/flow.hpp>
#include <tweedie/process/sub_vp.hpp>
#include <tweedie/process/tabulated.hpp>
#include <tweedie/process/ve.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/run/brownian_path.hpp>
#include <tweedie/run/prior.hpp>
#include <tweedie/solver/dpm_solver_fast.hpp>
#include <tweedie/solver/restart.hpp>

namespace tw = tweedie;
using tw::Prediction;

namespace {

tw::Tabulated table() {
  std::vector<double> betas;
  for (int k = 0; k < 1000; ++k) betas.push_back(1e-4 + (0.02 - 1e-4) * k / 999.0);
  return tw::Tabulated::from_betas(betas);
}
tw::Custom custom() {  // neither preserving nor exploding
  return tw::Custom([](auto t) { return 1 / (1 + t); }, [](auto t) { return 3 * t * (1 + t); },
                    0.01, 3);
}

struct NamedProcess {
  std::string name;
  tw::AnyProcess process;
};

const std::vector<NamedProcess>& processes() {
  static const std::vector<NamedProcess> all{
      {"VP", tw::VP{}},       {"VE", tw::VE{}},         {"SubVP", tw::SubVP{}},
      {"EDM", tw::EDM{}},     {"Cosine", tw::Cosine{}}, {"Flow", tw::Flow{.t_max = 0.99}},
      {"Tabulated", table()}, {"Custom", custom()}};
  return all;
}

/// The mixture's model turned into one that predicts anything, by the tables of the papers.
struct Predicting {
  Prediction prediction;
  tw::Mixture target = tw::order_target();

  void operator()(const auto& x, const tw::Call& call, auto& out) const {
    using T = typename std::decay_t<decltype(out)>::Scalar;
    const tw::Level& l = call.at;
    const Eigen::MatrixXd state = x.matrix().template cast<double>();
    Eigen::MatrixXd data(state.rows(), state.cols());
    target(state, call, data);
    const Eigen::MatrixXd epsilon = (state - l.scale * data) / l.std;
    Eigen::MatrixXd m = data;
    if (prediction == Prediction::epsilon) m = epsilon;
    if (prediction == Prediction::score) m = -epsilon / l.std;
    if (prediction == Prediction::v) m = l.scale * epsilon - l.std * data;
    if (prediction == Prediction::velocity) m = l.scale_rate * data + l.std_rate * epsilon;
    out.matrix() = m.cast<T>();
  }
};

constexpr Prediction predictions[] = {Prediction::epsilon, Prediction::data, Prediction::score,
                                      Prediction::v, Prediction::velocity};

tw::RecordedNoise recorded(int draws, Eigen::Index rows, Eigen::Index cols) {
  std::vector<Eigen::MatrixXd> all;
  for (int k = 0; k <= draws; ++k) {
    all.emplace_back(rows, cols);
    tw::Noise{.seed = 99}.fill(k, all.back());
  }
  return tw::RecordedNoise(std::move(all));
}

Eigen::MatrixXd start(const tw::Plan& plan, Eigen::Index rows = 3, Eigen::Index cols = 5) {
  Eigen::MatrixXd x(rows, cols);
  tw::prior(plan.front(), x, tw::Noise{.seed = 3});
  return x;
}

Eigen::MatrixXd run(const tw::Plan& plan, const auto& model, Eigen::MatrixXd x, auto noise) {
  tw::Sampler sampler(plan, model, x);
  sampler(x, noise);
  return x;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}
// Methods whose step is an exact function of sigma and not of t.
bool lives_in_sigma(const std::string& name) {
  return !contains(name, "time") && name != "euler_maruyama" && name != "sde_heun" &&
         name != "reverse_diffusion" && name != "deis" && name != "pndm";
}

}  // namespace

TEST_CASE("law: the plan computes what the text computes eagerly, for every prediction", "[long]") {
  tw::for_each_solver([](const char* name, const auto& solver) {
    for (const auto& [process_name, process] : processes()) {
      // A range in which no step amplifies the rounding of float.
      const tw::Grid grid = tw::log_snr(process, 12, {.sigma_max = 10, .sigma_min = 0.1});
      const tw::Plan plan = tw::make_plan(process, solver, grid);
      const Eigen::MatrixXd x = start(plan);
      const auto noise = recorded(plan.draws(), x.rows(), x.cols());
      const Eigen::MatrixXd expected = tw::run_eagerly(process, solver, tw::intervals(grid),
                                                       Predicting{Prediction::data}, x, noise);
      for (Prediction p : predictions) {
        INFO(name << " on " << process_name << " with " << tw::name(p));
        const double size = std::max(expected.cwiseAbs().maxCoeff(), x.cwiseAbs().maxCoeff());
        const Eigen::MatrixXd in_double = run(plan, Predicting{p}, x, noise);
        CHECK((in_double - expected).cwiseAbs().maxCoeff() < 1e-12 * size);
        Eigen::MatrixXf in_float = x.cast<float>();
        tw::Sampler sampler(plan, Predicting{p}, in_float);
        sampler(in_float, noise);
        CHECK((in_float.cast<double>() - expected).cwiseAbs().maxCoeff() < 2e-5 * size);
      }
    }
  });
}

TEST_CASE("law: evaluations per step are those declared") {
  for (const auto& name : tw::solver_names()) {
    const tw::AnySolver solver = tw::solver_named(name);
    const tw::AnyProcess vp = tw::VP{};
    const tw::Facts facts = solver.facts();
    INFO(name);
    CHECK(tw::make_plan(vp, solver, tw::uniform(vp, 7)).nfe() ==
          7 * facts.evaluations + facts.extra);
    // The step to sigma = 0 takes one.
    CHECK(tw::make_plan(vp, solver, tw::uniform(vp, 7, {.to_zero = true})).nfe() ==
          6 * facts.evaluations + 1 + facts.extra);
    CHECK((tw::make_plan(vp, solver, tw::uniform(vp, 7)).draws() > 0) ==
          (solver.facts().stochastic || name == "ddim"));
  }
}

TEST_CASE("law: data that are one point are reached exactly, whatever the steps") {
  const Eigen::Vector3d point(0.3, -1.2, 2.5);
  const auto model = tw::predicts_data(
      [&](const auto& x, double, auto& out) { out = point.replicate(1, x.cols()); });
  for (const auto& name : tw::solver_names()) {
    // REAB is exact for standard normal data instead.
    if ((!lives_in_sigma(name) && name != "deis" && name != "pndm") || name == "reab") continue;
    const tw::AnySolver solver = tw::solver_named(name);
    if (solver.facts().stochastic) continue;
    for (const auto& [process_name, process] : processes())
      for (bool to_zero : {false, true}) {
        const tw::Plan plan =
            tw::make_plan(process, solver, tw::karras(process, 8, {.to_zero = to_zero}));
        const Eigen::MatrixXd x = start(plan), end = run(plan, model, x, tw::Noise{});
        const tw::Level &t = plan.front(), &u = plan.back();
        // On its trajectory x = scale point + std epsilon with one epsilon for all times.
        const Eigen::MatrixXd centre = point.replicate(1, x.cols());
        const Eigen::MatrixXd exact = u.scale * centre + u.std / t.std * (x - t.scale * centre);
        INFO(name << " on " << process_name << (to_zero ? " to zero" : ""));
        CHECK((end - exact).cwiseAbs().maxCoeff() < 1e-10 * x.cwiseAbs().maxCoeff());
      }
  }
}

TEST_CASE("law: the step to sigma = 0 returns the model's data, without noise") {
  const Predicting model{Prediction::data};
  for (const auto& name : tw::solver_names()) {
    // LMS keeps its polynomial to the end; Euler-Maruyama and methods in t step in t; UniPC and
    // SA-Solver return the data at the state that they had predicted.
    if (!lives_in_sigma(name) || name == "lms" || contains(name, "unipc") || name == "sa_solver")
      continue;
    for (const auto& [process_name, process] : processes()) {
      const tw::Plan plan =
          tw::make_plan(process, tw::solver_named(name), tw::karras(process, 5, {.to_zero = true}));
      Eigen::MatrixXd x = start(plan), before = x;
      tw::Sampler sampler(plan, model, x);
      for (auto step : sampler.steps(x, tw::Noise{}))
        if (step.index < 4) before = step.x;
      Eigen::MatrixXd data(x.rows(), x.cols());
      model(before, tw::Call{plan.intervals().back().t}, data);
      INFO(name << " on " << process_name);
      CHECK((x - data).cwiseAbs().maxCoeff() < 1e-12 * (1 + before.cwiseAbs().maxCoeff()));
    }
  }
}

TEST_CASE("law: the same sigmas on another scale give the same x / scale") {
  const std::vector<double> sigmas{40, 12, 5, 2, 0.7, 0.2, 0.05};
  for (const auto& name : tw::solver_names()) {
    if (!lives_in_sigma(name)) continue;
    Eigen::MatrixXd reference;
    for (const auto& [process_name, process] : processes()) {
      const tw::Plan plan =
          tw::make_plan(process, tw::solver_named(name), tw::from_sigmas(process, sigmas));
      Eigen::MatrixXd x(3, 5);
      tw::Noise{.seed = 3}.fill(0, x);
      x *= 40 * plan.front().scale;
      const Eigen::MatrixXd y =
          run(plan, Predicting{Prediction::data}, x, tw::Noise{.seed = 4}) / plan.back().scale;
      if (reference.size() == 0) reference = y;
      INFO(name << " on " << process_name);
      CHECK((y - reference).cwiseAbs().maxCoeff() < 1e-10);
    }
  }
}

TEST_CASE("equal: DDIM is Euler in sigma is DEIS of order 1 is DPM-Solver-1") {
  for (const auto& [process_name, process] : processes()) {
    const tw::Grid grid = tw::log_snr(process, 7);
    const tw::Plan reference = tw::make_plan(process, tw::DDIM{}, grid);
    const Eigen::MatrixXd x = start(reference);
    const Eigen::MatrixXd expected = run(reference, Predicting{Prediction::data}, x, tw::Noise{});
    for (const tw::AnySolver& other :
         {tw::AnySolver(tw::Euler<tw::InSigma>{}), tw::AnySolver(tw::DEIS{.order = 1}),
          tw::AnySolver(tw::LMS{.order = 1}), tw::AnySolver(tw::LogRhoAB{.order = 1})}) {
      const Eigen::MatrixXd y =
          run(tw::make_plan(process, other, grid), Predicting{Prediction::epsilon}, x, tw::Noise{});
      INFO(other.facts().name << " on " << process_name);
      CHECK((y - expected).cwiseAbs().maxCoeff() < 1e-11 * x.cwiseAbs().maxCoeff());
    }
  }
}

TEST_CASE("equal: DDIM with eta = 1 is DDPM's posterior, from the betas") {
  // Ho et al. 2020, arXiv:2006.11239, eq. 6 and 7, coefficient by coefficient.
  std::vector<double> betas;
  for (int k = 0; k < 50; ++k) betas.push_back(1e-3 + 0.3 * k / 49.0);
  const auto table = tw::Tabulated::from_betas(betas);
  std::vector<double> times, alpha_bar{1};
  for (int k = 49; k >= 0; --k) times.push_back(table.time_of_index(k));
  for (double beta : betas) alpha_bar.push_back(alpha_bar.back() * (1 - beta));
  const tw::Plan plan = tw::make_plan(table, tw::DDIM{.eta = 1}, tw::from_times(table, times));
  int k = 50;  // x_k to x_{k-1}, counted from 1 as in the paper
  for (const tw::Row& row : plan.rows()) {
    const auto* update = std::get_if<tw::Update>(&row);
    if (!update) continue;
    const double a = alpha_bar[std::size_t(k)], b = alpha_bar[std::size_t(k) - 1],
                 beta = betas[std::size_t(k) - 1];
    double x = 0, D = 0, z = 0;
    for (const tw::Term& term : update->terms) {
      if (term.operand.kind == tw::Operand::Kind::draw)
        z = term.weight;
      else if (term.operand.index == update->out - 1)
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

TEST_CASE("weights: Adams-Bashforth's are the textbook's on a uniform grid") {
  const tw::AnyProcess edm = tw::EDM{};
  const std::vector<std::vector<double>> textbook{{1},
                                                  {3. / 2, -1. / 2},
                                                  {23. / 12, -16. / 12, 5. / 12},
                                                  {55. / 24, -59. / 24, 37. / 24, -9. / 24}};
  for (const tw::AnySolver& solver : {tw::AnySolver(tw::LMS{}), tw::AnySolver(tw::DEIS{})}) {
    const tw::Plan plan = tw::make_plan(edm, solver, tw::from_sigmas(edm, {10, 9, 8, 7, 6, 5}));
    std::size_t step = 0;
    for (const tw::Row& row : plan.rows())
      if (const auto* update = std::get_if<tw::Update>(&row)) {
        const auto& expected = textbook[std::min<std::size_t>(step, 3)];
        REQUIRE(update->terms.size() == expected.size() + 1);
        for (std::size_t j = 0; j < expected.size(); ++j)
          CHECK(-update->terms[j + 1].weight == Approx(expected[j]).epsilon(1e-12));
        ++step;
      }
  }
  // Order 2 in lambda, by the antiderivative of ln(v/c)/ln(b/c), from sigma 2 to 1 with 5 before.
  const tw::LogRhoAB second{.order = 2};
  const tw::Plan plan = tw::make_plan(edm, second, tw::from_sigmas(edm, {5, 2, 1}));
  const auto& last = std::get<tw::Update>(plan.rows().back());
  const auto G = [](double v, double b, double c) {
    return v * (std::log(v) - std::log(c) - 1) / (std::log(b) - std::log(c));
  };
  CHECK(last.terms[1].weight == Approx(G(1, 2, 5) - G(2, 2, 5)).epsilon(1e-12));
  CHECK(last.terms[2].weight == Approx(G(1, 5, 2) - G(2, 5, 2)).epsilon(1e-12));
}

TEST_CASE("renoise: an interval that rises is the exact forward transition") {
  const tw::Gaussian data(Eigen::Vector2d(1, -2),
                          (Eigen::Matrix2d() << 2, 0.9, 0.9, 0.5).finished());
  using Kind = tw::Interval::Kind;
  for (const auto& [process_name, process] : processes()) {
    const double middle = (process.t_min + process.t_max) / 2;
    const std::vector<tw::Interval> up{
        {process.at(process.t_min), process.at(middle), 0, 1, Kind::renoise}};
    const tw::Plan plan = tw::make_plan(process, tw::DDIM{}, up);
    const tw::Moments m = tw::moments(plan, data, tw::Start::exact);
    INFO(process_name);
    CHECK(plan.nfe() == 0);
    CHECK(tw::wasserstein(m, tw::exact_moments(data, plan.back())) < 1e-6 * plan.back().std);
  }
}

TEST_CASE("flow: from t = 1, where x is pure noise, with models that say something there") {
  const tw::AnyProcess flow = tw::Flow{};
  const tw::Grid grid = tw::uniform(flow, 20, {.to_zero = true});
  for (const auto& name : {"euler_time", "heun_time", "rk4_time", "ddim", "dpmpp_2m"}) {
    const tw::Plan plan = tw::make_plan(flow, tw::solver_named(name), grid);
    const Eigen::MatrixXd x = start(plan);
    const Eigen::MatrixXd by_data = run(plan, Predicting{Prediction::data}, x, tw::Noise{});
    const Eigen::MatrixXd by_velocity = run(plan, Predicting{Prediction::velocity}, x, tw::Noise{});
    INFO(name);
    CHECK(by_data.allFinite());
    CHECK((by_data - by_velocity).cwiseAbs().maxCoeff() < 1e-11);
  }
}

TEST_CASE("encoding: a reversed grid undoes a deterministic solver up to its error") {
  const tw::AnyProcess vp = tw::VP{};
  double before = 0;
  for (int n : {40, 80, 160}) {
    const tw::Grid grid = tw::log_snr(vp, n, {.sigma_max = 20, .sigma_min = 0.05});
    const tw::Plan down = tw::make_plan(vp, tw::Heun<tw::InSigma>{}, grid);
    const tw::Plan up = tw::make_plan(vp, tw::Heun<tw::InSigma>{}, tw::reversed(grid));
    const Eigen::MatrixXd x = start(down);
    const Predicting model{Prediction::data};
    const double error = (run(up, model, run(down, model, x, tw::Noise{}), tw::Noise{}) - x).norm();
    if (before > 0) CHECK(before / error > 3.5);  // second order: 4
    before = error;
  }
}

// ---- equalities between methods, and the theory of their parts

TEST_CASE("weights: z phi_k(z) is the integral that defines phi_k, near 0 and far from it") {
  for (double z : {-40., -5., -1., -0.999, -0.3, -1e-9, 1e-9, 0.3, 0.999, 1., 5., 12.})
    for (int k : {1, 2, 3, 4, 5}) {
      // phi_k(z) = integral over s in [0, 1] of e^((1 - s) z) s^(k - 1) / (k - 1)!, in panels.
      double integral = 0;
      for (int panel = 0; panel < 40; ++panel)
        integral += tw::integrate(panel / 40., (panel + 1) / 40., [&](double s) {
          return std::exp((1 - s) * z) * std::pow(s, k - 1) / std::tgamma(k);
        });
      INFO("z = " << z << ", k = " << k);
      CHECK(tw::z_phi(k, z) == Approx(z * integral).epsilon(1e-12));
    }
  const double infinity = std::numeric_limits<double>::infinity();
  CHECK(tw::z_phi(1, -infinity) == -1);
  CHECK(tw::z_phi(2, -infinity) == -1);
  CHECK(tw::z_phi(3, -infinity) == -0.5);
}

TEST_CASE("weights: from moments they integrate every polynomial of their degree") {
  const std::vector<double> nodes{-2.5, -1.2, -0.4, 1};
  for (std::size_t n = 0; n <= nodes.size(); ++n) {
    const std::span some(nodes.data(), n);
    std::vector<double> sums;
    for (std::size_t k = 0; k < n; ++k) sums.push_back(1.0 / (double(k) + 1));  // over [0, 1]
    const std::vector<double> weights = tw::weights_of_moments(some, sums);
    REQUIRE(weights.size() == n);
    for (std::size_t j = 0; j < n; ++j)
      CHECK(weights[j] == Approx(tw::integrate(0, 1, [&](double x) {
                            return tw::lagrange(some, j, x);
                          })).epsilon(1e-12));
  }
}

namespace {

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
      const auto noise = recorded(std::max(first.draws(), second.draws()), x.rows(), x.cols());
      const Predicting model{Prediction::data};
      const Eigen::MatrixXd difference = run(first, model, x, noise) - run(second, model, x, noise);
      most = std::max(most, difference.cwiseAbs().maxCoeff() / x.cwiseAbs().maxCoeff());
    }
  return most;
}

}  // namespace

TEST_CASE("equal: methods that are the same under several names") {
  using tw::Form;
  const double tolerance = 1e-12;
  // Exponential Adams-Bashforth is DPM-Solver multistep in Taylor's form; RES-2M is its order 2.
  CHECK(distance(tw::ExponentialAB{.order = 2}, tw::DPMSolverPP2M{.form = Form::taylor}) <
        tolerance);
  CHECK(distance(tw::ExponentialAB{.order = 3}, tw::DPMSolverPP3M{.form = Form::taylor}) <
        tolerance);
  CHECK(distance(tw::LogRhoAB{.order = 2}, tw::DPMSolver2M{.form = Form::taylor}) < tolerance);
  CHECK(distance(tw::LogRhoAB{.order = 3}, tw::DPMSolver3M{.form = Form::taylor}) < tolerance);
  CHECK(distance(tw::SASolver{.tau = 0, .predictor = 3, .corrector = 0},
                 tw::ExponentialAB{.order = 3}) < tolerance);
  CHECK(distance(tw::IPNDM{.order = 2}, tw::GradientEstimation{.gamma = 1.5}) < tolerance);
  // The SDE methods at the ends of their families.
  CHECK(distance(tw::SEEDS2{.eta = 0}, tw::DPMSolverPP2S{.form = Form::taylor}) < tolerance);
  CHECK(distance(tw::SEEDS3{.eta = 0}, tw::DPMSolverPP3S{.form = Form::taylor}) < tolerance);
  CHECK(distance(tw::DPMSolverPPSDE{.eta = 0}, tw::DPMSolverPP2S{}) < tolerance);
  CHECK(distance(tw::ERSDE{.terms = 1, .w = [](double sigma) { return sigma; }}, tw::DDIM{}) <
        tolerance);
  CHECK(distance(tw::DPMSolverPP1{.eta = 1}, tw::DDIM{.eta = 1}) < tolerance);
  CHECK(distance(tw::ERSDE{.terms = 1, .w = [](double sigma) { return sigma * sigma; }},
                 tw::DDIM{.eta = 1}) < tolerance);
  CHECK(distance(tw::SASolver{.tau = 1, .predictor = 1, .corrector = 0}, tw::DDPM{}) < tolerance);
  CHECK(distance(tw::SASolver{.tau = 1, .predictor = 2, .corrector = 0},
                 tw::DPMSolverPP2M{.eta = 1, .form = Form::taylor}) < tolerance);
  // UniPC's variants differ where one weight is set to 1/2 only.
  CHECK(distance(tw::UniPC{.p = 1}, tw::UniPC{.p = 1, .variant = tw::UniPCVariant::exact}) > 1e-6);
  // Different methods do differ.
  CHECK(distance(tw::DPMSolverPP2M{}, tw::DPMSolverPP2M{.form = Form::taylor}) > 1e-6);
}

TEST_CASE("equal: exponential Runge-Kutta by its Butcher tableau") {
  // RES-2s of Zhang, Song & Chen 2023, arXiv:2308.02157, on dy/dlambda = data - y, for one step in
  // one dimension with data = a y + b, by phi functions written out.
  const double a = 0.4, b = 0.7, sigma = 3, sigma_u = 1.2, h = std::log(sigma / sigma_u), y = 2;
  const auto phi_1 = [](double z) { return std::expm1(z) / z; };
  const auto phi_2 = [](double z) { return (std::expm1(z) - z) / (z * z); };
  const auto model =
      tw::predicts_data([&](const auto& x, double, auto& out) { out.array() = a * x.array() + b; });
  const tw::AnyProcess edm = tw::EDM{};
  for (double c2 : {0.5, 1.0}) {
    const auto g = [&](double v) { return a * v + b; };
    const double u = std::exp(-c2 * h) * y + -std::expm1(-c2 * h) * g(y);
    const double b2 = phi_2(-h) / c2, b1 = phi_1(-h) - b2;
    const double expected = y + h * (b1 * (g(y) - y) + b2 * (g(u) - y));
    const tw::Plan plan = tw::make_plan(edm, tw::DPMSolverPP2S{.r = c2, .form = tw::Form::taylor},
                                        tw::from_sigmas(edm, {sigma, sigma_u}));
    CHECK(run(plan, model, Eigen::MatrixXd::Constant(1, 1, y), tw::Noise{})(0, 0) ==
          Approx(expected).epsilon(1e-13));
  }
}

TEST_CASE("REAB: standard normal data are exact, whatever the steps") {
  const tw::Gaussian data(Eigen::Vector2d::Zero(), Eigen::Matrix2d::Identity());
  for (const auto& [process_name, process] : processes())
    for (int order : {1, 3}) {
      const tw::Grid grid = tw::karras(process, 4, {.sigma_max = 20, .sigma_min = 0.1});
      const tw::Plan plan = tw::make_plan(process, tw::REAB{.order = order}, grid);
      const Eigen::MatrixXd x = start(plan, 2), end = run(plan, data, x, tw::Noise{});
      const auto size = [](const tw::Level& l) { return std::hypot(l.scale, l.std); };
      INFO(process_name << ", order " << order);
      CHECK((end - size(plan.back()) / size(plan.front()) * x).cwiseAbs().maxCoeff() <
            1e-12 * x.cwiseAbs().maxCoeff());
    }
}

TEST_CASE("noise: s_noise scales it, in every stochastic solver") {
  const auto draws_used = [](const tw::AnySolver& solver) {
    const tw::AnyProcess vp = tw::VP{};
    const tw::Plan plan = tw::make_plan(vp, solver, tw::uniform(vp, 5));
    std::set<int> used;
    for (const tw::Row& row : plan.rows())
      tw::for_each_draw(row, [&](int draw) { used.insert(draw); });
    return used.size();
  };
  std::size_t solvers = 0, without_option = 0;
  tw::for_each_solver([&](const std::string& name, auto solver) {
    if (!solver.facts().stochastic) return;
    ++solvers;
    INFO(name);
    CHECK(draws_used(solver) > 0);
    if constexpr (requires { solver.s_noise; }) {
      solver.s_noise = 0;
      CHECK(draws_used(solver) == 0);
    } else {
      ++without_option;
    }
  });
  CHECK(solvers > 12);
  CHECK(without_option == 0);
  // Half of it halves the weights.
  const auto weight = [](double s_noise) {
    const tw::AnyProcess edm = tw::EDM{};
    const tw::Plan plan =
        tw::make_plan(edm, tw::SEEDS2{.s_noise = s_noise}, tw::from_sigmas(edm, {4, 2}));
    for (const tw::Term& term : std::get<tw::Update>(plan.rows().back()).terms)
      if (term.operand.kind == tw::Operand::Kind::draw) return term.weight;
    return 0.0;
  };
  CHECK(weight(0.5) == Approx(weight(1) / 2));
  CHECK(weight(1) > 0);
}

TEST_CASE("SA-Solver: tau acts between tau_min and tau_max only") {
  const tw::AnyProcess edm = tw::EDM{};
  const tw::Plan plan = tw::make_plan(edm, tw::SASolver{.tau_min = 0.5, .tau_max = 5},
                                      tw::from_sigmas(edm, {20, 10, 5, 2, 0.5, 0.2, 0.1}));
  CHECK(plan.draws() == 3);  // in the steps from 5, 2 and 0.5
}

TEST_CASE("DPM-Solver-fast: orders and evaluations as published") {
  CHECK(tw::singlestep_orders(10) == std::vector{3, 3, 3, 1});
  CHECK(tw::singlestep_orders(11) == std::vector{3, 3, 3, 2});
  CHECK(tw::singlestep_orders(12) == std::vector{3, 3, 3, 2, 1});
  CHECK(tw::singlestep_orders(3) == std::vector{2, 1});
  CHECK(tw::singlestep_orders(7, 2) == std::vector{2, 2, 2, 1});
  CHECK(tw::singlestep_orders(4, 1) == std::vector{1, 1, 1, 1});
  const tw::AnyProcess vp = tw::VP{};
  for (int evaluations : {1, 2, 3, 10, 11, 12, 20}) {
    const auto orders = tw::singlestep_orders(evaluations);
    const tw::Grid grid = tw::log_snr(vp, static_cast<int>(orders.size()));
    CHECK(tw::make_plan(vp, tw::DPMSolverSinglestep{orders}, grid).nfe() == evaluations);
    // Third order alone is DPM-Solver-3, step by step.
    const tw::Plan thirds =
        tw::make_plan(vp, tw::DPMSolverSinglestep{std::vector(orders.size(), 3)}, grid);
    const Eigen::MatrixXd x = start(thirds);
    const Predicting model{Prediction::data};
    CHECK((run(thirds, model, x, tw::Noise{}) -
           run(tw::make_plan(vp, tw::DPMSolver3{}, grid), model, x, tw::Noise{}))
              .cwiseAbs()
              .maxCoeff() < 1e-12);
  }
  CHECK_THROWS_WITH(tw::make_plan(vp, tw::DPMSolverSinglestep{{3, 2}}, tw::log_snr(vp, 5)),
                    "DPM-Solver singlestep: 2 orders are given, the run has 5 steps");
  CHECK_THROWS_WITH(tw::blocks(tw::uniform(vp, 4), {3, 2}),
                    "blocks: the orders need more than the 4 steps of the grid");
  CHECK_THROWS_AS(tw::singlestep_orders(0), tw::Error);
}

TEST_CASE("facts: they follow from the options, as the plans do") {
  const tw::AnyProcess vp = tw::VP{};
  const auto nfe_is_declared = [&](const tw::AnySolver& solver) {
    INFO(solver.facts().name);
    CHECK(tw::make_plan(vp, solver, tw::log_snr(vp, 9)).nfe() ==
          9 * solver.facts().evaluations + solver.facts().extra);
  };
  nfe_is_declared(tw::SASolver{.pece = true});
  nfe_is_declared(tw::Started{tw::LMS{}});
  nfe_is_declared(tw::Started{tw::UniPC{.p = 3}, tw::DPMSolverPP3S{}});
  nfe_is_declared(tw::Started{tw::IPNDM{}, tw::PNDM{}, 3});
  nfe_is_declared(tw::PredictorCorrector<tw::PNDM>{.corrections = 2});
  nfe_is_declared(tw::DPMSolverSinglestep{{3, 3, 1, 2, 3, 3, 2, 2, 1}});
  CHECK(tw::Started{tw::LMS{}, tw::Heun<tw::InSigma>{}}.facts().order == 3);
  CHECK(tw::Started{tw::LMS{}, tw::RK4<tw::InSigma>{}, 1}.facts().order == 3);
  CHECK(tw::Started{tw::DPMSolverPP3M{}, tw::SEEDS2{}}.facts().stochastic);
  CHECK(tw::DPMSolverSinglestep{{3, 3, 2, 1}}.facts().order == 2);
  CHECK(tw::DPMSolverSinglestep{{3, 3, 3, 2}}.facts().order == 3);
  CHECK(tw::DPMSolverSinglestep{{1, 3, 1, 3}}.facts().order == 1);
  CHECK(tw::DPMSolverSinglestep{{1, 1, 1}}.facts().order == 1);
}

TEST_CASE("options that make no sense are refused with a sentence") {
  const tw::AnyProcess vp = tw::VP{};
  const auto refused = [&](const tw::AnySolver& solver, const char* words) {
    CHECK_THROWS_WITH(tw::make_plan(vp, solver, tw::log_snr(vp, 5)), Contains(words));
  };
  refused(tw::DPMSolverPP2M{.eta = -1}, "eta = -1 must be at least 0");
  refused(tw::DPMSolver2M{.eta = 1}, "for the form on data only");
  refused(tw::DPMSolverPP2M{.eta = 1, .s_noise = -1}, "s_noise = -1 must be at least 0");
  refused(tw::SEEDS2{.r1 = 1.5}, "r1 = 1.5");
  refused(tw::SEEDS3{.r1 = 0.8, .r2 = 0.4}, "must rise in (0, 1]");
  refused(tw::DPMSolver2{.r = 0}, "r = 0 must lie in (0, 1]");
  refused(tw::DPMSolver3{.r1 = 0.7}, "must rise in (0, 1]");
  refused(tw::DPMSolverPPSDE{.r = 2}, "r = 2 must lie in (0, 1]");
  refused(tw::SASolver{.tau_min = 3, .tau_max = 1}, "tau_min = 3 lies above tau_max = 1");
  refused(tw::SASolver{.corrector = 0, .pece = true}, "pece without a corrector");
  refused(tw::SASolver{.predictor = 0}, "predictor = 0");
  refused(tw::UniPC{.p = 0}, "p = 0 must lie from 1 to 8");
  refused(tw::ERSDE{.terms = 4}, "terms = 4 must be 1, 2 or 3");
  refused(tw::ERSDE{.w = nullptr}, "ERSDE: w is not a function");
  refused(tw::Started{tw::LMS{}, tw::RK4<tw::InSigma>{}, -1}, "steps = -1 must be at least 0");
  refused(tw::Ancestral<tw::DPMSolver2>{.sigma_min = -1}, "sigma_min = -1 must be at least 0");
  refused(tw::Churn<tw::DPMSolver2>{.amount = 1, .s_min = 3, .s_max = 2}, "lies above");
  CHECK_THROWS_AS(tw::LowerOrderFinal::below(-2), tw::Error);
  const tw::Grid points = tw::uniform(vp, 6), other = tw::uniform(tw::EDM{}, 6);
  const tw::Grid blocks = tw::blocks(points, {3, 3});
  CHECK(tw::make_plan(vp, tw::DPMSolverSinglestep{{3, 3}, points}, blocks).nfe() == 6);
  CHECK_THROWS_WITH(tw::make_plan(vp, tw::DPMSolverSinglestep{{3, 3}, other}, blocks),
                    Contains("does not lie on `points`"));
}

TEST_CASE("flow: data-form multistep methods start at t = 1, where x is pure noise") {
  const tw::AnyProcess flow = tw::Flow{};
  for (const tw::AnySolver& solver :
       {tw::AnySolver(tw::ExponentialAB{.order = 3}), tw::AnySolver(tw::DPMSolverPP2M{.eta = 1}),
        tw::AnySolver("FlowMatchEulerDiscreteScheduler")}) {
    const tw::Plan plan = tw::make_plan(flow, solver, tw::uniform(flow, 20, {.to_zero = true}));
    INFO(solver.facts().name);
    CHECK(run(plan, Predicting{Prediction::data}, start(plan), tw::Noise{}).allFinite());
  }
}

TEST_CASE("restart: the intervals go up and down again as asked, for any solver") {
  const tw::AnyProcess edm = tw::EDM{};
  const tw::Grid grid = tw::from_sigmas(edm, {40, 10, 3, 1, 0.3, 0});
  const auto all =
      tw::restart(edm, grid, {{.sigma_min = 0.9, .sigma_max = 5, .steps = 4, .times = 2}});
  REQUIRE(all.size() == 5 + 2 * 5);
  for (std::size_t k = 1; k < all.size(); ++k) CHECK(all[k].t == all[k - 1].u);
  CHECK(all[3].kind == tw::Interval::Kind::renoise);
  CHECK(all[3].t.sigma() == 1);
  CHECK(all[3].u.sigma() == Approx(5));
  const tw::Plan plan = tw::make_plan(edm, tw::Heun<tw::InSigma>{}, all);
  CHECK(plan.nfe() == 2 * 4 + 1 + 2 * 2 * 4);
  // With an exact solver the repeats change no distribution: on Gaussian data, many steps of Heun.
  const tw::Gaussian data(Eigen::VectorXd::Constant(1, 0.7), Eigen::MatrixXd::Constant(1, 1, 0.3));
  const tw::Grid fine = tw::karras(edm, 200, {.sigma_min = 0.01});
  const tw::Plan repeated = tw::make_plan(
      edm, tw::Heun<tw::InSigma>{},
      tw::restart(edm, fine, {{.sigma_min = 0.1, .sigma_max = 2, .steps = 200, .times = 3}}));
  CHECK(tw::wasserstein(tw::moments(repeated, data, tw::Start::exact),
                        tw::exact_moments(data, repeated.back())) < 1e-4);
  CHECK(tw::restart(edm, grid, {}).size() == 5);
  CHECK_THROWS_AS(tw::restart(edm, grid, {{.sigma_min = 5, .sigma_max = 1}}), tw::Error);
  CHECK_THROWS_AS(tw::restart(edm, grid, {{.sigma_min = 40, .sigma_max = 60}}), tw::Error);
  CHECK_THROWS_AS(tw::restart(edm, grid, {{.sigma_min = 0.01, .sigma_max = 1}}), tw::Error);
  // s_noise is the size of the noise on the way up.
  const tw::Plan quiet = tw::make_plan(edm, tw::DDIM{}, tw::restart(edm, grid, {{0.9, 5}}, 0));
  for (const tw::Row& row : quiet.rows())
    tw::for_each_draw(row, [](int) { FAIL("a draw was used"); });
}

TEST_CASE("names: those of the peers stand for solvers of the list; others are refused with it") {
  const tw::AnyProcess vp = tw::VP{};
  const tw::Grid grid = tw::karras(vp, 6);
  for (const auto& [theirs, ours] : tw::solver_aliases) {
    INFO(theirs);
    CHECK(tw::make_plan(vp, theirs, grid) == tw::make_plan(vp, ours, grid));
  }
  CHECK(tw::make_plan(vp, "dpmpp_2m", grid) == tw::make_plan(vp, tw::DPMSolverPP2M{}, grid));
  CHECK_THROWS_WITH(tw::make_plan(vp, "dpmpp_9m", grid),
                    Contains("no solver is called \"dpmpp_9m\"; known are euler, heun") &&
                        Contains("dpmpp_2m") && Contains("UniPCMultistepScheduler"));
}

TEST_CASE("UniPC-4 is of fourth order at least", "[long]") {
  const tw::OrderTable table = tw::measure_order(tw::VP{}, tw::UniPC{.p = 4}, {80, 160, 320});
  CHECK(table.entries[1].slope > 4);
  CHECK(table.order() > 4);
}

namespace {

/// A run from sigma = 5 to 0.2 along the path of one seed.
Eigen::MatrixXd along_path(const tw::AnySolver& solver, int steps) {
  const tw::AnyProcess vp = tw::VP{};
  const tw::Plan plan =
      tw::make_plan(vp, solver, tw::log_snr(vp, steps, {.sigma_max = 5, .sigma_min = 0.2}));
  const tw::BrownianPath path(plan, tw::Noise{.seed = 5});
  Eigen::MatrixXd x(3, 60);
  tw::prior(plan.front(), x, path);
  const tw::Gaussian data = tw::order_target().components()[2];
  tw::Sampler sampler(plan, data, x);
  sampler(x, path);
  return x;
}

}  // namespace

TEST_CASE("Brownian path: the exponential SDE step is of strong order 1 on it", "[long]") {
  const Eigen::MatrixXd reference = along_path(tw::DPMSolverPP1{.eta = 1}, 1280);
  for (const tw::AnySolver& solver :
       {tw::AnySolver(tw::DPMSolverPP1{.eta = 1}), tw::AnySolver(tw::DPMSolverPP2M{.eta = 1}),
        tw::AnySolver(tw::EulerMaruyama{.last_noise = true})}) {
    double first = 0, last = 0;
    for (int steps : {10, 20, 40, 80}) {
      last = (along_path(solver, steps) - reference).norm();
      if (first == 0) first = last;
    }
    INFO(solver.facts().name << ": strong order " << std::log2(first / last) / 3);
    CHECK(std::log2(first / last) / 3 == Approx(1).margin(0.15));
  }
  // Independent draws do not converge at all.
  const tw::AnyProcess vp = tw::VP{};
  const tw::Plan plan = tw::make_plan(vp, tw::DPMSolverPP1{.eta = 1},
                                      tw::log_snr(vp, 80, {.sigma_max = 5, .sigma_min = 0.2}));
  Eigen::MatrixXd x(3, 60);
  tw::prior(plan.front(), x, tw::Noise{.seed = 5});
  tw::Sampler sampler(plan, tw::order_target().components()[2], x);
  sampler(x, tw::Noise{.seed = 5});
  CHECK((x - reference).norm() >
        10 * (along_path(tw::DPMSolverPP1{.eta = 1}, 80) - reference).norm());
}

TEST_CASE("Brownian path: increments add up, have unit variance, and are a function of the times") {
  const std::vector<std::pair<double, double>> spans{{0, 0.1},  {0, 40},    {0.1, 0.7}, {0.1, 0.9},
                                                     {0.1, 40}, {0.7, 0.9}, {0.9, 40}};
  std::vector<std::optional<tw::ClockSpan>> draws;
  for (const auto& [from, to] : spans) draws.push_back(tw::ClockSpan{from, to});
  draws.push_back(std::nullopt);
  draws.push_back(tw::ClockSpan{2, std::numeric_limits<double>::infinity()});
  draws.push_back(tw::ClockSpan{2, 2});
  const tw::Plan plan({}, {}, {}, draws);
  const tw::Noise noise{.seed = 11};
  const tw::BrownianPath path(plan, noise);
  const auto draw = [&](int number) {
    Eigen::MatrixXd z(3, 1000);
    path.fill(number, z);
    return z;
  };
  const auto increment = [&](int number) {
    const auto& [from, to] = spans[static_cast<std::size_t>(number) - 1];
    return Eigen::MatrixXd(std::sqrt(to - from) * draw(number));
  };
  const auto close = [](const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) {
    return (a - b).cwiseAbs().maxCoeff() < 1e-8;
  };
  CHECK(close(increment(3) + increment(6), increment(4)));
  CHECK(close(increment(4) + increment(7), increment(5)));
  CHECK(close(increment(1) + increment(5), increment(2)));
  const double error = 1 / std::sqrt(3000.0);
  for (int number = 1; number <= 7; ++number) {
    const Eigen::MatrixXd z = draw(number);
    INFO("draw " << number);
    CHECK(std::abs(z.mean()) < 4 * error);
    CHECK(std::abs(z.squaredNorm() / 3000 - 1) < 4 * std::sqrt(2.0) * error);
  }
  CHECK(std::abs(draw(3).cwiseProduct(draw(6)).mean()) < 4 * error);
  CHECK(std::abs(draw(6).cwiseProduct(draw(7)).mean()) < 4 * error);
  // Draws without a clock, or with one of no or infinite length, are the ordinary ones.
  for (int number : {0, 8, 9, 10}) {
    Eigen::MatrixXd z(3, 1000);
    noise.fill(number, z);
    CHECK(draw(number) == z);
  }
  // The same path in float, for a part of the batch, and piece by piece.
  Eigen::MatrixXf in_float(3, 7);
  tw::BrownianPath(plan, noise.from_sample(100)).fill(4, in_float);
  CHECK(in_float == draw(4).middleCols(100, 7).cast<float>());
  Eigen::VectorXd piece(50);
  path.fill(4, 3, 31, 50, piece.data());
  CHECK(piece == draw(4).reshaped().segment(31, 50));
  Eigen::MatrixXd from_100(3, 7);
  path.from_sample(100).fill(4, from_100);
  CHECK(from_100 == draw(4).middleCols(100, 7));
  CHECK_THROWS_AS(draw(11), tw::Error);
  // A stream of its own is another path.
  Eigen::MatrixXd other(3, 1000);
  tw::BrownianPath(plan, noise.stream("other")).fill(4, other);
  CHECK(std::abs(other.cwiseProduct(draw(4)).mean()) < 4 * error);
  // A run that goes back would meet the same noise again.
  const tw::AnyProcess edm = tw::EDM{};
  const tw::Grid grid = tw::from_sigmas(edm, {5, 2, 1, 0.5, 0.2});
  const tw::Plan twice =
      tw::make_plan(edm, tw::DPMSolverPP2M{.eta = 1},
                    tw::restart(edm, grid, {{.sigma_min = 0.5, .sigma_max = 2}}));
  CHECK_THROWS_WITH(tw::BrownianPath(twice, noise), Contains("passes a level twice"));
}
