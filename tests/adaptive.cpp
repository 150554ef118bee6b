// SPDX-License-Identifier: MIT
#include "support/allocations.hpp"
#include "support/catch.hpp"

#include <cmath>
#include <string>
#include <vector>

#include <tweedie/adaptive/methods.hpp>
#include <tweedie/distribution/mixture.hpp>
#include <tweedie/forward/prior.hpp>
#include <tweedie/process/betas.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/flow.hpp>
#include <tweedie/process/tabulated_vp.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/run/sampler.hpp>
#include <tweedie/solver/ode/ddim.hpp>
#include <tweedie/solver/ode/runge_kutta.hpp>
#include <tweedie/solver/sde/euler_maruyama.hpp>
#include <tweedie/solver/sde/sde_heun.hpp>

#include "support/processes.hpp"

namespace tw = tweedie;
using Eigen::MatrixXd;

namespace {

tw::Mixture two_blobs() {
  MatrixXd C(2, 2);
  C << 0.6, 0.2, 0.2, 0.4;
  return tw::Mixture({0.4, 0.6},
                     {tw::Gaussian(Eigen::Vector2d(1, -1), C),
                      tw::Gaussian(Eigen::Vector2d(-1, 0.5), 0.3 * MatrixXd::Identity(2, 2))});
}

MatrixXd noise_at(const tw::AnyProcess& process, double t, int count = 5) {
  MatrixXd x(2, count);
  tw::prior(process.at(t), x, tw::Noise{.seed = 1});
  return x;
}

const tw::NoiseRange to_t_min{.to_zero = false};

/// Calls f(name, method) for methods of every kind.
void for_each_method(auto&& f) {
  f("Dormand-Prince in time", tw::EmbeddedPair<tw::InTime>{});
  f("Dormand-Prince in sigma", tw::EmbeddedPair<tw::InSigma>{});
  f("Tsitouras in lambda", tw::EmbeddedPair<tw::InLambda>{tw::tsitouras});
  f("Bogacki-Shampine in time", tw::EmbeddedPair<tw::InTime>{tw::bogacki_shampine});
  f("DPM-Solver-12", tw::DPMSolver12<>{});
  f("DPM-Solver-23", tw::DPMSolver23<>{});
  f("DPM-Solver-23 on epsilon", tw::DPMSolver23<tw::Prediction::epsilon>{});
  f("two halves of Heun in time", tw::StepDoubling{tw::Heun<tw::InTime>{}});
  f("two halves of 3S", tw::StepDoubling{tw::DPMSolverPP3S{}});
}

/// A tableau run with n equal steps on dy/dt = cos(t) y: the order of both of its methods.
double error_of(const tw::EmbeddedTableau& m, int n, bool lower) {
  double y = 1;
  for (int step = 0; step < n; ++step) {
    const double h = 2.0 / n, t = step * h;
    std::vector<double> k;
    double end = y;
    for (int i = 0; i < m.stages; ++i) {
      double y_i = y;
      for (int j = 0; j < i; ++j)
        y_i += h * m.a[std::size_t(i)][std::size_t(j)] * k[std::size_t(j)];
      k.push_back(std::cos(t + m.c[std::size_t(i)] * h) * y_i);
      end = y_i;  // the last stage is the new state
    }
    for (int i = 0; lower && i < m.stages; ++i) end -= h * m.e[std::size_t(i)] * k[std::size_t(i)];
    y = end;
  }
  return std::abs(y - std::exp(std::sin(2.0)));
}

}  // namespace

TEST_CASE("adaptive: the tableaux have their orders, and so have their lower methods") {
  for (const tw::EmbeddedTableau& m : {tw::bogacki_shampine, tw::dormand_prince, tw::tsitouras}) {
    INFO(m.name);
    CHECK(std::log2(error_of(m, 32, false) / error_of(m, 64, false)) ==
          Approx(m.order).margin(0.5));
    CHECK(std::log2(error_of(m, 32, true) / error_of(m, 64, true)) ==
          Approx(m.order - 1).margin(0.35));
  }
}

