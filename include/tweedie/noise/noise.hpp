// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "tweedie/error.hpp"
#include "tweedie/noise/box_muller.hpp"
#include "tweedie/noise/philox.hpp"

namespace tweedie {

/// Throws Error unless the elements of an array are contiguous with its columns one after the
/// other.
inline void check_contiguous(const auto& array) {
  if constexpr (requires { array.innerStride(), array.outerStride(), array.IsRowMajor; })
    check(array.innerStride() == 1 &&
              (array.IsRowMajor ? array.rows() <= 1
                                : array.cols() <= 1 || array.outerStride() == array.rows()),
          "noise: an array of ", array.rows(), " x ", array.cols(),
          " must be column-major and contiguous");
}

/// Standard normals as a pure function of (seed, stream, draw, sample, coordinate), for float and
/// for double: whatever the batch, the split, the thread or the order of asking, a number is the
/// same. The layout is a contract and does not change between versions:
///
///   key      the seed, low word first
///   counter  c0, c1 = low, high word of sample * 2^28 + n;  c2 = draw;  c3 = stream
///
/// Eight successive n make a block of 32 floats or 16 doubles of one sample: coordinates 32 b to
/// 32 b + 31 come from n = 8 b to 8 b + 7. The words (w0, w1, w2, w3) of the block's k-th counter
/// give, as box_muller(radius, angle), in float the pairs 2k from (w1, w3) and 2k + 1 from (w0,
/// w2), in double the pair k from (w0 w1, w2 w3), first word high. The cosines of all pairs fill
/// the first half of the block, the sines the second.
struct Noise {
  std::uint64_t seed = 0;
  std::int64_t first_sample = 0;  ///< column 0 is this sample
  std::uint32_t stream_id = 0;    ///< 0 is the library's own: prior and solvers

  /// The same seed, other numbers: for the user's own draws beside those of a run.
  Noise stream(std::string_view name) const {
    std::uint32_t hash = 2166136261u;  // FNV-1a
    for (const char letter : name) hash = (hash ^ static_cast<unsigned char>(letter)) * 16777619u;
    return {seed, first_sample, hash == 0 ? 1 : hash};
  }
  /// The same noise with sample `first` in column 0.
  Noise from_sample(std::int64_t first) const { return {seed, first, stream_id}; }

  /// out, any array with rows(), cols() and contiguous column-major data(), becomes draw `draw`.
  void fill(int draw, auto&& out) const {
    check_contiguous(out);
    fill(draw, out.rows(), 0, out.size(), out.data());
  }

  /// Elements begin to begin + count of that array, when it has `dim` rows.
  template <class T>
  void fill(int draw, std::int64_t dim, std::int64_t begin, std::int64_t count, T* out) const {
    check(draw >= 0 && first_sample >= 0, "noise: draw ", draw, " and first_sample ", first_sample,
          " must be at least 0");
    check(first_sample <= (std::int64_t{1} << 36) - 1 - count / std::max<std::int64_t>(dim, 1),
          "noise: sample ", first_sample, " is beyond 2^36");
    check(dim <= std::int64_t{1} << 28, "noise: a sample of ", dim, " coordinates exceeds 2^28");
    if (count <= 0) return;
    std::int64_t sample = first_sample + begin / dim, coordinate = begin % dim;
    while (count > 0) {
      const std::int64_t length = std::min(count, dim - coordinate);
      fill_sample(draw, sample++, coordinate, length, out);
      out += length, count -= length, coordinate = 0;
    }
  }

 private:
  static constexpr int counters = 8;
  template <class T>
  static constexpr int pairs = sizeof(T) == 4 ? 2 * counters : counters;

  template <class T>
  void fill_sample(int draw, std::int64_t sample, std::int64_t first, std::int64_t count,
                   T* out) const {
    constexpr std::int64_t block = 2 * pairs<T>;
    for (std::int64_t b = first / block; b * block < first + count; ++b) {
      const std::int64_t low = std::max(first, b * block),
                         high = std::min(first + count, (b + 1) * block);
      std::array<T, block> numbers;
      fill_block(draw, (sample << 28) + b * counters, low - b * block, high - b * block, numbers);
      std::copy(numbers.data() + (low - b * block), numbers.data() + (high - b * block),
                out + (low - first));
    }
  }

  /// Numbers low to high of the block that starts at counter n; the others are left as they are.
  template <class T>
  void fill_block(int draw, std::int64_t n, std::int64_t low, std::int64_t high,
                  std::array<T, 2 * pairs<T>>& numbers) const {
    constexpr int half = pairs<T>, pairs_per_counter = half / counters;
    const Philox::Key key{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
    for (int k = 0; k < counters; ++k) {
      const auto wanted = [&](int number) { return low <= number && number < high; };
      const int pair = k * pairs_per_counter, other = pair + pairs_per_counter - 1;
      if (!wanted(pair) && !wanted(other) && !wanted(pair + half) && !wanted(other + half))
        continue;
      const std::int64_t counter = n + k;
      const auto [w0, w1, w2, w3] = Philox::words(
          {static_cast<std::uint32_t>(counter), static_cast<std::uint32_t>(counter >> 32),
           static_cast<std::uint32_t>(draw), stream_id},
          key);
      const auto put = [&](int at, NormalPair<T> normals) {
        numbers[static_cast<std::size_t>(at)] = normals.cosine;
        numbers[static_cast<std::size_t>(at + half)] = normals.sine;
      };
      if constexpr (sizeof(T) == 4) {
        put(pair, box_muller(w1, w3));
        put(pair + 1, box_muller(w0, w2));
      } else {
        put(pair, box_muller(std::uint64_t{w0} << 32 | w1, std::uint64_t{w2} << 32 | w3));
      }
    }
  }
};

}  // namespace tweedie
