// SPDX-License-Identifier: MIT
// Compiled for AVX2 and FMA, while the rest of the program is not: both can be linked together, and
// the numbers are the same. Called only where the machine has them.
#include <vector>

#include <tweedie/noise/noise.hpp>
#include <tweedie/run/kernel.hpp>

std::vector<float> noise_and_sum_with_avx2(std::int64_t dim, std::int64_t count) {
  std::vector<float> z(static_cast<std::size_t>(dim * count)), x = z;
  tweedie::Noise{.seed = 9}.fill(1, dim, 0, dim * count, z.data());
  tweedie::Noise{.seed = 9}.fill(2, dim, 0, dim * count, x.data());
  const tweedie::executor::Weighted<float> terms[] = {{x.data(), 0.7f}, {z.data(), 0.3f}};
  tweedie::executor::combine<float>(x.data(), dim * count, terms);
  return x;
}