TEST_CASE("adaptive: the error follows the tolerance over six decades") {
  const tw::Mixture data = two_blobs();
  for (const tw::AnyProcess& process : {tw::AnyProcess(tw::VP{}), tw::AnyProcess(tw::EDM{})}) {
    MatrixXd exact = noise_at(process, process.t_max);
    tw::solve_adaptively(process, data, exact, {.rtol = 1e-13, .atol = 1e-13, .range = to_t_min});
    for (double tolerance = 1e-3; tolerance > 1e-10; tolerance /= 10) {
      MatrixXd x = noise_at(process, process.t_max);
      const tw::AdaptiveRun run = tw::solve_adaptively(
          process, data, x, {.rtol = tolerance, .atol = tolerance, .range = to_t_min});
      const double error = (x - exact).cwiseAbs().maxCoeff();
      INFO(tolerance << ": " << error << " by " << run.evaluations);
      CHECK(error < 60 * tolerance);
      CHECK(error > tolerance / 60);
    }
  }
}

TEST_CASE("adaptive: every method ends at the ODE's solution, for every prediction") {
  const tw::Mixture data = two_blobs();
  const tw::AnyProcess vp = tw::VP{};
  MatrixXd exact = noise_at(vp, 1);
  tw::solve_adaptively(vp, data, exact, {.rtol = 1e-12, .atol = 1e-12, .range = to_t_min});
  for_each_method([&](const char* name, const auto& method) {
    for (tw::Prediction prediction : {tw::Prediction::data, tw::Prediction::epsilon,
                                      tw::Prediction::score, tw::Prediction::velocity}) {
      auto model = tw::predicts(prediction, [&](const auto& x, const tw::Call& call, auto& out) {
        MatrixXd D(x.rows(), x.cols());
        data(x, call, D);
        const tw::Conversion c =
            tw::conversion(prediction, tw::Output(tw::Prediction::data), call.level);
        out = c.state * x + c.output * D;
      });
      MatrixXd x = noise_at(vp, 1);
      const tw::AdaptiveRun run = tw::solve_adaptively(
          vp, method, model, x, {.rtol = 1e-5, .atol = 1e-5, .range = to_t_min});
      INFO(name << " on " << tw::name_of(prediction) << ": " << run.evaluations << " evaluations");
      CHECK((x - exact).cwiseAbs().maxCoeff() < 2e-3);
      CHECK(run.stop == tw::AdaptiveRun::Stop::done);
      CHECK(run.grid().steps() == run.accepted);
    }
  });
}

TEST_CASE("adaptive: evaluations are counted as the network counts them; nothing is asked twice") {
  const tw::Mixture data = two_blobs();
  const tw::AnyProcess vp = tw::VP{};
  for_each_method([&](const char* name, const auto& method) {
    INFO(name);
    std::vector<std::pair<double, MatrixXd>> asked;
    bool twice = false;
    auto model = tw::predicts_data([&](const auto& x, const tw::Call& call, auto& out) {
      CHECK(call.evaluation == int(asked.size()));
      for (const auto& [t, state] : asked) twice |= t == call.level.t && state == x;
      asked.emplace_back(call.level.t, x);
      data(x, call, out);
    });
    MatrixXd x = noise_at(vp, 1);
    const tw::AdaptiveRun run =
        tw::solve_adaptively(vp, method, model, x, {.rtol = 1e-3, .atol = 1e-3});
    CHECK(run.evaluations == int(asked.size()));
    CHECK_FALSE(twice);
    CHECK(run.levels.back().is_clean_data());
    CHECK(run.grid().steps() == run.accepted + 1);
  });
}

TEST_CASE("adaptive: the grid that was chosen is a grid for fixed runs") {
  const tw::Mixture data = two_blobs();
  const tw::AnyProcess vp = tw::VP{};
  MatrixXd x = noise_at(vp, 1);
  const tw::AdaptiveRun run =
      tw::solve_adaptively(vp, tw::DPMSolver23<>{}, data, x, {.range = to_t_min});
  MatrixXd y = noise_at(vp, 1);
  tw::Sampler(tw::make_plan(vp, tw::DPMSolverPP3S{}, run.grid()), data, y)(y, tw::Noise{});
  CHECK((x - y).cwiseAbs().maxCoeff() < 1e-12);
}

