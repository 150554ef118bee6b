// SPDX-License-Identifier: MIT
// The laws that every solver of the library obeys, run over its list of solvers.
#include "catch.hpp"

#include <cmath>
#include <functional>
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
#include <tweedie/run/prior.hpp>

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
         name != "reverse_diffusion" && name != "deis";
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

TEST_CASE("law: a deterministic solver has the order it declares", "[long]") {
  for (const auto& [process_name, process] : processes())
    for (const auto& name : tw::solver_names()) {
      const tw::AnySolver solver = tw::solver_named(name);
      // The table's scale has kinks, at which methods in t lose order.
      if (solver.facts().stochastic || process_name == "Tabulated") continue;
      // To 640: fourth-order multistep methods are 0.12 away at 160 to 320, 0.07 at 320.
      const tw::OrderTable table = tw::measure_order(process, solver, {160, 320, 640});
      INFO(name << " on " << process_name << ": " << table.entries[1].slope << ", "
                << table.order());
      // Over the last two halvings.
      const double measured = (table.entries[1].slope + table.entries[2].slope) / 2;
      CHECK(std::abs(measured - solver.facts().order) < 0.1);
    }
}

TEST_CASE("law: a stochastic solver has the weak order it declares, by the exact recursion",
          "[long]") {
  for (const auto& [process_name, process] : processes())
    for (const auto& name : tw::solver_names()) {
      tw::AnySolver solver = tw::solver_named(name);
      if (!solver.facts().stochastic || process_name == "Tabulated") continue;
      // Without the last noise a run ends at a variance that is short by g^2 h: order 1 as well,
      // but with a constant that hides the rest.
      if (name == "euler_maruyama") solver = tw::EulerMaruyama{.last_noise = true};
      if (name == "sde_heun") solver = tw::SDEHeun{.last_noise = true};
      if (name == "reverse_diffusion") solver = tw::ReverseDiffusion{.last_noise = true};
      // A range in which no method's first two error terms nearly cancel, as those of Euler-Maruyama
      // on VE and of SDE Heun on EDM do between sigma 10 and 0.1.
      const tw::OrderTable table =
          tw::measure_order(process, solver, {500, 1000, 2000}, {.sigma_max = 5, .sigma_min = 0.3});
      INFO(name << " on " << process_name << ": " << table.entries[1].slope << ", "
                << table.order());
      CHECK(std::abs(table.order() - solver.facts().order) < 0.1);
    }
}

TEST_CASE("law: options change the order as declared") {
  const tw::AnyProcess vp = tw::VP{};
  std::vector<tw::AnySolver> solvers{tw::RK4<tw::InLambda>{},
                                     tw::Heun<tw::InLambda>{},
                                     tw::TwoStage<tw::InSigma>{.alpha = 0.5},
                                     tw::TwoStage<tw::InTime>{.alpha = 2. / 3},
                                     tw::DPMSolver2{.r = 0.3},
                                     tw::DPMSolverPP2S{.r = 0.7},
                                     tw::IPNDM{.order = 1}};
  for (int order : {1, 2, 3}) {
    solvers.push_back(tw::AdamsBashforth<tw::InTime>{.order = order});
    solvers.push_back(tw::AdamsBashforth<tw::InSigma>{.order = order});
    solvers.push_back(tw::AdamsBashforth<tw::InLambda>{.order = order});
  }
  for (const auto& solver : solvers) {
    const tw::OrderTable table = tw::measure_order(vp, solver, {160, 320, 640});
    INFO(solver.facts().name << ": " << table.entries[1].slope << ", " << table.order());
    CHECK(std::abs((table.entries[1].slope + table.order()) / 2 - solver.facts().order) < 0.1);
  }
}

TEST_CASE("law: a start without history costs order, down to two") {
  // One first-order step has a local error of second order.
  const tw::OrderTable table =
      tw::measure_order(tw::VP{}, tw::LMS{}, {160, 320, 640}, {.warm = false});
  CHECK(table.order() > 1.8);
  CHECK(table.order() < 2.5);
}

TEST_CASE("law: evaluations per step are those declared") {
  for (const auto& name : tw::solver_names()) {
    const tw::AnySolver solver = tw::solver_named(name);
    const tw::AnyProcess vp = tw::VP{};
    INFO(name);
    CHECK(tw::make_plan(vp, solver, tw::uniform(vp, 7)).nfe() == 7 * solver.facts().evaluations);
    // The step to sigma = 0 takes one.
    CHECK(tw::make_plan(vp, solver, tw::uniform(vp, 7, {.to_zero = true})).nfe() ==
          6 * solver.facts().evaluations + 1);
    CHECK((tw::make_plan(vp, solver, tw::uniform(vp, 7)).draws() > 0) ==
          (solver.facts().stochastic || name == "ddim"));
  }
}

TEST_CASE("law: data that are one point are reached exactly, whatever the steps") {
  const Eigen::Vector3d point(0.3, -1.2, 2.5);
  const auto model = tw::predicts_data(
      [&](const auto& x, double, auto& out) { out = point.replicate(1, x.cols()); });
  for (const auto& name : tw::solver_names()) {
    if (!lives_in_sigma(name) && name != "deis") continue;
    const tw::AnySolver solver = tw::solver_named(name);
    if (solver.facts().stochastic) continue;
    for (const auto& [process_name, process] : processes())
      for (bool to_zero : {false, true}) {
        const tw::Plan plan =
            tw::make_plan(process, solver, tw::karras(process, 5, {.to_zero = to_zero}));
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
    // LMS keeps its polynomial to the end; Euler-Maruyama and methods in t step in t.
    if (!lives_in_sigma(name) || name == "lms") continue;
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
          tw::AnySolver(tw::LMS{.order = 1}),
          tw::AnySolver(tw::AdamsBashforth<tw::InLambda>{.order = 1})}) {
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
  const tw::AdamsBashforth<tw::InLambda> second{.order = 2};
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
