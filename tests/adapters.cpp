// SPDX-License-Identifier: MIT
// Between a network and a plan: outputs, labels, preconditioning, other processes, guidance, limits.
// Data that are Gaussian make each of them a closed form.
#define EIGEN_RUNTIME_NO_MALLOC
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include <tweedie/grid/spacing.hpp>
#include <tweedie/grid/timesteps.hpp>
#include <tweedie/model/checked.hpp>
#include <tweedie/model/classifier_guided.hpp>
#include <tweedie/model/clipped.hpp>
#include <tweedie/model/guided.hpp>
#include <tweedie/model/guided_batched.hpp>
#include <tweedie/model/preconditioned.hpp>
#include <tweedie/model/trained_on.hpp>
#include <tweedie/process/betas.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/flow.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/run/steps.hpp>
#include <tweedie/solver/ode/ddim.hpp>

#include "support/allocations.hpp"
#include "support/predicting.hpp"
#include "support/processes.hpp"
#include "support/registry.hpp"

namespace tw = tweedie;
using tw::Prediction;

namespace {

constexpr Prediction predictions[] = {Prediction::epsilon, Prediction::data, Prediction::score,
                                      Prediction::velocity};

/// The exact network of data N(mean, variance), for any prediction, by the formulas of the field.
auto gaussian(Prediction prediction, double mean, double variance) {
  return tw::predicts(prediction, [=](const auto& x, const tw::Call& call, auto& out) {
    const tw::Level& l = call.level;
    const double total = l.scale * l.scale * variance + l.std * l.std;
    for (Eigen::Index i = 0; i < x.size(); ++i) {
      const double off = x(i) - l.scale * mean;
      const double data = mean + l.scale * variance / total * off, epsilon = l.std / total * off;
      out(i) = prediction == Prediction::epsilon ? epsilon
               : prediction == Prediction::data  ? data
               : prediction == Prediction::score ? -off / total
                                                 : l.scale_rate * data + l.std_rate * epsilon;
    }
  });
}

const tw::NoiseRange range{.sigma_max = 20, .sigma_min = 0.05};

Eigen::MatrixXd row(std::vector<double> values) {
  return Eigen::Map<Eigen::RowVectorXd>(values.data(), static_cast<Eigen::Index>(values.size()));
}

/// From the same x / scale at the first level, the last one's.
Eigen::MatrixXd end_of(const tw::AnyProcess& process, const tw::AnySolver& solver,
                       const auto& model, const tw::NoiseRange& over = range) {
  const tw::Plan plan = tw::make_plan(process, solver, tw::karras(process, 9, over));
  Eigen::MatrixXd x = plan.from().std * row({-1.3, 0.1, 0.8, 2.1});
  tw::Sampler(plan, model, x)(x, tw::Noise{.seed = 5});
  return x / plan.to().scale;
}

}  // namespace

TEST_CASE("preconditioned: D = c_skip x + c_out F(c_in x, c_noise), on every process") {
  // F for N(0.4, 0.3) by table 1 of Karras et al., at the state that EDM has.
  const double mean = 0.4, variance = 0.3, sd = 0.5;
  const auto denoised = [=](double x, double sigma) {
    return mean + variance / (variance + sigma * sigma) * (x - mean);
  };
  const auto check = [&](auto kind, auto c_skip, auto c_out, auto c_in, auto sigma_of_noise) {
    const auto F = [=](const auto& x, double c_noise, auto& out) {
      const double sigma = sigma_of_noise(c_noise);
      for (Eigen::Index i = 0; i < x.size(); ++i) {
        const double state = x(i) / c_in(sigma);
        out(i) = (denoised(state, sigma) - c_skip(sigma) * state) / c_out(sigma);
      }
    };
    for (const auto& [name, process] : processes())
      for (const char* solver : {"dpmpp_2m", "heun", "euler_ancestral", "unipc"}) {
        INFO(solver << " on " << name);
        const Eigen::MatrixXd expected =
            end_of(process, solver, gaussian(Prediction::data, mean, variance));
        CHECK(largest(end_of(process, solver, tw::preconditioned(kind, F)) - expected) < 1e-9);
      }
  };
  const auto one = [](double) { return 1.0; };
  const auto vp_in = [](double s) { return 1 / std::sqrt(1 + s * s); };
  check(
      tw::EDMPreconditioning{.sigma_data = sd},
      [=](double s) { return sd * sd / (s * s + sd * sd); },
      [=](double s) { return s * sd / std::sqrt(s * s + sd * sd); },
      [=](double s) { return 1 / std::sqrt(s * s + sd * sd); },
      [](double c) { return std::exp(4 * c); });
  check(
      tw::VEPreconditioning{}, one, [](double s) { return s; }, one,
      [](double c) { return 2 * std::exp(c); });
  check(
      tw::VPPreconditioning{}, one, [](double s) { return -s; }, vp_in,
      [](double c) {
        const double t = c / 999;  // sigma(t) of beta from 0.1 to 20
        return std::sqrt(std::expm1(0.5 * 19.9 * t * t + 0.1 * t));
      });
}

