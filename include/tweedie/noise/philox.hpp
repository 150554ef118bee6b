// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>

#include "tweedie/noise/vector.hpp"

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

/// One Philox state a lane: the four words in the low halves of 64-bit lanes. The high halves hold
/// rubbish in between, which the multiplication ignores.
template <class Set = InstructionSet>
struct PhiloxLanes {
  using V = Vector<std::uint64_t, Set>;
  V c0, c1, c2, c3;

  /// Words 0 and 1, and 2 and 3, of every lane after 10 rounds, the first as the high half.
  struct Words {
    V w01, w23;
  };
  [[gnu::always_inline]] Words words(Philox::Key key) {
    Words result;
    round<0>(key[0], key[1], result);
    return result;
  }

 private:
  template <int r>
  [[gnu::always_inline]] void round(std::uint32_t k0, std::uint32_t k1, Words& result) {
    const V p0 = multiply_low_halves(c0, broadcast(std::uint64_t{0xD2511F53}));
    const V p1 = multiply_low_halves(c2, broadcast(std::uint64_t{0xCD9E8D57}));
    const V a = c1 ^ std::uint64_t{k0}, b = c3 ^ std::uint64_t{k1};
    if constexpr (r < 9) {
      c0 = (p1 >> 32) ^ a, c1 = p1, c2 = (p0 >> 32) ^ b, c3 = p0;
      round<r + 1>(k0 + 0x9E3779B9u, k1 + 0xBB67AE85u, result);
    } else {
      result = {p1 ^ (a << 32), p0 ^ (b << 32)};
    }
  }
};

}  // namespace tweedie
