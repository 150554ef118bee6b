// SPDX-License-Identifier: MIT
#include <tweedie/sample.hpp>

void f(const tweedie::Level& level, Eigen::MatrixXi& x) {
  tweedie::prior(level, x, tweedie::Noise{});
}
