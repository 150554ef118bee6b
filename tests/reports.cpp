// SPDX-License-Identifier: MIT
// What users of other samplers reported as wrong, with the right value from a closed form or a
// recursion by hand. DF is huggingface/diffusers. Reports on Langevin steps stand in wrap.cpp, on
// latents in forward.cpp, on the seed and the precision in stability.cpp.
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include <tweedie/forward/diffuse.hpp>
#include <tweedie/grid/spacing.hpp>
#include <tweedie/grid/timesteps.hpp>
#include <tweedie/process/betas.hpp>
#include <tweedie/process/cosine.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/flow.hpp>
#include <tweedie/process/tabulated_vp.hpp>
#include <tweedie/solver/wrap/churn.hpp>

#include "support/predicting.hpp"
#include "support/registry.hpp"

namespace tw = tweedie;

namespace {

/// The exact network for data N(mean, 0.25).
auto network(tw::Prediction prediction, double mean) {
  return tw::predicts(prediction, [=](const auto& x, const tw::Call& call, auto& out) {
    using T = typename std::decay_t<decltype(out)>::Scalar;
    const tw::Level& l = call.level;
    const tw::PredictionRow row = tw::row_of(prediction, l);
    const double total = 0.25 * l.scale * l.scale + l.std * l.std;
    const double slope = (row.data * 0.25 * l.scale + row.epsilon * l.std) / total;
    out.array() = T(slope) * x.array() + T(row.data * mean - slope * l.scale * mean);
  });
}

std::vector<double> alpha_bars_of(const std::vector<double>& betas) {
  std::vector<double> all;
  double bar = 1;
  for (double beta : betas) all.push_back(bar *= 1 - beta);
  return all;
}

}  // namespace

TEST_CASE("report: DDIM inversion starts from a clean image (DF 10748, 5703)") {
  const double mean = 0.7;
  const auto bars = alpha_bars_of(tw::linear_betas(1000));
  double y = 1.9, from = 0;
  for (std::size_t k = 0; k < 50; ++k) {
    const double to = std::sqrt(1 / bars[20 * k] - 1);
    y += (to - from) * (from / (0.25 + from * from)) * (y - mean);
    from = to;
  }
  const double right = y * std::sqrt(bars[980]);
  CHECK(right == Approx(2.27298584377));
  const auto table = tw::TabulatedVP::from_betas(tw::linear_betas(1000));
  const tw::Grid up = tw::reversed(
      tw::from_timesteps(table, tw::timesteps(tw::TimestepSpacing::leading, 50, 1000)));
  const auto encode = [&](const tw::AnySolver& solver) {
    return run(tw::make_plan(table, solver, up), network(tw::Prediction::epsilon, mean),
               Eigen::MatrixXd::Constant(1, 1, 1.9), tw::Noise{})(0, 0);
  };
  CHECK(encode(tw::DDIM{}) == Approx(right).epsilon(1e-10));
  CHECK(encode(tw::Euler<tw::InSigma>{}) == Approx(right).epsilon(1e-10));
  for (const char* name : {"dpmpp_2m", "unipc", "unipc_epsilon", "dpm_2"})
    CHECK(encode(name) == Approx(2.4027).margin(0.1));  // the exact flow
}

TEST_CASE("report: multistep methods start a flow at t = 1 (DF 11908, NVlabs/Sana 91)") {
  std::vector<double> times;
  for (int k = 0; k <= 20; ++k) {
    const double t = 1 - k / 20.;
    times.push_back(3 * t / (1 + 2 * t));
  }
  const tw::AnyProcess flow = tw::Flow{};
  for (const char* name : {"euler", "dpmpp_2m", "unipc", "lms", "deis", "ipndm"}) {
    const Eigen::RowVector3d noise(-1, 0, 2);
    const Eigen::MatrixXd x = run(tw::make_plan(flow, name, tw::from_times(flow, times)),
                                  network(tw::Prediction::velocity, 0.7), noise, tw::Noise{});
    INFO(name << ": " << x);
    CHECK(x(0) == Approx(0.2).margin(0.15));
    CHECK(x(1) == Approx(0.7).epsilon(1e-9));
    CHECK(x(2) == Approx(1.7).margin(0.15));
  }
}

