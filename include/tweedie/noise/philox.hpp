// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>

namespace tweedie {

/// Philox4x32-10, a counter-based generator: 128 bits of counter and 64 of key to 128 random bits.
/// Salmon et al. 2011, doi:10.1145/2063384.2063405; the words are those of their Random123.
struct Philox {
  using Words = std::array<std::uint32_t, 4>;
  using Key = std::array<std::uint32_t, 2>;

  static constexpr Words words(Words counter, Key key) {
    for (int round = 0; round < 10; ++round) {
      const std::uint64_t p0 = std::uint64_t{0xD2511F53} * counter[0];
      const std::uint64_t p1 = std::uint64_t{0xCD9E8D57} * counter[2];
      counter = {static_cast<std::uint32_t>(p1 >> 32) ^ counter[1] ^ key[0],
                 static_cast<std::uint32_t>(p1),
                 static_cast<std::uint32_t>(p0 >> 32) ^ counter[3] ^ key[1],
                 static_cast<std::uint32_t>(p0)};
      key = {key[0] + 0x9E3779B9u, key[1] + 0xBB67AE85u};  // golden ratio, sqrt(3) - 1
    }
    return counter;
  }
};

}  // namespace tweedie