TEST_CASE("adaptive: a sample's own steps do not know its batch, to the bit") {
  const tw::Mixture data = two_blobs();
  const tw::AnyProcess vp = tw::VP{};
  MatrixXd all = noise_at(vp, 1, 6);
  MatrixXd three = all.middleCols(2, 1);
  const auto runs = tw::solve_each_adaptively(vp, data, all);
  const auto alone = tw::solve_each_adaptively(vp, data, three, {.noise = {.first_sample = 2}});
  CHECK(all.col(2) == three.col(0));
  CHECK(runs[2].levels == alone[0].levels);
  CHECK(runs[2].accepted != runs[0].accepted + runs[1].accepted);
  // With the batch's norm it does, in the last digits.
  MatrixXd together = noise_at(vp, 1, 6);
  tw::solve_adaptively(vp, data, together);
  CHECK(together.col(2) != all.col(2));
  CHECK((together - all).cwiseAbs().maxCoeff() < 1e-3);
}

TEST_CASE("adaptive: both directions, flows from pure noise, and a state in float") {
  const tw::Mixture data = two_blobs();
  for (const tw::AnyProcess& process : {tw::AnyProcess(tw::VP{}), tw::AnyProcess(tw::EDM{}),
                                        tw::AnyProcess(tw::Flow{.t_min = 1e-3})}) {
    const tw::Level top = process.at(process.t_max), bottom = process.at(process.t_min);
    const tw::AdaptiveOptions tight{.rtol = 1e-10, .atol = 1e-10};
    MatrixXd x = noise_at(process, process.t_max);
    const MatrixXd noise = x;
    auto sampler = tw::adaptive_sampler(process, tw::EmbeddedPair<>{}, data, x, tight);
    sampler(x, top, bottom);
    const tw::AdaptiveRun back = sampler(x, bottom, top);
    CHECK((x - noise).cwiseAbs().maxCoeff() < 1e-6 * noise.cwiseAbs().maxCoeff());
    CHECK(back.grid().direction() == tw::Grid::Direction::rising);
    Eigen::MatrixXf f = noise.cast<float>();
    MatrixXd d = noise;
    tw::solve_adaptively(process, data, f);
    tw::solve_adaptively(process, data, d);
    CHECK((f.cast<double>() - d).cwiseAbs().maxCoeff() < 1e-3);
  }
}

TEST_CASE("adaptive: pulled step by step, and cut short") {
  const tw::Mixture data = two_blobs();
  const tw::AnyProcess vp = tw::VP{};
  MatrixXd x = noise_at(vp, 1), y = x, z = x;
  auto sampler = tw::adaptive_sampler(vp, tw::EmbeddedPair<>{}, data, x);
  const tw::AdaptiveRun whole = sampler(y, vp.at(1), vp.at(1e-3));
  int index = 0;
  auto walk = sampler.steps(x, vp.at(1), vp.at(1e-3));
  for (auto step : walk) {
    CHECK(step.index == index++);
    CHECK(step.error <= 1);
    CHECK(step.to == whole.levels[std::size_t(index)]);
  }
  CHECK(x == y);
  CHECK(index == whole.accepted);
  CHECK(walk.run().rejected == whole.rejected);

  auto short_one = tw::adaptive_sampler(vp, tw::EmbeddedPair<>{}, data, z, {.max_evaluations = 20});
  const tw::AdaptiveRun cut = short_one(z);
  CHECK(cut.stop == tw::AdaptiveRun::Stop::evaluations);
  CHECK(cut.evaluations <= 20);
  CHECK(cut.levels.back().t > 1e-3);
  // z is the state of the last level: going on from there gives the whole run's end.
  sampler(z, cut.levels.back(), vp.at(1e-3));
  CHECK((z - y).cwiseAbs().maxCoeff() < 1e-3);
}

