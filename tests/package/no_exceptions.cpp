// SPDX-License-Identifier: MIT
// Without exceptions an error ends in the user's handler, here by printing and leaving.
#include <cstdio>
#include <cstdlib>
#include <string>

#define TWEEDIE_THROW(sentence) (std::puts(std::string(sentence).c_str()), std::exit(0))

#include <tweedie/process/vp.hpp>
#include <tweedie/sample.hpp>
#include <tweedie/solver/ode/ddim.hpp>

int main() {
  namespace tw = tweedie;
  const tw::VP process;
  const auto model = tw::predicts_epsilon([](const auto& x, double) { return 0.5f * x; });
  const Eigen::MatrixXf x = tw::sample<Eigen::MatrixXf>(process, model, tw::DDIM{},
                                                        tw::uniform(process, 5, {.to_zero = false}),
                                                        {.dim = 2, .count = 3});
  std::printf("%g\n", double(x(0, 0)));
  tw::uniform(process, 0, {.to_zero = false});
  return 1;
}
