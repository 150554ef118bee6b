// SPDX-License-Identifier: MIT
// Programs as users would like to write them, one for each kind of user: they compile, and give what the
// longer way gives.
#include "support/catch.hpp"

#include <atomic>
#include <span>
#include <vector>

#include <tweedie/parallel/threads.hpp>
#include <tweedie/tweedie.hpp>

#include "support/processes.hpp"

namespace tw = tweedie;
using Eigen::MatrixXf;

TEST_CASE("user: a robot's policy, cold and warm, with a deadline") {
  using Actions = Eigen::Matrix<float, 32, 1>;
  const auto table = tw::TabulatedVP::from_betas(tw::cosine_betas(100));
  std::vector<int> told;
  const auto net = [&told](const auto& x, int entry, auto& out) {
    told.push_back(entry);
    out = 0.5f * x;
  };
  // Diffusion Policy's checkpoints were sampled with diffusers' clip_sample.
  const auto model = tw::clipped(tw::discrete(tw::Prediction::epsilon, table, net), -1, 1,
                                 tw::ClippedEpsilon::of_network);
  const tw::Grid grid = tw::from_timesteps(table, tw::TimestepSpacing::trailing, 8);

  Actions x;
  tw::prior(grid.front(), x, tw::Noise{.seed = 3});
  tw::Sampler cold(tw::make_plan(table, tw::DDIM{}, grid), model, x);
  cold(x, tw::Noise{});
  CHECK(told ==
        std::vector<int>{99, 87, 74, 61, 49, 37, 24, 11});  // round(100 k / 8) - 1, halves to even

  tw::Sampler warm(tw::make_plan(table, tw::DPMSolverPP2M{}, grid.last(4)), model, x);
  const tw::Noise noise = tw::Noise{.seed = 3}.stream(17);  // a stream a tick
  const Actions old = x;
  tw::diffuse(grid.last(4).front(), old, noise, x);
  Actions action = Actions::Zero();
  for (auto step : warm.steps(x, noise)) {
    action = step.data();
    if (step.evaluations == 3) break;  // the deadline
  }
  CHECK(told.size() == 8 + 3);
  CHECK(action.cwiseAbs().maxCoeff() <= 1);
}

TEST_CASE("user: pictures with guidance, seeds of their own, previews and cancel") {
  const auto table = tw::TabulatedVP::from_betas(tw::scaled_linear_betas(1000, 0.00085, 0.012));
  const auto unet = [](const auto& x, int, auto& out, const tw::Call&) { out = 0.9f * x; };
  const auto positive = tw::discrete(tw::Prediction::epsilon, table,
                                     [=](const auto& x, int k, auto& out) { unet(x, k, out, {}); });
  const auto model = tw::thresholded(tw::guided(positive, positive, 7.5), 0.995);
  const tw::Grid grid = tw::karras(table, 20).last(12);  // strength 0.6
  const MatrixXf picture = MatrixXf::Constant(48, 4, 0.3f);
  MatrixXf x(48, 4);
  const tw::Seeds seeds{41, 1234567890123, 7, 41};
  tw::diffuse(grid.front(), picture, seeds, x);
  tw::Sampler sampler(tw::make_plan(table, "euler_ancestral", grid), model, x);
  std::atomic<bool> cancel = false;
  MatrixXf shown;
  for (auto step : sampler.steps(x, seeds)) {
    shown = step.data();
    cancel = step.index - grid.first_step() == 6;
    if (cancel) break;
  }
  CHECK(x.col(0) == x.col(3));  // the same seed
  CHECK(x.col(0) != x.col(1));
  CHECK(x.allFinite());  // the state, where the run was left
}

TEST_CASE("user: flow matching with a time shift, by the names that everybody has") {
  const tw::Flow flow;
  const auto model = tw::predicts_velocity([](const auto& x, double, auto& out) { out = x; });
  const tw::Grid grid = tw::shifted(flow, tw::uniform(flow, 28), 3);
  const auto x = tw::sample<MatrixXf>(flow, model, "euler", grid, {.dim = 16});
  // In sigma and in time, Euler on a flow is one: x + (u - t) v.
  MatrixXf by_hand(16, 1);
  tw::prior(grid.front(), by_hand, tw::Noise{});
  for (int k = 0; k < 28; ++k) by_hand *= 1 + float(grid[k + 1].t - grid[k].t);
  CHECK((x - by_hand).norm() < 1e-4f);
}