TEST_CASE("adaptive: the control of steps") {
  tw::StepController integral(tw::StepControl::integral(), 5);
  CHECK(integral.judge(0.5).factor == Approx(0.9 * std::pow(0.5, -0.2)));
  const tw::Verdict no = integral.judge(32);
  CHECK_FALSE(no.accepted);
  CHECK(no.factor == Approx(0.45));
  CHECK(integral.judge(1e-3).factor == 1);  // after a rejection not longer
  CHECK(integral.judge(1e-12).factor == 10);
  CHECK_FALSE(integral.judge(std::nan("")).accepted);
  tw::StepController pi(tw::StepControl::proportional_integral(), 4);
  CHECK(pi.judge(0.5).factor == Approx(0.9 * std::pow(0.5, -0.7 / 4)));  // E' = 1
  CHECK(pi.judge(0.3).factor == Approx(0.9 * std::pow(0.3, -0.7 / 4) * std::pow(0.5, 0.4 / 4)));
  // k-diffusion's PIDStepSizeController with P = .1, I = .7, D = .05 and order 3, by hand.
  tw::StepController pid(tw::StepControl::softened(0.1, 0.7, 0.05, 0.8), 3);
  const auto factor = [](double a, double b, double c) {
    return 1 + std::atan(std::pow(a, 0.85 / 3) * std::pow(b, -0.2 / 3) * std::pow(c, 0.05 / 3) - 1);
  };
  const double i1 = 1 / (0.4 + 1e-8), i2 = 1 / (0.7 + 1e-8), i3 = 1 / (3.0 + 1e-8);
  CHECK(pid.judge(0.4).factor == Approx(factor(i1, i1, i1)));
  CHECK(pid.judge(0.7).factor == Approx(factor(i2, i1, i1)));
  const tw::Verdict third = pid.judge(3.0);
  CHECK(third.factor == Approx(factor(i3, i2, i1)));
  CHECK_FALSE(third.accepted);
  CHECK(pid.judge(0.4).factor == Approx(factor(i1, i2, i1)));  // the rejected one is forgotten
}

namespace {

/// k-diffusion's sample_dpm_adaptive at eta = 0, by hand, in t = -log sigma.
struct DPMAdaptive {
  int order;
  double rtol, atol, P, I, D, accept_safety;
  int accepted = 0, rejected = 0, cut_and_rejected = 0;
  std::vector<double> lengths = {};  // of the accepted steps

  static MatrixXd denoised(const MatrixXd& x, double sigma) {
    return (x.array() / (0.3 + sigma * sigma)).tanh() + 0.2 * (3 * x.array()).cos();
  }
  static MatrixXd eps(const MatrixXd& x, double t) {
    return (x - denoised(x, std::exp(-t))) / std::exp(-t);
  }
  static MatrixXd step_1(const MatrixXd& x, double t, double h) {
    return x - std::exp(-t - h) * std::expm1(h) * eps(x, t);
  }
  static MatrixXd step_2(const MatrixXd& x, double t, double h, double r1) {
    const MatrixXd e = eps(x, t), u1 = x - std::exp(-t - r1 * h) * std::expm1(r1 * h) * e;
    return x - std::exp(-t - h) * std::expm1(h) * (e + (eps(u1, t + r1 * h) - e) / (2 * r1));
  }
  static MatrixXd step_3(const MatrixXd& x, double t, double h) {
    const double r1 = 1. / 3, r2 = 2. / 3, end = std::exp(-t - h), middle = std::exp(-t - r2 * h);
    const MatrixXd e = eps(x, t), u1 = x - std::exp(-t - r1 * h) * std::expm1(r1 * h) * e,
                   e1 = eps(u1, t + r1 * h) - e,
                   u2 = x - middle * std::expm1(r2 * h) * e -
                        middle * (r2 / r1) * (std::expm1(r2 * h) / (r2 * h) - 1) * e1;
    return x - end * std::expm1(h) * e -
           end / r2 * (std::expm1(h) / h - 1) * (eps(u2, t + r2 * h) - e);
  }

