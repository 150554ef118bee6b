// SPDX-License-Identifier: MIT
// Real-time chunking: a robot plans 16 actions at a time, and begins the next plan while it still
// executes this one. The new plan has to continue the running one: its first actions are fixed, those
// after them are tied to the old plan more and more loosely (a soft mask), the last are free. Black,
// Galliker & Levine 2025, arXiv:2506.07339. With a file's name it draws the plans.
#include <Eigen/Cholesky>
#include <cstdio>
#include <tweedie/inverse/posterior.hpp>
#include <tweedie/tweedie.hpp>

#include "svg.hpp"
namespace tw = tweedie;
using Eigen::VectorXd;

constexpr int actions = 16, executed = 8, fixed = 3, tied = 5;
const tw::Flow flow;

// A perfect policy whose plans are smooth curves: a Gaussian of correlation exp(-(i - j)^2 / 18).
auto policy() {
  Eigen::MatrixXd covariance(actions, actions);
  for (int i = 0; i < actions; ++i)
    for (int j = 0; j < actions; ++j)
      covariance(i, j) = std::exp(-(i - j) * (i - j) / 18.0) + (i == j ? 1e-4 : 0);
  return tw::predicts_velocity([=](const auto& x, double t, auto& out) {
    const Eigen::MatrixXd total =
        (1 - t) * (1 - t) * covariance + t * t * Eigen::MatrixXd::Identity(actions, actions);
    const Eigen::MatrixXd v = total.llt().solve(x);  // x0 = (1 - t) C v, epsilon = t v
    out = t * v - (1 - t) * covariance * v;
  });
}

VectorXd plan(const auto& model, std::uint64_t seed) {
  return tw::sample<VectorXd>(flow, model, "heun_time", tw::uniform(flow, 10, {.t_max = 0.999}),
                              {.dim = actions, .noise = {.seed = seed}});
}

int main(int argc, char** argv) {
  // The old plan's actions that are not executed yet are the new plan's first.
  const VectorXd old = plan(policy(), 1);
  const VectorXd rest = old.tail(actions - executed);
  // How firmly each action is tied: 1 for those that will be executed meanwhile, then less and less.
  VectorXd weights = VectorXd::Zero(actions);
  for (int k = 0; k < fixed + tied; ++k) weights[k] = k < fixed ? 1 : std::pow(0.4, k - fixed + 1);
  // A weight of w is a measurement with noise 0.02 / w.
  const Eigen::MatrixXd map = weights.head(fixed + tied).asDiagonal().toDenseMatrix() *
                              Eigen::MatrixXd::Identity(fixed + tied, actions);
  const VectorXd y = map.leftCols(fixed + tied) * rest;
  const auto continued = tw::moment_matched(policy(), tw::MatrixMeasurement(map), y,
                                            {.noise = 0.02, .iterations = fixed + tied});
  const auto hard = tw::moment_matched(
      policy(),
      tw::Mask((Eigen::ArrayXd::LinSpaced(actions, 0, actions - 1) < fixed).cast<double>()),
      VectorXd(rest.head(fixed)), {.noise = 0.02, .iterations = fixed});

  std::puts("rms change from the old plan   the 3 fixed actions   the 5 after them");
  Svg drawing(760, 300);
  const Panel panel{50, 40, 680, 210, 0, double(actions + executed - 1), -3, 3};
  const auto draw = [&](const VectorXd& values, int from, const char* colour, double width) {
    std::vector<Svg::Point> points;
    for (int k = 0; k < values.size(); ++k) points.push_back(panel.at(from + k, values[k]));
    drawing.path(points, colour, width);
  };
  const auto judge = [&](const char* name, const auto& model, const char* colour) {
    double at_once = 0, later = 0;
    for (std::uint64_t seed = 2; seed < 10; ++seed) {
      const VectorXd next = plan(model, seed), change = next.head(rest.size()) - rest;
      at_once += change.head(fixed).squaredNorm() / fixed / 8;
      later += change.segment(fixed, tied).squaredNorm() / tied / 8;
      draw(next, executed, colour, 1.2);
    }
    std::printf("%-30s %19.3f %18.3f\n", name, std::sqrt(at_once), std::sqrt(later));
  };
  judge("on its own", policy(), "#e0a0a0");
  judge("first actions fixed", hard, "#86c286");
  judge("tied by a soft mask", continued, "#2a7de1");
  draw(old, 0, "#222", 3);
  drawing.text(50, 20, "The running plan (black) and eight that follow it after 8 actions:");
  drawing.text(50, 36,
               "on its own (red), its first actions fixed (green), tied by a soft mask (blue)");
  if (argc > 1) drawing.save(argv[1]);
}
