// SPDX-License-Identifier: MIT
// Prints a hash of noise in several shapes; noise_bits.sh compares it over compilers and flags. It
// includes the noise alone, which needs no Eigen.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <vector>

#include <tweedie/noise/noise.hpp>

template <class T>
std::uint64_t hash(std::int64_t dim, std::int64_t count) {
  std::vector<T> z(static_cast<std::size_t>(dim * count));
  tweedie::Noise{.seed = 42, .first_sample = 7}.fill(3, dim, 0, dim * count, z.data());
  std::uint64_t sum = 0;
  for (const T number : z) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &number, sizeof number);
    sum = sum * 6364136223846793005u + bits;
  }
  return sum;
}

int main() {
  for (std::int64_t dim : {1, 2, 3, 8, 9, 16, 17, 112, 4096})
    std::printf("%016llx %016llx\n", static_cast<unsigned long long>(hash<float>(dim, 50)),
                static_cast<unsigned long long>(hash<double>(dim, 50)));
}