  void operator()(MatrixXd& x, double sigma_max, double sigma_min) {
    const double t_end = -std::log(sigma_min);
    double s = -std::log(sigma_max), pid_h = 0.05;
    double errs[3] = {0, 0, 0};
    MatrixXd x_prev = x;
    while (s < t_end - 1e-5) {
      const double t = std::min(t_end, s + pid_h);
      const MatrixXd x_low = order == 2 ? step_1(x, s, t - s) : step_2(x, s, t - s, 1. / 3),
                     x_high = order == 2 ? step_2(x, s, t - s, 0.5) : step_3(x, s, t - s);
      const Eigen::ArrayXXd delta =
          (rtol * x_low.array().abs().max(x_prev.array().abs())).max(atol);
      const double error =
          ((x_low - x_high).array() / delta).matrix().norm() / std::sqrt(double(x.size()));
      errs[0] = 1 / (error + 1e-8);
      if (errs[1] == 0) errs[1] = errs[2] = errs[0];
      double factor = std::pow(errs[0], (P + I + D) / order) *
                      std::pow(errs[1], -(P + 2 * D) / order) * std::pow(errs[2], D / order);
      factor = 1 + std::atan(factor - 1);
      const bool accept = factor >= accept_safety, cut = s + pid_h > t_end;
      pid_h *= factor;
      if (accept) {
        errs[2] = errs[1], errs[1] = errs[0];
        lengths.push_back(t - s);
        x_prev = x_low, x = x_high, s = t;
        ++accepted;
      } else {
        ++rejected;
        cut_and_rejected += cut;
      }
    }
  }
};

}  // namespace

TEST_CASE("adaptive: k-diffusion's run, also where its last step is rejected") {
  auto model = tw::predicts_data([](const auto& x, const tw::Call& call, auto& out) {
    out = DPMAdaptive::denoised(x, call.level.sigma());
  });
  const tw::AnyProcess edm = tw::EDM{};
  int cut_and_rejected = 0;
  for (const double rtol : {0.03, 0.1})
    for (const double sigma_min : {0.01, 0.47, 0.54, 0.62, 0.71, 0.82, 1.08, 5.79})
      for (int order : {2, 3}) {
        DPMAdaptive theirs{order, rtol, 0.3 * rtol, 0.1, 0.8, 0.05, 0.9};
        MatrixXd x(2, 3), y;
        x << 1, -20, 35, 4, -0.5, 50;
        y = x;
        theirs(x, 80, sigma_min);
        const tw::AdaptiveOptions options{
            .rtol = rtol,
            .atol = 0.3 * rtol,
            .control = tw::StepControl::softened(0.1, 0.8, 0.05, 0.9)};
        const auto solve = [&](const auto& method) {
          return tw::adaptive_sampler(edm, method, model, y, options)(y, edm.at_sigma(80),
                                                                      edm.at_sigma(sigma_min));
        };
        const tw::AdaptiveRun run = order == 2 ? solve(tw::DPMSolver12<tw::Prediction::epsilon>{})
                                               : solve(tw::DPMSolver23<tw::Prediction::epsilon>{});
        INFO("order " << order << ", rtol " << rtol << ", to " << sigma_min << ": "
                      << theirs.rejected << " rejected, " << theirs.cut_and_rejected
                      << " at the end");
        cut_and_rejected += theirs.cut_and_rejected;
        REQUIRE(run.accepted == theirs.accepted);
        CHECK(run.rejected == theirs.rejected);
        for (std::size_t k = 0; k < theirs.lengths.size(); ++k)
          CHECK(std::log(run.levels[k].sigma() / run.levels[k + 1].sigma()) ==
                Approx(theirs.lengths[k]).epsilon(1e-9));
        CHECK((x - y).cwiseAbs().maxCoeff() < 1e-9);
      }
  CHECK(cut_and_rejected >= 5);
}

TEST_CASE("adaptive: the estimates have the order that the facts say") {
  const tw::Mixture data = two_blobs();
  const tw::AnyProcess vp = tw::VP{};
  const auto check = [&](const char* name, const auto& method) {
    const MatrixXd x = noise_at(vp, 1);
    auto trial = method.template trial<MatrixXd>(vp, data, x.rows(), x.cols(),
                                                 tw::AdaptiveOptions{.rtol = 0, .atol = 1});
    const tw::Level from = vp.at(0.5);
    const double sign = trial.clock(vp.at(0.1)) > trial.clock(from) ? 1 : -1;
    const auto error = [&](double h) {
      trial.begin(x.data(), from);
      return trial.attempt(x.data(), from, trial.level(trial.clock(from) + sign * h));
    };
    INFO(name);
    CHECK(std::log2(error(0.02) / error(0.01)) == Approx(trial.error_power()).margin(0.15));
  };
  check("DPM-Solver-12", tw::DPMSolver12<>{});
  check("DPM-Solver-23", tw::DPMSolver23<tw::Prediction::epsilon>{});
  check("two halves of Euler", tw::StepDoubling{tw::Euler<tw::InTime>{}});
  check("two halves of Heun", tw::StepDoubling{tw::Heun<tw::InTime>{}});
  check("two halves of 3S", tw::StepDoubling{tw::DPMSolverPP3S{}});
  check("Bogacki-Shampine", tw::EmbeddedPair<tw::InTime>{tw::bogacki_shampine});
  check("Dormand-Prince", tw::EmbeddedPair<tw::InTime>{});
}

