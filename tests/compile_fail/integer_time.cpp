// SPDX-License-Identifier: MIT
#include <tweedie/sample.hpp>

Eigen::MatrixXd f(const tweedie::AnyProcess& process, const tweedie::AnySolver& solver,
                  const tweedie::Grid& grid) {
  auto model = tweedie::predicts_data([](const auto& x, int t, auto& out) { out = t * x; });
  return tweedie::sample(process, model, solver, grid, {.dim = 2});
}
