// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "tweedie/noise/box_muller.hpp"
#include "tweedie/noise/philox.hpp"

namespace tweedie {

// The layout of Noise, carried out. A block is what eight counters give: first the cosines of all
// pairs, then the sines.
inline constexpr std::int64_t counters_per_block = 8;
template <class T>
inline constexpr std::int64_t cosines = sizeof(T) == 4 ? 16 : 8;

/// The part of a counter that is the same for all numbers of a draw, and the key.
struct NormalStream {
  Philox::Key key;
  std::uint32_t draw, stream;
};

/// The pairs of the counters at the given positions, one a 64-bit lane.
template <class T>
[[gnu::always_inline]] inline NormalPairs<T> normal_pairs(const NormalStream& s,
                                                          Vector<std::uint64_t> position) {
  const auto [w01, w23] = PhiloxLanes<>{position, position >> 32, broadcast(std::uint64_t{s.draw}),
                                        broadcast(std::uint64_t{s.stream})}
                              .words(s.key);
  if constexpr (sizeof(T) == 4)
    return box_muller(reinterpret_cast<Vector<std::uint32_t>>(w01),
                      reinterpret_cast<Vector<std::uint32_t>>(w23));
  else
    return box_muller(w01, w23);
}

/// The positions n, n + 1, ... in the lanes.
[[gnu::always_inline]] inline Vector<std::uint64_t> successive(std::int64_t n) {
  Vector<std::uint64_t> lanes;
  for (std::ptrdiff_t k = 0; k < width<std::uint64_t>; ++k)
    lanes[k] = static_cast<std::uint64_t>(n + k);
  return lanes;
}

/// A whole block.
template <class T, class Set = InstructionSet>
void fill_block(const NormalStream& s, std::int64_t n, T* out) noexcept {
  constexpr std::ptrdiff_t lanes = width<std::uint64_t>;
  for (std::ptrdiff_t k = 0; k < counters_per_block / lanes; ++k) {
    const auto [cosine, sine] = normal_pairs<T>(s, successive(n + k * lanes));
    store(out + k * width<T>, cosine);
    store(out + cosines<T> + k * width<T>, sine);
  }
}

/// Coordinates first to first + count of one sample.
template <class T, class Set = InstructionSet>
void fill_sample(const NormalStream& s, std::int64_t sample, std::int64_t first, std::int64_t count,
                 T* out) noexcept {
  constexpr std::int64_t block = 2 * cosines<T>;
  for (std::int64_t b = first / block; b * block < first + count; ++b) {
    const std::int64_t n = (sample << 28) + b * counters_per_block;
    const std::int64_t low = std::max(first, b * block),
                       high = std::min(first + count, (b + 1) * block);
    if (high - low == block) {
      fill_block<T, Set>(s, n, out + (low - first));
      continue;
    }
    std::array<T, block> numbers;
    fill_block<T, Set>(s, n, numbers.data());
    std::copy(numbers.data() + (low - b * block), numbers.data() + (high - b * block),
              out + (low - first));
  }
}

/// Whole samples of so few coordinates that all are cosines of one block: the lanes take the
/// counters of successive samples. A counter gives `each` cosines; where the coordinates are no
/// multiple of that, the last one of a sample is dropped.
template <class T, class Set = InstructionSet>
void fill_small_samples(const NormalStream& s, std::int64_t sample, std::int64_t samples,
                        std::int64_t dim, T* out) noexcept {
  constexpr std::ptrdiff_t lanes = width<std::uint64_t>, each = width<T> / lanes;
  const std::int64_t counters = (dim + each - 1) / each;  // of one sample
  T* const end = out + samples * dim;
  std::int64_t n = 0, position = sample << 28;
  const auto next_numbers = [&](std::array<T, width<T>>& numbers) {
    std::array<std::uint64_t, lanes> positions;
    for (auto& lane : positions) {
      lane = static_cast<std::uint64_t>(position + n);
      if (++n == counters) n = 0, position += std::int64_t{1} << 28;
    }
    store(numbers.data(), normal_pairs<T>(s, load(positions.data())).cosine);
  };
  std::array<T, width<T>> numbers;
  if (dim % each == 0) {
    while (out < end) {
      next_numbers(numbers);
      const std::ptrdiff_t rest = std::min(width<T>, end - out);
      if (rest == width<T>)
        store(out, load(numbers.data()));
      else
        std::copy(numbers.data(), numbers.data() + rest, out);
      out += rest;
    }
    return;
  }
  std::int64_t coordinate = 0;
  while (out < end) {
    next_numbers(numbers);
    for (std::ptrdiff_t k = 0; k < width<T> && out < end; ++k) {
      if (coordinate < dim) *out++ = numbers[static_cast<std::size_t>(k)];
      if (++coordinate == counters * each) coordinate = 0;
    }
  }
}

}  // namespace tweedie