TEST_CASE("adaptive: a trial that fails leaves the state as it was") {
  for_each_method([&](const char* name, const auto& method) {
    auto model = tw::predicts_data([](const auto& x, const tw::Call& call, auto& out) {
      tw::check(call.evaluation < 1, "no more");
      out = 0.5 * x;
    });
    MatrixXd x = noise_at(tw::VP{}, 1);
    const MatrixXd before = x;
    INFO(name);
    CHECK(error_of([&] { tw::solve_adaptively(tw::VP{}, method, model, x); }) == "no more");
    CHECK(x == before);
  });
}

TEST_CASE("adaptive: a program keeps the rows of errors on request, and their values to the end") {
  const tw::AnyProcess vp = tw::VP{};
  const tw::Plan plan =
      tw::make_plan(vp, tw::TwoHalves<tw::Heun<tw::InTime>>{}, tw::uniform(vp, 4, to_t_min));
  const auto errors = [](const tw::executor::Program<double>& program) {
    int count = 0;
    for (const auto& op : program.instructions) count += op.role == tw::Role::error;
    return count;
  };
  CHECK(errors(tw::executor::lower<double>(plan, tw::Prediction::data)) == 0);
  const auto kept =
      tw::executor::lower<double>(plan, tw::Prediction::data, tw::executor::ErrorRows::kept);
  CHECK(errors(kept) == 4);
  CHECK(kept.instructions.back().commits());
  CHECK(kept.instructions.back().out == 0);
  for (std::size_t k = 0; k < kept.instructions.size(); ++k)
    for (std::size_t later = k + 1;
         kept.instructions[k].role == tw::Role::error && later < kept.instructions.size(); ++later)
      CHECK(kept.instructions[later].out != kept.instructions[k].out);
}

TEST_CASE("adaptive: a pair allocates nothing as it runs, but the list of levels") {
  auto model = tw::predicts_data([](const auto& x, double t, auto& out) { out = x / (1 + t); });
  const tw::AnyProcess vp = tw::VP{};
  MatrixXd x = noise_at(vp, 1, 3000);
  auto sampler =
      tw::adaptive_sampler(vp, tw::EmbeddedPair<>{}, model, x, {.rtol = 1e-8, .atol = 1e-8});
  const tw::Level from = vp.at(1), to = vp.at(1e-3);
  const long before = allocations;
  const tw::AdaptiveRun run = sampler(x, from, to);
  const long made = allocations - before;
  CHECK(run.accepted >= 20);
  CHECK(made < 16);  // of doubling lists
}

TEST_CASE("adaptive: a model that returns NaN is said to") {
  auto model = tw::predicts_data(
      [](const auto& x, double t, auto& out) { out = t < 0.5 ? std::nan("") * x : 0.5 * x; });
  MatrixXd x = noise_at(tw::VP{}, 1);
  CHECK_THAT(error_of([&] { tw::solve_adaptively(tw::VP{}, model, x); }),
             Contains("the error stays above the tolerance at t = 0.5") && Contains("NaN"));
  MatrixXd y = noise_at(tw::VP{}, 1);
  CHECK_THAT(error_of([&] {
               tw::solve_adaptively(tw::VP{}, tw::StepDoubling{tw::DDIM{.eta = 1}}, two_blobs(), y);
             }),
             Contains("is no increment of a path"));
}

