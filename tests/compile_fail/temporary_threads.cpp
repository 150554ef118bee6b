// SPDX-License-Identifier: MIT
#include <tweedie/parallel/blocked_sampler.hpp>
#include <tweedie/parallel/threads.hpp>
#include <tweedie/sample.hpp>

void f(const tweedie::Plan& plan, Eigen::MatrixXd& x) {
  auto model = tweedie::predicts_data([](const auto& in, double) { return 1 * in; });
  tweedie::BlockedSampler sampler(plan, model, x, {}, tweedie::Threads(2));
}
