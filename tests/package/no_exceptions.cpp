// SPDX-License-Identifier: MIT
// Without exceptions an error ends in the user's handler, here by printing and leaving.
#include <cstdio>
#include <cstdlib>
#include <string>

#define TWEEDIE_THROW(sentence) (std::puts(std::string(sentence).c_str()), std::exit(0))

#include <tweedie/analysis/moments.hpp>
#include <tweedie/analysis/order.hpp>
#include <tweedie/distribution/mixture.hpp>
#include <tweedie/noise/brownian_path.hpp>
#include <tweedie/parallel/blocked_sampler.hpp>
#include <tweedie/parallel/threads.hpp>
#include <tweedie/plan/eager.hpp>
#include <tweedie/tweedie.hpp>

int main() {
  namespace tw = tweedie;
  const tw::VP process;
  const auto model = tw::predicts_epsilon([](const auto& x, double) { return 0.5f * x; });
  const Eigen::MatrixXf x = tw::sample<Eigen::MatrixXf>(process, model, tw::DDIM{},
                                                        tw::uniform(process, 5, {.to_zero = false}),
                                                        {.dim = 2, .count = 3});
  tw::Threads threads(2);
  tw::sample_in_blocks<Eigen::MatrixXf>(
      process, model, tw::DDIM{}, tw::karras(process, 5), {.dim = 2, .count = 30}, 7,
      [](auto, const auto&) {}, threads);
  std::printf("%g\n", double(x(0, 0)));
  tw::uniform(process, 0, {.to_zero = false});
  return 1;
}
