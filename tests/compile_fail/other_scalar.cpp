// SPDX-License-Identifier: MIT
#include <tweedie/sample.hpp>

void f(const tweedie::Plan& plan, Eigen::MatrixXd& x, Eigen::MatrixXf& y) {
  auto model = tweedie::predicts_data([](const auto& in, double) { return 1 * in; });
  tweedie::Sampler sampler(plan, model, x);
  sampler(y, tweedie::Noise{});
}
