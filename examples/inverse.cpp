// SPDX-License-Identifier: MIT
// Two coordinates of variance 1 and correlation 0.9; the first is measured, 1.5 with noise of 0.1.
// What is the other? Exactly: mean 1.337 and variance 0.198 (for replacement, which takes y as it is,
// 1.35 and 0.19). How near do the methods come? With a file's name it draws that.
#include <Eigen/LU>
#include <cstdio>
#include <tweedie/inverse/dps.hpp>
#include <tweedie/inverse/posterior.hpp>
#include <tweedie/inverse/replacement.hpp>
#include <tweedie/tweedie.hpp>
#include <vector>

#include "svg.hpp"
namespace tw = tweedie;
using Eigen::MatrixXd;

const tw::VP vp;
const tw::Mask first_known(Eigen::Array2d(1, 0));
const MatrixXd measured = MatrixXd::Constant(1, 1, 1.5);
const tw::Noise seven{.seed = 7};

// A perfect network of these data.
auto network() {
  const Eigen::Matrix2d covariance{{1, 0.9}, {0.9, 1}};
  return tw::predicts_data([=](const auto& x, const tw::Call& call, auto& out) {
    const double s = call.level.scale, variance = call.level.std * call.level.std;
    const Eigen::Matrix2d total = s * s * covariance + variance * Eigen::Matrix2d::Identity();
    out = s * covariance * total.inverse() * x;
  });
}

// How far the samples of the unknown coordinate are from the exact answer: the 2-Wasserstein distance of
// two Gaussians.
double distance(const MatrixXd& x, double mean, double variance) {
  const double own = x.row(1).mean(),
               deviation = std::sqrt((x.row(1).array() - own).square().mean());
  return std::hypot(own - mean, deviation - std::sqrt(variance));
}

MatrixXd with_model(const auto& model, int steps) {
  return tw::sample(vp, model, "dpmpp_2m", tw::karras(vp, steps),
                    {.dim = 2, .count = 10000, .noise = seven});
}

MatrixXd with_replacement(int steps, int times) {
  const tw::Plan plan = tw::make_plan(vp, "ddpm", tw::repaint(tw::karras(vp, steps), times));
  MatrixXd x(2, 10000);
  tw::prior(plan.from(), x, seven);
  tw::Replacement known(first_known, MatrixXd(MatrixXd::Constant(2, 10000, 1.5)));
  tw::Sampler sampler(plan, network(), x);
  for (auto step : sampler.steps(x, seven)) known(step, seven);
  return x;
}

int main(int argc, char** argv) {
  const std::vector<int> budgets{10, 20, 40, 80};
  Svg drawing(640, 330);
  const Panel panel{70, 50, 330, 230, 9, 90, 1e-3, 1, true};
  double place = 60;
  std::puts(
      "steps                           10       20       40       80    network calls a step");
  const auto row = [&](const char* method, const char* colour, const char* calls, double mean,
                       double variance, auto sampled) {
    std::printf("%-26s", method);
    std::vector<Svg::Point> points;
    for (const int steps : budgets) {
      const double error = distance(sampled(steps), mean, variance);
      std::printf(" %8.3f", error);
      points.push_back(panel.at(steps, std::max(error, 1e-3)));
    }
    std::printf("    %s\n", calls);
    drawing.path(points, colour, 2);
    drawing.text(420, place += 26, method, 13, "start", colour);
  };
  const auto row_of_model = [&](const char* method, const char* colour, const char* calls,
                                auto model) {
    row(method, colour, calls, 1.337, 0.198, [=](int steps) { return with_model(model, steps); });
  };
  const auto row_of_repaint = [&](const char* method, const char* colour, const char* calls,
                                  int times) {
    row(method, colour, calls, 1.35, 0.19,
        [=](int steps) { return with_replacement(steps, times); });
  };
  row_of_repaint("replacement", "#d62728", "1", 1);
  row_of_repaint("RePaint, 5 times", "#ff7f0e", "5", 5);
  row_of_repaint("RePaint, 25 times", "#c9a227", "25", 25);
  row_of_model("projected (DDNM)", "#8c564b", "1",
               tw::projected(network(), first_known, measured, {.noise = 0.1}));
  row_of_model("DPS, zeta 0.1", "#9467bd", "3", tw::dps(network(), first_known, measured, 0.1));
  row_of_model("PiGDM", "#2ca02c", "3",
               tw::pseudo_inverse_guided(network(), first_known, measured, {.noise = 0.1}));
  row_of_model(
      "moment matched", "#1f77b4", "5",
      tw::moment_matched(network(), first_known, measured, {.noise = 0.1, .iterations = 1}));

  drawing.text(20, 24, "Distance of the samples from the exact posterior, by steps", 15);
  for (const int steps : budgets)
    drawing.text(panel.at(steps, 1e-3).x, 300, std::to_string(steps), 12, "middle");
  for (const double error : {0.001, 0.01, 0.1, 1.0}) {
    drawing.path({panel.at(9, error), panel.at(90, error)}, "#ddd", 1);
    drawing.text(62, panel.at(9, error).y + 4, tw::sentence({error}), 12, "end");
  }
  drawing.text(235, 320, "steps", 12, "middle");
  if (argc > 1) drawing.save(argv[1]);
}