TEST_CASE("preconditioned: the ends, and what goes into the plan") {
  const tw::EDMPreconditioning edm{.sigma_data = 0.5};
  const double inf = std::numeric_limits<double>::infinity();
  CHECK(edm.row(0) == tw::PredictionRow{0, -1});
  CHECK(edm.row(inf) == tw::PredictionRow{2, 0});
  // From pure noise to clean data on a flow, for a network that is exact there too.
  const auto F = [](const auto& x, const tw::Call& call, auto& out) {
    const double s = call.level.sigma(), h = std::hypot(1, 0.5 / s),
                 total = 1 / (1 + 0.3 / (s * s));
    // D = 0.3 / (0.3 + s^2) x for data N(0, 0.3), and x = c_in x / c_in.
    for (Eigen::Index i = 0; i < x.size(); ++i)
      out(i) = std::isinf(s)
                   ? 0.0
                   : (0.3 * total / (s * s) - 0.25 / (s * s) / (h * h)) * x(i) * h * s / (0.5 / h);
  };
  const tw::AnyProcess flow = tw::Flow{};
  const tw::Grid grid = tw::uniform(flow, 8);
  Eigen::MatrixXd x = row({-1.3, 0.1, 0.8, 2.1}), y = x;
  const tw::Plan plan = tw::make_plan(flow, "ddim", grid);
  tw::Sampler(plan, tw::preconditioned(edm, F), x)(x, tw::Noise{});
  tw::Sampler(plan, gaussian(Prediction::velocity, 0, 0.3), y)(y, tw::Noise{});
  CHECK(largest(x - y) < 1e-12);
  // No pass over memory more than the network's own: as many rows as for a network of v.
  const tw::AnyProcess vp = tw::VP{};
  const tw::Plan euler = tw::make_plan(vp, "euler", tw::karras(vp, 5));
  const tw::Output output = tw::preconditioned(edm, F).prediction;
  CHECK(tw::lowering::fold(euler.rows(), output).size() ==
        tw::lowering::fold(euler.rows(), Prediction::v).size());
}

TEST_CASE("labels: by name, and what the network is told") {
  const auto table = tw::TabulatedVP::from_betas(tw::linear_betas(1000));
  const tw::VP vp;
  const tw::Level l = vp.at(0.3), entry = table.at(table.time_of_index(499));
  CHECK(tw::Label{}(l) == 0.3);
  CHECK(tw::Label::time(999)(l) == Approx(999 * 0.3));
  CHECK(tw::Label::one_minus_time()(l) == 0.7);
  CHECK(tw::Label::sigma()(l) == l.sigma());
  CHECK(tw::Label::log_sigma(0.25)(l) == Approx(std::log(l.sigma()) / 4));
  CHECK(tw::Label::log_sigma(1, 2)(l) == Approx(std::log(l.sigma() / 2)));
  CHECK(tw::Label::entry(table)(entry) == 499);
  CHECK(tw::Label::index(table)(entry) == Approx(499).margin(1e-9));
  CHECK(tw::Label::entry(table)(table.at(table.time_of_index(499.6))) == 500);
  CHECK(tw::Label::index(table)(table.at(table.time_of_index(499.6))) == Approx(499.6));
  // Within what was trained, whatever the process.
  CHECK(tw::Label::entry(table)(tw::EDM{}.at(1e-5)) == 0);
  CHECK(tw::Label::entry(table)(tw::Flow{}.at(1)) == 999);
  CHECK(tw::Label::entry(table)(tw::EDM{}.at(entry.sigma())) == 499);
  double told = 0;
  const auto model =
      tw::predicts_epsilon([&](const auto& x, double label, auto& out) { told = label, out = x; },
                           tw::Label::time(1000));
  Eigen::MatrixXd x = Eigen::MatrixXd::Ones(1, 1);
  tw::Sampler(tw::make_plan(vp, "ddim", tw::from_times(vp, {0.5, 0.2})), model, x)(x, tw::Noise{});
  CHECK(told == 500);
}

