// SPDX-License-Identifier: MIT
#include <tweedie/sample.hpp>

struct Mine {
  tweedie::Prediction prediction = tweedie::Prediction::data;
};

void f(const tweedie::Plan& plan, Eigen::MatrixXd& x) {
  tweedie::Sampler sampler(plan, Mine{}, x);
}
