// SPDX-License-Identifier: MIT
#include <tweedie/sample.hpp>

using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
void f(const tweedie::Plan& plan, Rows& x) {
  auto model = tweedie::predicts_data([](const auto& in, double) { return 1 * in; });
  tweedie::Sampler sampler(plan, model, x);
}