TEST_CASE("discrete: a network of table entries, on its own process and on EDM's") {
  const auto table = tw::TabulatedVP::from_betas(tw::scaled_linear_betas(1000, 0.00085, 0.012));
  const double mean = 0.4, variance = 0.3;
  std::vector<int> asked;
  const auto unet = [&](const auto& x, int k, auto& out) {
    asked.push_back(k);
    const tw::Level l = table.at(table.time_of_index(k));
    const double total = l.scale * l.scale * variance + l.std * l.std;
    out = (l.std / total * (x.array() - l.scale * mean)).matrix();
  };
  const std::vector<int> entries{999, 800, 600, 400, 200, 0};
  const tw::Grid own = tw::from_timesteps(table, entries);
  std::vector<double> sigmas;
  for (const tw::Level& l : own.levels()) sigmas.push_back(l.sigma());
  const tw::AnyProcess edm = tw::EDM{};
  for (const char* name : {"ddim", "dpmpp_2m", "unipc", "lms"}) {
    INFO(name);
    const tw::Plan plan = tw::make_plan(table, name, own);
    Eigen::MatrixXd x = row({-1.3, 0.1, 0.8}), y = x / plan.from().scale;
    asked.clear();
    tw::Sampler(plan, tw::discrete(Prediction::epsilon, table, unet), x)(x, tw::Noise{});
    CHECK(asked == entries);
    tw::Sampler(tw::make_plan(edm, name, tw::from_sigmas(edm, sigmas)),
                tw::discrete(Prediction::epsilon, table, unet), y)(y, tw::Noise{});
    CHECK(largest(x - y) < 1e-11 * (1 + largest(x)));
  }
}

TEST_CASE("law: a network of one process runs on every other as on its own") {
  for (const NamedSolver& solver : all_solvers()) {
    if (solver.facts().clock != tw::Clock::sigma) continue;
    for (const tw::AnyProcess& own : {tw::AnyProcess(tw::VP{}), tw::AnyProcess(tw::EDM{})})
      for (Prediction given : {Prediction::epsilon, Prediction::data, Prediction::velocity}) {
        const Eigen::MatrixXd expected = end_of(own, solver.solver, gaussian(given, 0.4, 0.3));
        for (const auto& [name, process] : processes()) {
          INFO(solver.name << ", " << tw::name_of(given) << ", on " << name);
          const auto model = tw::trained_on(own, gaussian(given, 0.4, 0.3));
          CHECK(largest(end_of(process, solver.solver, model) - expected) < 2e-9);
        }
      }
  }
}

TEST_CASE("flow: a network that runs the other way is told 1 - t and has the other sign") {
  const tw::AnyProcess flow = tw::Flow{};
  const tw::Plan plan = tw::make_plan(flow, "euler_time", tw::uniform(flow, 10));
  Eigen::MatrixXd x = row({-1.3, 0.1, 0.8}), y = x;
  tw::Sampler(plan, gaussian(Prediction::velocity, 0.4, 0.3), x)(x, tw::Noise{});
  // x_s = s data + (1 - s) noise from s = 0 to 1, by Euler's loop.
  const auto ours = [](const auto& in, double s, auto& out) {
    const double total = s * s * 0.3 + (1 - s) * (1 - s);
    for (Eigen::Index i = 0; i < in.size(); ++i) {
      const double off = in(i)-s * 0.4;
      out(i) = 0.4 + s * 0.3 / total * off - (1 - s) / total * off;
    }
  };
  Eigen::MatrixXd by_hand = y, velocity = y;
  for (int k = 0; k < 10; ++k) {
    ours(by_hand, k / 10.0, velocity);
    by_hand += 0.1 * velocity;
  }
  tw::Sampler(plan, tw::predicts_reversed_velocity(ours), y)(y, tw::Noise{});
  CHECK(largest(y - by_hand) < 1e-13);
  CHECK(largest(y - x) < 1e-12);
}

