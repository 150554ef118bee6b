// SPDX-License-Identifier: MIT
// Training's small functions, by identities: what is learnt has to be the exact network.
#include "support/catch.hpp"

#include <cmath>
#include <sstream>
#include <vector>

#include <tweedie/forward/diffuse.hpp>
#include <tweedie/model/preconditioned.hpp>
#include <tweedie/process/betas.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/flow.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/training/loss_history.hpp>
#include <tweedie/training/targets.hpp>

#include "support/processes.hpp"

namespace tw = tweedie;
using Eigen::MatrixXd;

namespace {

tw::Output output_of(const auto& kind) {
  return tw::preconditioned(kind, [](const auto& x, double, auto& out) { out = x; }).prediction;
}
/// Every kind of output, and a process on which it can be had.
std::vector<std::pair<tw::Output, tw::AnyProcess>> outputs() {
  return {{tw::Prediction::epsilon, tw::VP{}},
          {tw::Prediction::data, tw::EDM{}},
          {tw::Prediction::score, tw::VP{}},
          {tw::Prediction::v, tw::VP{}},
          {tw::Prediction::velocity, tw::Flow{.t_min = 0.01, .t_max = 0.99}},
          {output_of(tw::EDMPreconditioning{.sigma_data = 0.5}), tw::EDM{}},
          {output_of(tw::VPPreconditioning{}), tw::VP{}}};
}
double variance(const std::vector<double>& all) {
  double mean = 0, square = 0;
  for (double one : all) mean += one / double(all.size());
  for (double one : all) square += (one - mean) * (one - mean) / double(all.size());
  return square;
}

}  // namespace

TEST_CASE("targets: put through the conversion they give the data back, for every output") {
  const tw::Noise noise{.seed = 3};
  for (const auto& [output, process] : outputs()) {
    INFO(output.name());
    const auto levels = tw::draw_levels(tw::LevelDistribution::uniform_time(process), 12, noise, 1);
    MatrixXd data(5, 12), x(5, 12), z(5, 12), target(5, 12);
    noise.stream("data").fill(0, data);
    tw::diffuse(levels, data, noise, x, z);
    tw::targets(output, levels, data, z, target);
    for (Eigen::Index k = 0; k < 12; ++k) {
      const tw::Conversion c = tw::conversion(tw::Prediction::data, output, levels[std::size_t(k)]);
      const Eigen::VectorXd back = c.state * x.col(k) + c.output * target.col(k);
      CHECK((back - data.col(k)).norm() < 1e-10 * (1 + std::abs(c.state) * x.col(k).norm()));
    }
  }
}

TEST_CASE(
    "targets: the best affine network of Gaussian data is the exact one, whatever the weight") {
  // Regression of the target on x, by 200000 samples of one level, against the exact denoiser.
  const double mean = 0.7, deviation = 0.4;
  const tw::Noise noise{.seed = 5};
  constexpr Eigen::Index count = 200000;
  for (const auto& [output, process] : outputs()) {
    const tw::Level l = process.at_sigma(0.6);
    const std::vector<tw::Level> levels(count, l);
    MatrixXd data(1, count), x(1, count), z(1, count), target(1, count);
    noise.stream("data").fill(0, data);
    data.array() = mean + deviation * data.array();
    tw::diffuse(levels, data, noise, x, z);
    tw::targets(output, levels, data, z, target);
    const double of_x = x.mean(), of_target = target.mean();
    const double slope = ((x.array() - of_x) * (target.array() - of_target)).mean() /
                         (x.array() - of_x).square().mean();
    // D(x) is affine; the output that it means, by the other conversion.
    const double total = l.scale * l.scale * deviation * deviation + l.std * l.std,
                 gain = l.scale * deviation * deviation / total;
    const tw::Conversion c = tw::conversion(tw::Prediction::data, output, l);
    INFO(output.name());
    CHECK(slope == Approx((gain - c.state) / c.output).margin(0.02));
    const double D = mean + gain * (of_x - l.scale * mean);
    CHECK(of_target == Approx((D - c.state * of_x) / c.output).margin(0.02));
  }
}

TEST_CASE("weights: each is 1 for the output that it is named after") {
  using tw::LossWeight;
  for (const double sigma : {0.05, 0.6, 4.0}) {
    const tw::Level vp = tw::AnyProcess(tw::VP{}).at_sigma(sigma), edm = tw::EDM{}.at(sigma),
                    flow = tw::Flow{}.at(sigma / (1 + sigma));
    const auto weight = [](LossWeight w, const tw::Output& output, const tw::Level& l) {
      return tw::weight_of_output(w, output, l);
    };
    CHECK(weight(LossWeight::epsilon, tw::Prediction::epsilon, vp) == Approx(1));
    CHECK(weight(LossWeight::data, tw::Prediction::data, vp) == Approx(1));
    CHECK(weight(LossWeight::velocity, tw::Prediction::velocity, flow) == Approx(1));
    CHECK(weight(LossWeight::edm, output_of(tw::EDMPreconditioning{.sigma_data = 0.5}), edm) ==
          Approx(1));
    CHECK(weight(LossWeight::score_likelihood, tw::Prediction::score, vp) == Approx(vp.g2));
    CHECK(weight(LossWeight::epsilon, tw::Prediction::score, vp) == Approx(vp.std * vp.std));
    CHECK(weight(LossWeight::min_snr, tw::Prediction::data, edm) ==
          Approx(std::min(5.0, 1 / (sigma * sigma))));
    // v's own loss weighs data by SNR + 1, Salimans & Ho 2022; SNR then is SNR / (SNR + 1) of it.
    CHECK(weight(LossWeight::epsilon, tw::Prediction::v, vp) ==
          Approx(1 / (1 + sigma * sigma)));
  }
}

