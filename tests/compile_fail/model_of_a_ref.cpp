// SPDX-License-Identifier: MIT
#include <tweedie/sample.hpp>

void f(const tweedie::Plan& plan, Eigen::MatrixXd& x) {
  auto model = tweedie::predicts_data(
      [](const Eigen::Ref<const Eigen::MatrixXd>& in, double) { return 0.5 * in; });
  tweedie::Sampler sampler(plan, model, x);
  sampler(x, tweedie::Noise{});
}