TEST_CASE("guided: w times the difference, whatever is predicted, in one call or two") {
  const double w = 3.5;
  for (const auto& [name, process] : processes()) {
    Eigen::MatrixXd expected;
    for (Prediction given : predictions) {
      INFO(name << " " << tw::name_of(given));
      const auto conditional = gaussian(given, 1, 0.2), other = gaussian(given, -0.5, 0.8);
      const Eigen::MatrixXd end = end_of(process, "dpmpp_2m", tw::guided(conditional, other, w));
      if (expected.size() == 0) expected = end;
      CHECK(largest(end - expected) < 1e-9 * largest(expected));
      const auto both =
          tw::predicts(given, [=](const auto& x, const tw::Call& call, auto& out) mutable {
            const Eigen::Index n = x.cols() / 2;
            const Eigen::MatrixXd in = x;
            Eigen::MatrixXd a = in.leftCols(n), b = a;
            conditional.f(in.leftCols(n), call, a), other.f(in.rightCols(n), call, b);
            out << a, b;
          });
      CHECK(largest(end_of(process, "dpmpp_2m", tw::guided_batched(both, w)) - end) <
            1e-12 * largest(end));
      CHECK(largest(end_of(process, "dpmpp_2m", tw::guided(conditional, other, 1.0)) -
                    end_of(process, "dpmpp_2m", conditional)) == 0);
    }
  }
  // Networks of different predictions and preconditioning mean the same in the end.
  const tw::AnyProcess edm = tw::EDM{};
  const Eigen::MatrixXd expected = end_of(
      edm, "dpmpp_2m",
      tw::guided(gaussian(Prediction::data, 1, 0.2), gaussian(Prediction::data, -0.5, 0.8), w));
  const auto other = tw::preconditioned(
      tw::EDMPreconditioning{.sigma_data = 0.7},
      [](const auto& x, const tw::Call& call, auto& out) {
        const double s = call.level.sigma(), v = 0.7 * 0.7, c_in = 1 / std::sqrt(s * s + v);
        for (Eigen::Index i = 0; i < x.size(); ++i) {
          const double state = x(i) / c_in, D = -0.5 + 0.8 / (0.8 + s * s) * (state + 0.5);
          out(i) = (D - v / (s * s + v) * state) / (s * 0.7 * c_in);
        }
      });
  for (Prediction given : predictions)
    CHECK(largest(end_of(edm, "dpmpp_2m", tw::guided(gaussian(given, 1, 0.2), other, w)) -
                  expected) < 1e-9 * largest(expected));
  CHECK(largest(end_of(edm, "dpmpp_2m",
                       tw::guided(gaussian(Prediction::data, 1, 0.2),
                                  gaussian(Prediction::epsilon, -0.5, 0.8), w)) -
                expected) < 1e-9 * largest(expected));
  CHECK_THAT(error_of([] {
               tw::guided(gaussian(Prediction::data, 0, 1), gaussian(Prediction::data, 0, 1),
                          std::nan(""));
             }),
             Contains("the weight nan must be finite"));
}

TEST_CASE("guided: the exact score of the product of powers, at every level") {
  // p_c^w p_u^(1 - w) of Gaussians of one variance is N(w m_c + (1 - w) m_u, v) noised: the mean moves.
  const double w = 2.5;
  const tw::AnyProcess edm = tw::EDM{};
  const auto guided =
      tw::guided(gaussian(Prediction::score, 1, 0.3), gaussian(Prediction::score, -1, 0.3), w);
  CHECK(largest(end_of(edm, "heun", guided) -
                end_of(edm, "heun", gaussian(Prediction::data, w * 1 + (1 - w) * -1, 0.3))) < 1e-9);
}