namespace {

/// Euler-Maruyama with steps of n equal parts of the time on the path of a seed.
MatrixXd on_path(int n, const tw::Mixture& data, const tw::Noise& noise) {
  const tw::AnyProcess vp = tw::VP{};
  const tw::Plan plan = tw::make_plan(vp, tw::EulerMaruyama{}, tw::power(vp, n, 2, to_t_min));
  MatrixXd x(2, 12);
  tw::prior(plan.from(), x, noise);
  tw::Sampler(plan, data, x)(x, tw::BrownianPath(plan, noise));
  return x;
}

}  // namespace

TEST_CASE("adaptive SDE: strong errors follow the tolerance, on the path of the seed") {
  const tw::Mixture data = two_blobs();
  const tw::AnyProcess vp = tw::VP{};
  const tw::Noise noise{.seed = 5};
  const MatrixXd fine = on_path(1000, data, noise);
  double before = 1;
  for (double tolerance : {3e-2, 3e-3}) {
    MatrixXd x(2, 12);
    tw::prior(vp.at(1), x, noise);
    const tw::AdaptiveRun run = tw::solve_adaptively(
        vp, tw::StepDoubling{tw::EulerMaruyama{}}, data, x,
        {.rtol = tolerance, .atol = tolerance, .range = to_t_min, .noise = noise});
    const double error = std::sqrt((x - fine).squaredNorm() / double(x.size()));
    INFO(tolerance << ": " << error << " by " << run.evaluations << ", " << run.rejected
                   << " rejected");
    CHECK(error < 0.5 * before);
    before = error;
  }
  CHECK(before < 0.1);
}

TEST_CASE("adaptive SDE: the distribution is right, also where many steps are rejected") {
  // Data N(0, 0.01), one sample a run, whose own noise decides on its steps: beside the fine solution
  // on the same paths, whose distribution is right.
  const tw::Gaussian data =
      tw::Gaussian::diagonal(Eigen::VectorXd::Zero(1), Eigen::VectorXd::Constant(1, 0.01));
  const tw::AnyProcess vp = tw::VP{};
  constexpr int samples = 30;
  const tw::Noise noise{.seed = 9};
  const tw::Plan plan = tw::make_plan(vp, tw::SDEHeun{}, tw::power(vp, 500, 2, to_t_min));
  MatrixXd fine(1, samples);
  tw::prior(plan.from(), fine, noise);
  const MatrixXd start = fine;
  tw::Sampler(plan, data, fine)(fine, tw::BrownianPath(plan, noise));
  double before = 1;
  for (double tolerance : {1e-2, 1e-3}) {
    MatrixXd x = start;
    int rejected = 0;
    for (const tw::AdaptiveRun& run : tw::solve_each_adaptively(
             vp, data, x, {.rtol = tolerance, .atol = tolerance, .range = to_t_min, .noise = noise},
             tw::StepDoubling{tw::SDEHeun{}}))
      rejected += run.rejected;
    CHECK(rejected > 5 * samples);
    const double excess = std::abs(x.squaredNorm() / fine.squaredNorm() - 1);
    INFO(tolerance << ": " << excess);
    CHECK(excess < 0.5 * before);
    before = excess;
  }
  CHECK(before < 0.08);
}

TEST_CASE("adaptive SDE: a sample's path does not know its batch") {
  const tw::Mixture data = two_blobs();
  const tw::AnyProcess vp = tw::VP{};
  const auto run = [&](int first, int count) {
    MatrixXd x(2, count);
    const tw::Noise noise{.seed = 5, .first_sample = first};
    tw::prior(vp.at(1), x, noise);
    tw::solve_each_adaptively(vp, data, x, {.rtol = 1e-2, .atol = 1e-2, .noise = noise},
                              tw::StepDoubling{tw::EulerMaruyama{}});
    return x;
  };
  CHECK(run(0, 4).col(2) == run(2, 1).col(0));
}

