// SPDX-License-Identifier: MIT
#include <cstdio>

#include <tweedie/tweedie.hpp>

double other();

int main() {
  namespace tw = tweedie;
  const tw::VP process;
  const auto model = tw::predicts_epsilon([](const auto& x, double) { return 0.5 * x; });
  const Eigen::MatrixXd x = tw::sample<Eigen::MatrixXd>(process, model, tw::DDIM{},
                                                        tw::uniform(process, 5, {.to_zero = false}),
                                                        {.dim = 2, .count = 3});
  std::printf("tweedie %d.%d: %g\n", TWEEDIE_VERSION_MAJOR, TWEEDIE_VERSION_MINOR, x(1, 2));
  return x(1, 2) == other() ? 0 : 1;
}