TEST_CASE("guided: on an interval of sigma, with a rescale, and by CFG++'s update") {
  const tw::AnyProcess edm = tw::EDM{};
  int of_other = 0;
  const auto conditional = gaussian(Prediction::data, 1, 0.2);
  const auto other = tw::predicts_data([&](const auto& x, const tw::Call& call, auto& out) {
    ++of_other;
    CHECK(call.level.sigma() <= 5);
    CHECK(call.level.sigma() >= 0.5);
    out = 0.3 * x;
  });
  end_of(edm, "ddim", tw::guided(conditional, other, tw::on_interval(4, 0.5, 5)));
  CHECK(of_other > 1);

  // Rescaled: the deviation of each column is that of the conditional prediction.
  const auto column = [](double shift) {
    return tw::predicts_epsilon([shift](const auto& x, double, auto& out) {
      out = (x.array() + shift * Eigen::ArrayXd::LinSpaced(x.rows(), -1, 1).replicate(1, x.cols()))
                .matrix();
    });
  };
  Eigen::MatrixXd x(4, 2), c(4, 2), u(4, 2), out(4, 2);
  tw::Noise{.seed = 1}.fill(0, x);
  column(0.2)(x, {}, c), column(1)(x, {}, u);
  auto rescaled = tw::guided(column(0.2), column(1), 6.0, {.rescale = 0.7});
  rescaled(x, {}, out);
  for (Eigen::Index k = 0; k < 2; ++k) {
    const auto deviation = [](const Eigen::VectorXd& v) {
      return std::sqrt((v.array() - v.mean()).square().sum() / 3);  // torch.std
    };
    const Eigen::VectorXd cfg = u.col(k) + 6 * (c.col(k) - u.col(k));
    const Eigen::VectorXd expected = 0.7 * cfg * deviation(c.col(k)) / deviation(cfg) + 0.3 * cfg;
    CHECK((out.col(k) - expected).norm() < 1e-13);
  }

  // CFG++, algorithm 2: the guided data with the unconditional noise.
  const double lambda = 0.6;
  const auto epsilon = gaussian(Prediction::epsilon, 1, 0.2),
             plain = gaussian(Prediction::epsilon, -0.5, 0.8);
  for (const auto& [name, process] : processes()) {
    const tw::Grid grid = tw::karras(process, 7, range);
    Eigen::MatrixXd y = grid.front().std * row({-1.3, 0.1, 0.8}), z = y, e_c = y, e_u = y;
    tw::Sampler(tw::make_plan(process, "ddim", grid),
                tw::guided(epsilon, plain, tw::cfg_plus_plus(lambda)), y)(y, tw::Noise{});
    for (int k = 0; k < grid.steps(); ++k) {
      const tw::Level &l = grid[k], &to = grid[k + 1];
      epsilon.f(z, tw::Call{.level = l}, e_c), plain.f(z, tw::Call{.level = l}, e_u);
      const Eigen::MatrixXd data = (z - l.std * (e_u + lambda * (e_c - e_u))) / l.scale;
      z = to.scale * data + to.std * e_u;
    }
    INFO(name);
    CHECK(largest(y - z) < 1e-11 * (1 + largest(z)));
  }
}

TEST_CASE("classifier guided: two classes and the gradient between them are one class") {
  // p(x) = (N(1, 0.2) + N(-1, 0.2)) / 2; d log p(y = 1 | x_t) / dx is known; the sum is N(1, 0.2).
  const double v = 0.2;
  const auto total = [=](const tw::Level& l) { return l.scale * l.scale * v + l.std * l.std; };
  const auto posterior = [=](double x, const tw::Level& l) {
    return 1 / (1 + std::exp(-2 * l.scale * x / total(l)));
  };
  const auto gradient = [=](const auto& x, const tw::Call& call, auto& out) {
    for (Eigen::Index i = 0; i < x.size(); ++i)
      out(i) = 2 * call.level.scale / total(call.level) * (1 - posterior(x(i), call.level));
  };
  for (const auto& [name, process] : processes())
    for (Prediction given : predictions) {
      auto one = gaussian(given, 1, v), two = gaussian(given, -1, v);
      const auto mixture = tw::predicts(given, [=](const auto& x, const tw::Call& call, auto& out) {
        Eigen::MatrixXd a = x, b = x;
        one.f(x, call, a), two.f(x, call, b);
        for (Eigen::Index i = 0; i < x.size(); ++i) {
          const double p = posterior(x(i), call.level);
          out(i) = p * a(i) + (1 - p) * b(i);
        }
      });
      INFO(name << " " << tw::name_of(given));
      CHECK(largest(end_of(process, "heun", tw::classifier_guided(mixture, gradient)) -
                    end_of(process, "heun", one)) < 1e-9);
    }
}

