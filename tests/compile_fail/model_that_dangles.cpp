// SPDX-License-Identifier: MIT
#include <tweedie/sample.hpp>

void f(const tweedie::Plan& plan, Eigen::MatrixXd& x) {
  auto model = tweedie::predicts_data([](const auto& in, double) {
    const Eigen::MatrixXd local = in;
    return 2 * local.array().tanh().matrix() + in;
  });
  tweedie::Sampler sampler(plan, model, x);
  sampler(x, tweedie::Noise{});
}
