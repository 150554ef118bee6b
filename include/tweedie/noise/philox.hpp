// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>

#include "tweedie/simd/interleaved.hpp"

namespace tweedie::normals {

using namespace simd;

/// Philox4x32-10, a counter-based generator: 128 bits of counter and 64 of key to 128 random bits.
/// Salmon et al. 2011, doi:10.1145/2063384.2063405; the words are those of their Random123.
struct Philox {
  using Words = std::array<std::uint32_t, 4>;
  using Key = std::array<std::uint32_t, 2>;

  static constexpr std::uint64_t multipliers[] = {0xD2511F53, 0xCD9E8D57};
  /// The key of the next round: a Weyl sequence of the golden ratio and of sqrt(3) - 1.
  static constexpr Key next(Key key) { return {key[0] + 0x9E3779B9u, key[1] + 0xBB67AE85u}; }

  static constexpr Words words(Words counter, Key key) {
    for (int round = 0; round < 10; ++round) {
      const std::uint64_t p0 = multipliers[0] * counter[0];
      const std::uint64_t p1 = multipliers[1] * counter[2];
      counter = {static_cast<std::uint32_t>(p1 >> 32) ^ counter[1] ^ key[0],
                 static_cast<std::uint32_t>(p1),
                 static_cast<std::uint32_t>(p0 >> 32) ^ counter[3] ^ key[1],
                 static_cast<std::uint32_t>(p0)};
      key = next(key);
    }
    return counter;
  }
};

/// The keys of the ten rounds, each in all lanes.
template <class Isa>
struct PhiloxKeys {
  using V = Vector<std::uint64_t, Isa>;
  std::array<V, 10> first, second;

  explicit PhiloxKeys(Philox::Key key) {
    for (std::size_t round = 0; round < 10; ++round) {
      first[round] = broadcast(std::uint64_t{key[0]}),
      second[round] = broadcast(std::uint64_t{key[1]});
      key = Philox::next(key);
    }
  }
};

/// Words 0 and 1, and 2 and 3, of many states, one per 64-bit lane, the first of two as the high
/// half.
template <class V>
struct PhiloxWords {
  V w01, w23;
};

/// Ten rounds on the four words of each lane, which stand in the low halves. The high halves hold
/// rubbish in between, which the multiplication ignores. V is a vector, or vectors interleaved.
template <std::size_t round = 0, class V, class Isa>
[[gnu::always_inline]] inline PhiloxWords<V> philox_words(V c0, V c1, V c2, V c3,
                                                          const PhiloxKeys<Isa>& keys) {
  const V p0 = multiply_low_halves(c0, V{} + Philox::multipliers[0]);
  const V p1 = multiply_low_halves(c2, V{} + Philox::multipliers[1]);
  const V a = c1 ^ keys.first[round], b = c3 ^ keys.second[round];
  if constexpr (round == 9)
    return {p1 ^ (a << 32), p0 ^ (b << 32)};
  else
    return philox_words<round + 1>((p1 >> 32) ^ a, p1, (p0 >> 32) ^ b, p0, keys);
}

}  // namespace tweedie::normals