TEST_CASE("user: a port from k-diffusion, with its noise, callback and options") {
  const tw::EDM edm;
  const auto model = tw::predicts_data([](const auto& x, double, auto& out) { out = 0.5 * x; });
  const tw::Grid grid = tw::from_sigmas(edm, {14.6, 5, 1, 0.03, 0});
  Eigen::MatrixXd x = Eigen::MatrixXd::Constant(2, 3, 14.6);
  std::vector<Eigen::MatrixXd> per_step(5,
                                        Eigen::MatrixXd::Ones(2, 3));  // the first is the prior's
  tw::Sampler sampler(
      tw::make_plan(edm, tw::solver_named("euler_ancestral", {{"eta", 0.6}, {"s_noise", 1.1}}),
                    grid),
      model, x);
  std::vector<double> denoised;
  const tw::RecordedNoise noise(per_step);
  for (auto step : sampler.steps(x, noise)) denoised.push_back(step.data()(0, 0));
  double y = 14.6;
  for (int k = 0; k < 4; ++k) {
    const double s = grid[k].sigma(), u = grid[k + 1].sigma();
    CHECK(denoised[std::size_t(k)] == Approx(y / 2));
    const double up = u == 0 ? 0 : std::min(u, 0.6 * std::sqrt(u * u * (s * s - u * u) / (s * s))),
                 down = std::sqrt(u * u - up * up);
    y += (y - y / 2) / s * (down - s) + 1.1 * up;
  }
  CHECK(x(0, 0) == Approx(y));
}

TEST_CASE("user: sound in blocks on threads, with EDM's preconditioning") {
  const tw::EDM edm;
  const auto network = [](const auto& x, std::span<const float> c_noise, auto& out) {
    out = x * (0.1f * c_noise[0]);
  };
  const auto model = tw::preconditioned(tw::EDMPreconditioning{.sigma_data = 0.5}, network);
  const tw::Grid grid = tw::karras(edm, 6);
  MatrixXf clips = MatrixXf::Zero(800, 10);
  tw::Threads threads(2);
  const tw::SampleOptions options{.dim = 800, .count = 10, .noise = {.seed = 5}};
  tw::sample_in_blocks<MatrixXf>(
      edm, model, "heun", grid, options, 4,
      [&](std::int64_t first, const auto& block) {
        clips.middleCols(Eigen::Index(first), block.cols()) = block;
      },
      threads);
  CHECK(clips == tw::sample<MatrixXf>(edm, model, "heun", grid, options));
}

namespace {

/// A researcher's method: DDIM with the derivative of epsilon from the step before.
struct Mine {
  tw::Facts facts() const { return {.name = "mine", .order = 2, .remembers = 1}; }
  int points() const { return 2; }
  template <class X>
  X value(auto& c, const X& x, const tw::Level& l) const {
    return c.epsilon(x, l);
  }
  template <class X>
  X step(auto&, const tw::Interval& s, const X& x, tw::History<X>& m) const {
    const double h = s.to.sigma() - s.from.sigma();
    X y = x / s.from.scale + h * m[0];
    if (m.size() > 1) y = y + (h * h / 2) / (s.from.sigma() - m.level(1).sigma()) * (m[0] - m[1]);
    return s.to.scale * y;
  }
};

}  // namespace

TEST_CASE("user: a researcher's solver and process in a few lines") {
  const auto root = [](auto t) {
    using std::sqrt;
    return sqrt(t);
  };
  const tw::CustomProcess process =
      tw::from_scale_and_sigma([](auto t) { return 1 + 0 * t; }, root, 1e-4, 100);
  const auto model = tw::predicts_epsilon([](const auto& x, const tw::Call& c, auto& out) {
    out = x * (c.level.std / (1 + c.level.std * c.level.std));
  });
  const auto error = [&](int n) {
    const tw::Grid grid =
        tw::uniform(process, n, {.sigma_max = 3, .sigma_min = 1, .to_zero = false});
    Eigen::MatrixXd x = Eigen::MatrixXd::Ones(1, 1);
    tw::Sampler(tw::make_plan(process, Mine{}, grid), model, x)(x, tw::Noise{});
    return std::abs(x(0, 0) - std::sqrt(2.0 / 10));
  };
  CHECK(std::log2(error(80) / error(160)) == Approx(2).margin(0.15));
}
