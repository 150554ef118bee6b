// SPDX-License-Identifier: MIT
#include <tweedie/tweedie.hpp>

double other() {
  namespace tw = tweedie;
  const tw::VP process;
  const auto model = tw::predicts_epsilon([](const auto& x, double) { return 0.5 * x; });
  return tw::sample<Eigen::MatrixXd>(process, model, tw::DDIM{},
                                     tw::uniform(process, 5, {.to_zero = false}),
                                     {.dim = 2, .count = 3})(1, 2);
}