TEST_CASE("EDM: effective input and target have unit variance at every level") {
  const tw::EDMPreconditioning kind{.sigma_data = 0.5};
  const tw::Output F = output_of(kind);
  for (const double sigma : {0.002, 0.1, 0.5, 3.0, 80.0}) {
    const tw::PredictionRow row = F.row(tw::EDM{}.at(sigma));
    CHECK(row.data * row.data * 0.25 + row.epsilon * row.epsilon == Approx(1));
    CHECK(kind.input(sigma) * kind.input(sigma) * (0.25 + sigma * sigma) == Approx(1));
  }
}

TEST_CASE("levels: drawn by seed, draw and sample; the distributions are those of their names") {
  const auto log_normal = tw::LevelDistribution::log_normal_sigma(tw::EDM{});
  const auto ten = tw::draw_levels(log_normal, 10, {.seed = 2}, 4),
             last = tw::draw_levels(log_normal, 3, {.seed = 2, .first_sample = 7}, 4),
             other = tw::draw_levels(log_normal, 10, {.seed = 2}, 5);
  for (std::size_t k = 0; k < 3; ++k) CHECK(last[k] == ten[7 + k]);
  CHECK(other[0] != ten[0]);

  const auto values = [](const tw::LevelDistribution& distribution, auto&& f) {
    std::vector<double> all;
    for (const tw::Level& l : tw::draw_levels(distribution, 100000, {.seed = 1}))
      all.push_back(f(l));
    return all;
  };
  const auto mean = [](const std::vector<double>& all) {
    double sum = 0;
    for (double one : all) sum += one;
    return sum / double(all.size());
  };
  const auto log_sigma = [](const tw::Level& l) { return std::log(l.sigma()); };
  const auto time = [](const tw::Level& l) { return l.t; };
  CHECK(mean(values(log_normal, log_sigma)) == Approx(-1.2).margin(0.02));
  CHECK(variance(values(log_normal, log_sigma)) == Approx(1.44).epsilon(0.02));
  const auto uniform = values(tw::LevelDistribution::uniform_time(tw::VP{}), time);
  CHECK(mean(uniform) == Approx(0.5005).margin(0.005));
  CHECK(variance(uniform) == Approx(0.999 * 0.999 / 12).epsilon(0.02));
  CHECK(variance(values(tw::LevelDistribution::log_uniform_sigma(tw::EDM{}, 0.01, 100),
                        log_sigma)) == Approx(std::pow(std::log(1e4), 2) / 12).epsilon(0.02));
  const auto angle = [](const tw::Level& l) { return std::atan(l.sigma()); };
  CHECK(variance(values(tw::LevelDistribution::cosine(tw::EDM{}), angle)) ==
        Approx(std::pow(std::acos(-1.0) / 2, 2) / 12).epsilon(0.02));
  const auto logit = [](const tw::Level& l) { return std::log(l.t / (1 - l.t)); };
  CHECK(variance(values(tw::LevelDistribution::logit_normal_time(tw::Flow{}, 0.5, 0.8), logit)) ==
        Approx(0.64).epsilon(0.02));
  const auto table = tw::TabulatedVP::from_betas(tw::linear_betas(10));
  std::vector<int> counts(10);
  for (const tw::Level& l : tw::draw_levels(tw::LevelDistribution::entries(table), 100000, {}))
    ++counts[std::size_t(table.index_of_time(l.t))];
  for (int count : counts) CHECK(count == Approx(10000).epsilon(0.05));
}

TEST_CASE("loss history: means by level, and levels where the loss is large, without bias") {
  const auto loss = [](const tw::Level& l) { return 0.1 + std::pow(l.sigma() - 1, 2) / 10; };
  tw::LossHistory history(0.1, 10, 8);
  const auto even = tw::LevelDistribution::log_uniform_sigma(tw::EDM{}, 0.1, 10);
  double mean = 0;
  const auto levels = tw::draw_levels(even, 20000, {.seed = 1});
  for (const tw::Level& l : levels) history.add(l, loss(l)), mean += loss(l) / 20000;
  CHECK(history.mean(0) == Approx(loss(tw::EDM{}.at(history.sigma(0)))).epsilon(0.05));
  const auto important = history.distribution(tw::EDM{});
  double weighted = 0, high = 0;
  for (const tw::Level& l : tw::draw_levels(important, 20000, {.seed = 2})) {
    weighted += history.importance(l) * loss(l) / 20000;
    high += l.sigma() > 5.6 ? 1. / 20000 : 0;  // the last bin, of an eighth
  }
  CHECK(weighted == Approx(mean).epsilon(0.03));
  CHECK(high > 0.4);
  std::ostringstream text;
  text << history;
  CHECK_THAT(text.str(), Contains("sigma 7.4989") && Contains("****"));
}