TEST_CASE("report: a table with zero terminal SNR and a network of v (DF 3851, 5103)") {
  const double mean = 0.7;
  const auto betas = tw::scaled_linear_betas(1000, 0.00085, 0.012);
  std::vector<double> bars = alpha_bars_of(betas);  // Lin et al. 2023, algorithm 1, by hand
  const double first = std::sqrt(bars.front()), last = std::sqrt(bars.back());
  for (double& bar : bars) bar = std::pow((std::sqrt(bar) - last) * first / (first - last), 2);
  bars.back() = 0;
  const int entries[] = {999, 749, 499, 249, -1};
  const auto bar_of = [&](int entry) { return entry < 0 ? 1 : bars[std::size_t(entry)]; };
  Eigen::MatrixXd right = Eigen::RowVector3d(-1, 0, 2);
  const Eigen::MatrixXd noise = right;
  for (double& x : right.reshaped())
    for (int k = 0; k < 4; ++k) {
      const double a = bar_of(entries[k]), b = bar_of(entries[k + 1]), total = 0.25 * a + 1 - a;
      const double off = x - std::sqrt(a) * mean, D = mean + 0.25 * std::sqrt(a) / total * off;
      x = std::sqrt(b) * D + std::sqrt(1 - b) * std::sqrt(1 - a) / total * off;
    }
  for (const auto& table :
       {tw::TabulatedVP::from_alpha_bars(bars),
        tw::TabulatedVP::from_betas(tw::rescaled_to_zero_terminal_snr(betas))}) {
    const tw::Grid grid =
        tw::from_timesteps(table, tw::timesteps(tw::TimestepSpacing::trailing, 4, 1000));
    CHECK(grid.front().is_pure_noise());
    const Eigen::MatrixXd x = run(tw::make_plan(table, tw::DDIM{}, grid),
                                  network(tw::Prediction::v, mean), noise, tw::Noise{});
    CHECK((x - right).cwiseAbs().maxCoeff() < 1e-9);
  }
}

TEST_CASE("report: the cosine schedule to its end, float and double (zituitui/BELM 8, DF 6024)") {
  const double mean = 1, rate = std::numbers::pi / 2 / 1.008, c0 = std::cos(rate * 0.008);
  const auto scale = [&](double t) { return t == 1 ? 0 : std::cos(rate * (t + 0.008)) / c0; };
  const auto time = [](int k) { return k == 20 ? 0 : 1 - 0.999 * k / 19; };
  Eigen::MatrixXd right = Eigen::RowVector3d(-1, 0, 2);
  const Eigen::MatrixXd noise = right;
  for (double& x : right.reshaped())
    for (int k = 0; k < 20; ++k) {
      const double s = scale(time(k)), u = scale(time(k + 1)), total = 0.25 * s * s + 1 - s * s;
      x = u * (mean + 0.25 * s / total * (x - s * mean)) +
          std::sqrt(std::max(0.0, 1 - u * u)) * std::sqrt(1 - s * s) / total * (x - s * mean);
    }
  const tw::AnyProcess cosine = tw::Cosine{};
  CHECK(cosine.at(1).scale == 0);
  const tw::Grid grid = tw::uniform(cosine, 20, {.t_max = 1});
  int refused = 0;
  for (const NamedSolver& solver : all_solvers()) {
    if (solver.facts().stochastic()) continue;
    if (!solver.facts().starts_from_noise) {
      ++refused;
      continue;
    }
    const tw::Plan plan = tw::make_plan(cosine, solver.solver, grid);
    const auto model = network(tw::Prediction::v, mean);
    const Eigen::MatrixXd x = run(plan, model, noise, tw::Noise{});
    Eigen::MatrixXf y = noise.cast<float>();
    tw::Sampler(plan, model, y)(y, tw::Noise{});
    INFO(solver.name << ": " << x);
    const Eigen::RowVector3d exact(0.5, 1, 2);
    CHECK((x - exact).cwiseAbs().maxCoeff() < 0.25);
    CHECK((y.cast<double>() - x).cwiseAbs().maxCoeff() < 1e-4);
    if (solver.name == "euler" || solver.name == "ddim")
      CHECK((x - right).cwiseAbs().maxCoeff() < 1e-6);
  }
  CHECK(refused == 10);
}

