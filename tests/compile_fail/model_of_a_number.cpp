// SPDX-License-Identifier: MIT
#include <tweedie/sample.hpp>

void f(const tweedie::Plan& plan, Eigen::MatrixXd& x) {
  auto model = tweedie::predicts_data([](const auto&, double t) { return t; });
  tweedie::Sampler sampler(plan, model, x);
  sampler(x, tweedie::Noise{});
}