TEST_CASE("adaptive: a table is solved in lambda, to the tolerance") {
  const auto table = tw::TabulatedVP::from_betas(tw::linear_betas(1000));
  const tw::Gaussian data =
      tw::Gaussian::diagonal(Eigen::Vector2d(0.3, -1), Eigen::Vector2d(0.5, 0.02));
  const auto deviation = [&](const tw::Level& l, int i) {
    return std::sqrt(l.scale * l.scale * data.variances()[i] + l.std * l.std);
  };
  MatrixXd x = noise_at(table, 1), exact = x;
  const tw::Level top = table.at(1), bottom = table.at(table.t_min);
  for (Eigen::Index i = 0; i < 2; ++i)
    exact.row(i) = (x.row(i).array() - top.scale * data.mean()[i]) *
                       (deviation(bottom, int(i)) / deviation(top, int(i))) +
                   bottom.scale * data.mean()[i];
  const tw::AdaptiveRun run =
      tw::solve_adaptively(table, data, x, {.rtol = 1e-7, .atol = 1e-7, .range = to_t_min});
  CHECK((x - exact).cwiseAbs().maxCoeff() < 1e-5);
  CHECK(run.evaluations < 500);
  CHECK_THAT(error_of([&] { tw::solve_adaptively(table, tw::EmbeddedPair<>{}, data, x); }),
             Contains("jump at its entries"));
}

TEST_CASE("adaptive: NaN in one sample is seen by every norm, at once") {
  for (tw::ErrorNorm norm : {tw::ErrorNorm::batch, tw::ErrorNorm::worst_sample}) {
    auto model = tw::predicts_velocity([](const auto& x, double, auto& out) {
      out = 0.1 * x;
      out(0, 0) = std::nan("");
    });
    MatrixXd x = noise_at(tw::VP{}, 1);
    CHECK_THAT(error_of([&] { tw::solve_adaptively(tw::VP{}, model, x, {.norm = norm}); }),
               Contains("NaN"));
    MatrixXd y = noise_at(tw::VP{}, 1);
    CHECK_THAT(error_of([&] {
                 tw::solve_adaptively(tw::VP{}, tw::StepDoubling{tw::EulerMaruyama{}}, model, y,
                                      {.norm = norm});
               }),
               Contains("NaN"));
  }
}

TEST_CASE("adaptive: a flow ends at clean data, whatever the network predicts") {
  const tw::Flow flow;
  const tw::Mixture data = two_blobs();
  auto velocity = tw::predicts_velocity([&](const auto& x, const tw::Call& call, auto& out) {
    MatrixXd D(x.rows(), x.cols());
    const double t = std::max(call.level.t, 1e-9);
    data(x, {.level = tw::Flow{}.at(t)}, D);
    out = (x - D) / t;
  });
  MatrixXd x = noise_at(flow, 1), y = x, z = x;
  const tw::AdaptiveRun by_velocity = tw::solve_adaptively(flow, velocity, x),
                        by_data = tw::solve_adaptively(flow, data, y);
  CHECK(by_velocity.levels.back().is_clean_data());
  CHECK(by_data.levels.back().is_clean_data());
  CHECK((x - y).cwiseAbs().maxCoeff() < 1e-3);
  tw::solve_adaptively(flow, tw::StepDoubling{tw::Heun<tw::InTime>{}}, velocity, z);
  CHECK((x - z).cwiseAbs().maxCoeff() < 1e-2);
}

TEST_CASE("adaptive: views, other shapes, writes between steps, runs within runs") {
  const tw::Mixture data = two_blobs();
  const tw::AnyProcess vp = tw::VP{};
  MatrixXd x = noise_at(vp, 1), y = x;
  Eigen::Map<MatrixXd> view(y.data(), 2, 5);
  auto sampler = tw::adaptive_sampler(vp, tw::EmbeddedPair<>{}, data, x);
  sampler(x);
  sampler(view);
  CHECK(x == y);
  MatrixXd other = MatrixXd::Zero(2, 3);
  CHECK_THAT(error_of([&] { sampler(other); }), Contains("2 x 3") && Contains("2 x 5"));
  // What is written is what the next step begins with.
  MatrixXd a = noise_at(vp, 1), b;
  auto walk = sampler.steps(a, vp.at(1), vp.at(1e-3));
  tw::Level at;
  for (auto step : walk)
    if (step.index == 2) {
      step.x *= 0.5;
      b = step.x, at = step.to;
      walk.changed();
    }
  MatrixXd c = b;
  sampler(c, at, vp.at(1e-3));
  CHECK((a - c).cwiseAbs().maxCoeff() < 1e-3);
}