TEST_CASE(
    "report: churn does not ask a network beyond its table (k-diffusion 23, SeonghwanSeo/kfold "
    "365)") {
  const auto table = tw::TabulatedVP::from_betas(tw::scaled_linear_betas(1000, 0.00085, 0.012));
  for (double amount : {0.0, 1.0, 40.0}) {
    double least = 1e9, most = -1e9;
    const auto model = tw::predicts_epsilon([&](const auto& x, const tw::Call& call, auto& out) {
      const double entry = table.index_of_time(call.level.t);
      least = std::min(least, entry), most = std::max(most, entry);
      out = x;
    });
    const tw::Churn<tw::Heun<tw::InSigma>> solver{.amount = amount};
    run(tw::make_plan(table, solver, tw::karras(table, 10)), model, Eigen::MatrixXd::Ones(1, 1),
        tw::Noise{});
    INFO("amount " << amount << ": entries " << least << " to " << most);
    CHECK(least > -0.5);
    CHECK(most < 999.5);
  }
  // Nor does any solver, on the grids that end at clean data.
  for (const NamedSolver& solver : all_solvers())
    for (const tw::Grid& grid : {tw::karras(table, 7), tw::uniform(table, 7),
                                 tw::from_timesteps(table, tw::TimestepSpacing::leading, 8)}) {
      int beyond = 0;
      const auto model = tw::predicts_epsilon([&](const auto& x, const tw::Call& call, auto& out) {
        const double entry = table.index_of_time(call.level.t);
        beyond += !(entry >= 0 && entry <= 999);
        out = x;
      });
      const tw::Plan plan = tw::make_plan(table, solver.solver, grid);
      run(plan, model, Eigen::MatrixXd::Ones(1, 1), tw::Noise{});
      INFO(solver.name);
      CHECK(beyond == 0);
    }
  // Nor a range, nor times that are entries.
  const char* words = "lies beyond the last entry";
  CHECK_THAT(error_of([&] { tw::karras(table, 10, {.sigma_max = 80, .to_zero = false}); }),
             Contains(words));
  CHECK_THAT(error_of([&] { tw::from_times(table, {9, 7, 4, 2, 1}); }), Contains(words));
}

TEST_CASE("report: an entry's time gives its number, to be cast to int (DF 13768)") {
  for (int N : {50, 100, 200, 1000, 4000}) {
    const auto table = tw::TabulatedVP::from_betas(tw::linear_betas(N));
    for (int k = 0; k < N; ++k) {
      const double entry = table.index_of_time(table.time_of_index(k));
      if (entry != k) FAIL("entry " << k << " of " << N << " gives " << entry);
    }
    CHECK(table.index_of_time(table.time_of_index(2.5)) == Approx(2.5));
    CHECK(table.index_of_time(0.3 / N) == 0);
  }
}

TEST_CASE("report: image to image with the seed that made the image (A1111 1392)") {
  // Data N(0.7, 0.25): noised to sigma = 1 their variance is 1.25, and 0.25 in the end.
  const tw::AnyProcess edm = tw::EDM{};
  const tw::Noise noise{.seed = 7};
  const auto variance = [](const Eigen::MatrixXd& x) {
    return (x.array() - x.mean()).square().mean();
  };
  const auto plan = [&](int steps, const tw::NoiseRange& range) {
    return tw::make_plan(edm, tw::Heun<tw::InSigma>{}, tw::karras(edm, steps, range));
  };
  const tw::Plan first = plan(80, {.to_zero = true}),
                 second = plan(20, {.sigma_max = 1, .to_zero = true});
  Eigen::MatrixXd image(1, 200000), x(1, 200000);
  tw::prior(first.from(), image, noise);
  image = run(first, network(tw::Prediction::data, 0.7), image, noise);
  tw::diffuse(second.from(), image, noise, x);
  CHECK(variance(image) == Approx(0.25).epsilon(0.02));
  CHECK(variance(x) == Approx(1.25).epsilon(0.02));
  CHECK(variance(run(second, network(tw::Prediction::data, 0.7), x, noise)) ==
        Approx(0.25).epsilon(0.02));
}

