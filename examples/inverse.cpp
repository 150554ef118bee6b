// SPDX-License-Identifier: MIT
// Two coordinates of variance 1 and correlation 0.9; the first is measured, 1.5 with noise of 0.1.
// What is the other? Exactly: mean 1.337 and variance 0.198 (for replacement, which takes y as it is,
// 1.35 and 0.19). How near do the methods come?
#include <Eigen/LU>
#include <cstdio>
#include <tweedie/inverse/dps.hpp>
#include <tweedie/inverse/posterior.hpp>
#include <tweedie/inverse/replacement.hpp>
#include <tweedie/tweedie.hpp>
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

void print(const char* method, const MatrixXd& x, int evaluations) {
  const double mean = x.row(1).mean();
  std::printf("%-28s %6d %8.3f %9.3f\n", method, evaluations, mean,
              (x.row(1).array() - mean).square().mean());
}

void with_model(const char* method, const auto& model, int products) {
  const tw::Plan plan = tw::make_plan(vp, "dpmpp_2m", tw::karras(vp, 40));
  MatrixXd x(2, 20000);
  tw::prior(plan.from(), x, seven);
  tw::Sampler(plan, model, x)(x, seven);
  print(method, x, plan.nfe() * (1 + 2 * products));
}

void with_replacement(const char* method, const tw::Intervals& intervals) {
  const tw::Plan plan = tw::make_plan(vp, "ddpm", intervals);
  MatrixXd x(2, 20000);
  tw::prior(plan.from(), x, seven);
  tw::Replacement known(first_known, MatrixXd(MatrixXd::Constant(2, 20000, 1.5)));
  tw::Sampler sampler(plan, network(), x);
  for (auto step : sampler.steps(x, seven)) known(step, seven);
  print(method, x, plan.nfe());
}

int main() {
  std::puts("method                         evals     mean  variance");
  const tw::Grid grid = tw::karras(vp, 40);
  with_replacement("replacement", grid);
  with_replacement("RePaint, 5 times", tw::repaint(grid, 5));
  with_replacement("RePaint, 25 times", tw::repaint(grid, 25));
  with_model("projected (DDNM)", tw::projected(network(), first_known, measured, {.noise = 0.1}),
             0);
  with_model("DPS, zeta 0.1", tw::dps(network(), first_known, measured, 0.1), 1);
  with_model("PiGDM", tw::pseudo_inverse_guided(network(), first_known, measured, {.noise = 0.1}),
             1);
  with_model("moment matched",
             tw::moment_matched(network(), first_known, measured, {.noise = 0.1, .iterations = 1}),
             2);
}
