// SPDX-License-Identifier: MIT
// Inpainting by replacement: after every step the known part is put back, noised to the new level.
// It is biased: the model is never asked for data that fit the known part, and learns of it through
// the state alone. More steps of a stochastic solver, or restarts, make the bias smaller.
#include <Eigen/LU>
#include <iostream>
#include <tweedie/tweedie.hpp>
namespace tw = tweedie;

int main() {
  const tw::VP process;
  // Data with two coordinates that are nearly equal: covariance (1, 0.9; 0.9, 1).
  const Eigen::Matrix2d covariance{{1, 0.9}, {0.9, 1}};
  auto model = tw::predicts_data([&](const auto& x, const tw::Call& call, auto& out) {
    const double s = call.level.scale, variance = call.level.std * call.level.std;
    const Eigen::Matrix2d total = s * s * covariance + variance * Eigen::Matrix2d::Identity();
    out = s * covariance * total.inverse() * x;
  });
  const tw::Plan plan = tw::make_plan(process, "euler_ancestral", tw::karras(process, 200));

  Eigen::MatrixXd x(2, 5000), noised(1, 5000);
  const Eigen::MatrixXd known = Eigen::MatrixXd::Constant(1, 5000, 1.5);  // the first coordinate
  const tw::Noise noise{.seed = 5};
  tw::prior(plan.from(), x, noise);
  tw::Sampler sampler(plan, model, x);
  for (auto step : sampler.steps(x, noise)) {
    tw::diffuse(step.to, known, noise, noised, step.index + 1);  // in a stream of its own
    step.x.row(0) = noised;
  }
  std::cout << "the unknown coordinate: mean " << x.row(1).mean() << ", exact is " << 0.9 * 1.5
            << "\n";
}
