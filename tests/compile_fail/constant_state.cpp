// SPDX-License-Identifier: MIT
#include <tweedie/sample.hpp>

void f(const tweedie::Plan& plan, const Eigen::MatrixXd& x) {
  auto model = tweedie::predicts_data([](const auto& in, double) { return 1 * in; });
  tweedie::Sampler sampler(plan, model, x);
  sampler(x, tweedie::Noise{});
}
