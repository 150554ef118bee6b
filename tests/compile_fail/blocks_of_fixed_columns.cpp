// SPDX-License-Identifier: MIT
#include <tweedie/process/vp.hpp>
#include <tweedie/sample.hpp>
#include <tweedie/solver/ode/ddim.hpp>

void f(const tweedie::AnyProcess& process, const tweedie::Grid& grid) {
  const auto model = tweedie::predicts_data([](const auto& in, double) { return 1 * in; });
  tweedie::sample_in_blocks<Eigen::Matrix<double, 2, 3>>(
      process, model, tweedie::DDIM{}, grid, {.dim = 2, .count = 3}, 3, [](auto, const auto&) {});
}
