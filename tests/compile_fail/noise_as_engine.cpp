// SPDX-License-Identifier: MIT
#include <random>
#include <tweedie/sample.hpp>

void f(const tweedie::Plan& plan, Eigen::MatrixXd& x) {
  auto model = tweedie::predicts_data([](const auto& in, double) { return 1 * in; });
  tweedie::Sampler sampler(plan, model, x);
  std::mt19937 engine;
  sampler(x, engine);
}
