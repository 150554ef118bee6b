// SPDX-License-Identifier: MIT
#include <tweedie/sample.hpp>

void f(const tweedie::Level& level, Eigen::MatrixXd& x) {
  tweedie::prior(level, x, 7);
}
