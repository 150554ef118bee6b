// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "tweedie/noise/box_muller.hpp"
#include "tweedie/noise/philox.hpp"

namespace tweedie::normals {

// The layout of Noise, carried out. A block is what eight counters give: first the cosines of all
// pairs, then the sines.
inline constexpr std::int64_t counters_per_block = 8;
template <class T>
inline constexpr std::int64_t cosines = sizeof(T) == 4 ? 16 : 8;

/// The part of a counter that is the same for all numbers of a draw, and the key.
template <class Isa>
struct NormalStream {
  PhiloxKeys<Isa> keys;
  std::uint32_t draw, stream;
};

/// The pairs of the counters at the given positions and draws, one per 64-bit lane.
template <class T, class V, class Isa>
[[gnu::always_inline]] inline auto normal_pairs(const NormalStream<Isa>& s, V position, V draw) {
  const auto [w01, w23] =
      philox_words(position, position >> 32, draw, V{} + std::uint64_t{s.stream}, s.keys);
  if constexpr (sizeof(T) == 4)
    return box_muller_float(bits_as<std::uint32_t>(w01), bits_as<std::uint32_t>(w23));
  else
    return box_muller_double(w01, w23);
}

/// The positions n, n + 1, ... in the lanes.
template <class Isa>
[[gnu::always_inline]] inline Vector<std::uint64_t, Isa> successive(std::int64_t n) {
  Vector<std::uint64_t, Isa> lanes;
  for (std::ptrdiff_t k = 0; k < lanes_of<std::uint64_t, Isa>; ++k)
    lanes[k] = static_cast<std::uint64_t>(n + k);
  return lanes;
}

/// Stores the pairs of successive groups of lanes at their places in the blocks.
template <class T, class Isa, int group = 0, class V>
[[gnu::always_inline]] inline void store_groups(T* blocks, V cosine, V sine) {
  if constexpr (is_interleaved<V>) {
    store_groups<T, Isa, group>(blocks, cosine.a, sine.a);
    store_groups<T, Isa, group + vectors_in<V> / 2>(blocks, cosine.b, sine.b);
  } else {
    constexpr std::int64_t groups = counters_per_block / lanes_of<std::uint64_t, Isa>;
    T* const place = blocks + group / groups * 2 * cosines<T> + group % groups * lanes_of<T, Isa>;
    store(place, cosine);
    store(place + cosines<T>, sine);
  }
}

/// Whole blocks, the first from counter n. Four groups of lanes are interleaved: one alone waits
/// most of its time.
template <class T, class Isa>
void write_blocks(const NormalStream<Isa>& s, std::int64_t n, std::int64_t blocks,
                  T* out) noexcept {
  constexpr std::int64_t lanes = lanes_of<std::uint64_t, Isa>;
  constexpr std::int64_t at_once = 4 * lanes / counters_per_block, block = 2 * cosines<T>;
  auto position = successive<Isa>(n);
  const auto next = [&position] {
    const auto now = position;
    position += std::uint64_t{lanes};
    return now;
  };
  for (; blocks > 0; blocks -= at_once, out += at_once * block) {
    const auto first = next(), second = next(), third = next(), fourth = next();
    const auto positions = interleave(interleave(first, second), interleave(third, fourth));
    const auto pairs = normal_pairs<T>(s, positions, decltype(positions){} + std::uint64_t{s.draw});
    std::array<T, std::size_t(at_once * block)> more;
    const bool fits = blocks >= at_once;
    store_groups<T, Isa>(fits ? out : more.data(), pairs.cosine, pairs.sine);
    if (!fits) std::copy_n(more.data(), blocks * block, out);
  }
}

/// Coordinates first to first + count of one sample.
template <class T, class Isa>
void write_sample(const NormalStream<Isa>& s, std::int64_t sample, std::int64_t first,
                  std::int64_t count, T* out) noexcept {
  constexpr std::int64_t block = 2 * cosines<T>;
  const std::int64_t end = first + count;
  while (first < end) {
    const std::int64_t b = first / block, begin = b * block,
                       n = (sample << 28) + b * counters_per_block;
    if (first == begin && end - begin >= block) {
      const std::int64_t blocks = (end - begin) / block;
      write_blocks<T, Isa>(s, n, blocks, out);
      first += blocks * block, out += blocks * block;
      continue;
    }
    std::array<T, std::size_t(block)> numbers;
    write_blocks<T, Isa>(s, n, 1, numbers.data());
    const std::int64_t stop = std::min(end, begin + block);
    out = std::copy(numbers.data() + (first - begin), numbers.data() + (stop - begin), out);
    first = stop;
  }
}

/// Whole samples of so few coordinates that all are cosines of one block, for several successive
/// draws, one array after the other: the lanes take the counters of successive samples, then those
/// of the next draw. A counter gives `each` cosines; where the coordinates are no multiple of that,
/// the last one of a sample is dropped.
template <class T, class Isa>
void write_small_samples(const NormalStream<Isa>& s, std::int64_t sample, std::int64_t samples,
                         std::int64_t dim, std::int64_t draws, T* out) noexcept {
  using V = Vector<std::uint64_t, Isa>;
  constexpr std::int64_t lanes = lanes_of<std::uint64_t, Isa>, each = lanes_of<T, Isa> / lanes;
  const std::int64_t counters = (dim + each - 1) / each;  // of one sample
  const auto all = [](std::int64_t value) { return broadcast(static_cast<std::uint64_t>(value)); };
  // All bits where value has reached limit.
  const auto reached = [&](V value, std::int64_t limit) {
    return ((value - all(limit)) >> 63) - std::uint64_t{1};
  };
  V counter = all(0), column = all(0), draw = all(s.draw);
  const auto advance = [&](V counters_on, V columns_on, V draws_on) {
    counter += counters_on;
    const V next_column = reached(counter, counters);
    counter -= next_column & all(counters);
    column += columns_on - next_column;
    const V next_draw = reached(column, samples);
    column -= next_draw & all(samples);
    draw += draws_on - next_draw;
  };
  V start = all(0);  // the lanes begin at successive counters
  for (std::int64_t lane = 1; lane < lanes; ++lane) {
    for (std::int64_t k = 0; k < lanes; ++k) start[k] = k >= lane;
    advance(start, all(0), all(0));
  }
  const V counters_on = all(lanes % counters), columns_on = all(lanes / counters % samples),
          draws_on = all(lanes / counters / samples);
  struct Place {
    V position, draw;
  };
  const auto next = [&] {
    const Place now{((column + static_cast<std::uint64_t>(sample)) << 28) + counter, draw};
    advance(counters_on, columns_on, draws_on);
    return now;
  };

  T* const end = out + draws * samples * dim;
  constexpr std::int64_t made = 4 * lanes_of<T, Isa>;
  for (std::int64_t coordinate = 0; out < end;) {
    const Place a = next(), b = next(), c = next(), d = next();
    const auto [low, high] =
        normal_pairs<T>(
            s, interleave(interleave(a.position, b.position), interleave(c.position, d.position)),
            interleave(interleave(a.draw, b.draw), interleave(c.draw, d.draw)))
            .cosine;
    std::array<T, std::size_t(made)> rest;
    const bool fits = dim % each == 0 && end - out >= made;
    T* const place = fits ? out : rest.data();
    store(place, low.a);
    store(place + lanes_of<T, Isa>, low.b);
    store(place + 2 * lanes_of<T, Isa>, high.a);
    store(place + 3 * lanes_of<T, Isa>, high.b);
    if (fits) {
      out += made;
      continue;
    }
    for (const T number : rest) {
      if (coordinate < dim && out < end) *out++ = number;
      if (++coordinate == counters * each) coordinate = 0;
    }
  }
}

}  // namespace tweedie::normals