TEST_CASE("clipped: the data of every prediction, and diffusers' DDIM with its own epsilon") {
  const auto table = tw::TabulatedVP::from_betas(tw::cosine_betas(100));
  const tw::Grid grid = tw::from_timesteps(table, tw::TimestepSpacing::trailing, 10);
  const auto wrong = tw::predicts_epsilon([](const auto& x, const tw::Call& call, auto& out) {
    const tw::Level& l = call.level;  // 30 % off
    out = 0.7 * l.std / (0.25 * l.scale * l.scale + l.std * l.std) * x;
  });
  const Eigen::MatrixXd start = row({-2, -0.3, 0, 0.1, 1.5});
  for (const bool keeps : {false, true}) {
    Eigen::MatrixXd x = start, e = start, y = start;
    const auto how = keeps ? tw::ClippedEpsilon::of_network : tw::ClippedEpsilon::of_clipped_data;
    tw::Sampler(tw::make_plan(table, tw::DDIM{}, grid), tw::clipped(wrong, -1, 1, how), x)(
        x, tw::Noise{});
    for (int k = 0; k < grid.steps(); ++k) {
      const tw::Level &l = grid[k], &to = grid[k + 1];
      wrong.f(y, tw::Call{.level = l}, e);
      const Eigen::MatrixXd data = ((y - l.std * e) / l.scale).cwiseMax(-1).cwiseMin(1);
      if (!keeps) e = (y - l.scale * data) / l.std;
      y = to.scale * data + to.std * e;
    }
    INFO((keeps ? "the network's" : "of the clipped data"));
    CHECK(largest(x - y) < 1e-12);
    CHECK(largest(x) <= 1);
  }
  const tw::AnyProcess vp = tw::VP{};
  Eigen::MatrixXd expected;
  for (Prediction given : predictions) {
    const Eigen::MatrixXd end =
        end_of(vp, "dpmpp_2m", tw::clipped(gaussian(given, 0.4, 3), -0.5, 0.9), {});
    if (expected.size() == 0) expected = end;
    CHECK(largest(end - expected) < 1e-9);
    CHECK(end.maxCoeff() == Approx(0.9));
    CHECK(end.minCoeff() == Approx(-0.5));
  }
}

TEST_CASE("thresholded: to the sample's own quantile, as torch.quantile has it") {
  Eigen::MatrixXd data(5, 2);
  data << -4, 0.1, 2, -0.2, 1, 0.3, -3, 0.4, 0.5, -0.5;
  auto model =
      tw::thresholded(tw::predicts_data([&](const auto&, double, auto& out) { out = data; }), 0.6);
  Eigen::MatrixXd x = data, out = data;
  model(x, {.level = tw::EDM{}.at(1)}, out);
  // |column 0| sorted: 0.5 1 2 3 4; place 0.6 * 4 = 2.4 gives 2.4. Column 1 stays below 1.
  Eigen::VectorXd expected(5);
  expected << -1, 2 / 2.4, 1 / 2.4, -1, 0.5 / 2.4;
  CHECK((out.col(0) - expected).norm() < 1e-14);
  CHECK((out.col(1) - data.col(1)).norm() < 1e-14);
}

TEST_CASE("adapters: a run allocates nothing, in float and in double") {
  const auto check = [](const auto& model, auto scalar) {
    using T = decltype(scalar);
    const tw::AnyProcess vp = tw::VP{};
    tw::Samples<T> x = tw::Samples<T>::Ones(6, 5);
    tw::Sampler sampler(tw::make_plan(vp, "dpmpp_2m", tw::karras(vp, 4)), model, x);
    const long before = allocations;
    sampler(x, tw::Noise{});
    const long made = allocations - before;
    CHECK(made == 0);
  };
  const auto all = [&](auto scalar) {
    using T = decltype(scalar);
    const auto net = tw::predicts_epsilon([](const auto& x, double, auto& out) {
      out = 0.9f * x.template cast<typename std::decay_t<decltype(out)>::Scalar>();
    });
    const auto gradient = [](const auto& x, const tw::Call&, auto& out) { out = x; };
    check(tw::guided(net, net, 2.0, {.rescale = 0.5}), scalar);
    check(tw::guided_batched(net, 2.0), scalar);
    check(tw::classifier_guided(net, gradient, 0.1), scalar);
    check(tw::clipped(net, -1, 1, tw::ClippedEpsilon::of_network), scalar);
    check(tw::thresholded(net), scalar);
    check(tw::trained_on(tw::EDM{}, net), scalar);
    check(tw::preconditioned(tw::EDMPreconditioning{}, net.f), scalar);
    check(tw::clipped(tw::predicts_epsilon(
              [](const auto& x, std::span<const T> t, auto& out) { out = x * t[0]; })),
          scalar);
    check(tw::checked(tw::clipped(tw::guided(net, tw::trained_on(tw::EDM{}, net), 2.0))), scalar);
  };
  all(1.0);
  all(1.0f);
}
