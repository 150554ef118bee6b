// SPDX-License-Identifier: MIT
#include <tweedie/sample.hpp>

void f(const tweedie::Plan& plan) {
  auto model = tweedie::predicts_data([](const auto& in, double) { return 1 * in; });
  tweedie::Sampler sampler(plan, model, Eigen::MatrixXd(2, 3));
  for (auto step : sampler.steps(Eigen::MatrixXd(2, 3), tweedie::Noise{})) (void)step;
}