TEST_CASE(
    "report: a run in several calls with one seed does not burn in (Comfy-Org/ComfyUI 7041)") {
  // Data N(0.7, 0.25), ancestral Euler: x <- a x + up z, every z fresh.
  const tw::AnyProcess edm = tw::EDM{};
  const tw::Grid grid = tw::karras(edm, 20);
  double right = 80 * 80;
  for (int k = 0; k < 20; ++k) {
    const double s = grid[k].sigma(), u = grid[k + 1].sigma(),
                 up = u * std::sqrt(1 - u * u / (s * s)), down = std::sqrt(u * u - up * up),
                 gain = 0.25 / (0.25 + s * s), a = 1 + (down - s) / s * (1 - gain);
    right = a * a * right + up * up;
  }
  const tw::Noise noise{.seed = 7};
  for (int parts : {1, 2, 4, 20}) {
    Eigen::MatrixXd x(1, 200000);
    tw::prior(grid.front(), x, noise);
    for (int k = 0, size = 20 / parts; k < parts; ++k) {
      const tw::Grid part = grid.last(20 - k * size).first(size);
      x = run(tw::make_plan(edm, "euler_ancestral", part), network(tw::Prediction::data, 0.7), x,
              noise);
    }
    INFO(parts << " calls");
    CHECK((x.array() - x.mean()).square().mean() == Approx(right).epsilon(0.02));
  }
}

TEST_CASE("report: no noise is left in the samples (huggingface/diffusers 5689)") {
  const auto table = tw::TabulatedVP::from_betas(tw::scaled_linear_betas(1000, 0.00085, 0.012));
  const auto point =
      tw::predicts_data([](const auto&, double, auto& out) { out.setConstant(0.7); });
  for (const tw::Grid& grid :
       {tw::karras(table, 40), tw::log_snr(table, 40), tw::uniform(table, 40),
        tw::from_timesteps(table, tw::TimestepSpacing::leading, 40)}) {
    Eigen::MatrixXd x(64, 64);
    tw::prior(grid.front(), x, tw::Noise{.seed = 9});
    x = run(tw::make_plan(table, "dpmpp_2m", grid), point, x, tw::Noise{});
    CHECK((x.array() - 0.7).abs().maxCoeff() < 1e-6);
  }
}

TEST_CASE("report: a flow's times are not taken for sigmas (WanVideoWrapper 1510)") {
  CHECK_THAT(error_of([] {
               tw::from_sigmas(tw::Flow{}, {1, 0.75, 0.5, 0.25, 0});
             }),
             Contains("as the times of a flow do"));
  for (const std::vector<double>& list : {std::vector<double>{1, 0.75, 0.5, 0.25}, {0.99, 0.5, 0}})
    CHECK_THAT(error_of([&] { tw::from_sigmas(tw::Flow{}, list, {.to_zero = list.back() > 0}); }),
               Contains("as the times of a flow do"));
  CHECK(tw::from_sigmas(tw::EDM{}, {1, 0.5, 0}).steps() == 2);
  CHECK(tw::from_sigmas(tw::EDM{}, {1, 0.5, 0}).steps() == 2);
  CHECK(tw::karras(tw::Flow{}, 4, {.sigma_max = 1, .sigma_min = 0.01}).front().t == Approx(0.5));
}

TEST_CASE("report: what all programs call euler is, on a flow, Euler in time") {
  const tw::AnyProcess flow = tw::Flow{};
  for (const tw::Grid& grid : {tw::uniform(flow, 9), tw::from_times(flow, {1, 0.8, 0.3, 0.1})}) {
    Eigen::MatrixXd x(1, 5), by_hand(1, 5);
    x << -2, -0.3, 0, 0.1, 1.5;
    by_hand = x;
    for (int k = 0; k < grid.steps(); ++k) {
      const double t = grid[k].t, total = 0.25 * (1 - t) * (1 - t) + t * t;
      for (double& value : by_hand.reshaped()) {
        const double off = value - (1 - t) * 0.7;
        const double data = 0.7 + 0.25 * (1 - t) / total * off, epsilon = t / total * off;
        value += (grid[k + 1].t - t) * (epsilon - data);
      }
    }
    for (const char* name : {"euler", "euler_time", "ddim"}) {
      INFO(name);
      const Eigen::MatrixXd end = run(tw::make_plan(flow, name, grid),
                                      network(tw::Prediction::velocity, 0.7), x, tw::Noise{});
      CHECK((end - by_hand).cwiseAbs().maxCoeff() < 1e-13);
    }
  }
}
