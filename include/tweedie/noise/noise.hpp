// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "tweedie/error.hpp"
#include "tweedie/noise/normals.hpp"

namespace tweedie {

namespace verbs {

/// Throws Error unless the elements of an array are contiguous with its columns one after the
/// other.
inline void check_contiguous(const auto& array) {
  if constexpr (requires { array.innerStride(), array.outerStride(), array.IsRowMajor; })
    check(array.innerStride() == 1 &&
              (array.IsRowMajor ? array.rows() <= 1
                                : array.cols() <= 1 || array.outerStride() == array.rows()),
          "noise: an array of ", array.rows(), " x ", array.cols(),
          " must be column-major and contiguous; fill a matrix of its own and copy it");
}

}  // namespace verbs
using namespace verbs;

/// Standard normals as a pure function of (seed, stream, draw, sample, coordinate): whatever the
/// batch, the split, the thread or the order of asking, a number is the same. Double has numbers of
/// its own, of 53 bits, unless those of float are asked for. The layout is a contract and does not
/// change between versions:
///
///   key      the seed, low word first
///   counter  c0, c1 = low, high word of sample * 2^28 + n;  c2 = draw;  c3 = stream
///
/// Eight successive n make a block of 32 floats or 16 doubles of one sample: coordinates 32 b to 32
/// b + 31 come from n = 8 b to 8 b + 7. The words (w0, w1, w2, w3) of the block's k-th counter
/// give, as Box-Muller's radius and angle, in float the pairs 2k from (w1, w3) and 2k + 1 from (w0,
/// w2), in double the pair k from (w0 w1, w2 w3), first word high. The cosines of all pairs fill
/// the first half of the block, the sines the second.
struct Noise {
  std::uint64_t seed = 0;
  std::int64_t first_sample = 0;  ///< column 0 is this sample
  std::uint32_t stream_id = 0;    ///< 0 is the library's own: prior and solvers
  bool as_float = false;          ///< the numbers that float states get, for double states too

  /// The same seed, other numbers: for the user's own draws beside those of a run. A stream of a
  /// stream is another one.
  Noise stream(std::string_view name) const {
    std::uint32_t hash = 2166136261u ^ stream_id;  // FNV-1a
    for (const char letter : name) hash = (hash ^ static_cast<unsigned char>(letter)) * 16777619u;
    return {seed, first_sample, hash == 0 ? 1 : hash, as_float};
  }
  /// The same with a number as its name: the tick of a control loop.
  Noise stream(std::uint64_t number) const {
    char name[8];
    for (int k = 0; k < 8; ++k) name[k] = static_cast<char>(number >> (8 * k));
    return stream("number").stream(std::string_view(name, 8));
  }
  /// The same noise with sample `first` in column 0.
  Noise from_sample(std::int64_t first) const { return {seed, first, stream_id, as_float}; }

  /// out, any array with rows(), cols() and contiguous column-major data(), becomes draw `draw`.
  template <class Out, class Isa = simd::InstructionSet>
  void fill(int draw, Out&& out) const {
    verbs::check_contiguous(out);
    using T = std::remove_cvref_t<decltype(*out.data())>;
    fill<T, Isa>(draw, out.rows(), 0, out.size(), out.data());
  }

  /// Elements begin to begin + count of that array, when it has `dim` rows.
  template <class T, class Isa = simd::InstructionSet>
  void fill(int draw, std::int64_t dim, std::int64_t begin, std::int64_t count, T* out) const {
    if (count <= 0) return;
    check(begin >= 0, "noise: begin = ", begin, " must be at least 0");
    if constexpr (!std::is_same_v<T, float>)
      if (as_float)
        return through_float(out, count, [&](std::int64_t done, std::int64_t length, float* part) {
          fill<float, Isa>(draw, dim, begin + done, length, part);
        });
    check_range(draw, dim, begin + count);
    const normals::NormalStream<Isa> stream = stream_of<Isa>(draw);
    std::int64_t sample = first_sample + begin / dim, coordinate = begin % dim;
    while (count > 0) {
      if (coordinate == 0 && dim <= normals::cosines<T> && count >= dim) {
        const std::int64_t samples = count / dim;
        normals::write_small_samples<T, Isa>(stream, sample, samples, dim, 1, out);
        sample += samples, out += samples * dim, count -= samples * dim;
        continue;
      }
      const std::int64_t length = std::min(count, dim - coordinate);
      normals::write_sample<T, Isa>(stream, sample++, coordinate, length, out);
      out += length, count -= length, coordinate = 0;
    }
  }

  /// Draws `first` to first + draws of an array of `dim` rows and `count` columns, one after the
  /// other. One draw of few numbers waits for its results most of the time; many at once do not.
  template <class T, class Isa = simd::InstructionSet>
  void fill_draws(int first, int draws, std::int64_t dim, std::int64_t count, T* out) const {
    if (dim <= 0 || count <= 0 || draws <= 0) return;
    check_range(first, dim, dim * count);
    if constexpr (!std::is_same_v<T, float>)
      if (as_float) {
        for (int k = 0; k < draws; ++k)
          fill<T, Isa>(first + k, dim, 0, dim * count, out + k * dim * count);
        return;
      }
    if (dim <= normals::cosines<T>)
      return normals::write_small_samples<T, Isa>(stream_of<Isa>(first), first_sample, count, dim,
                                                  draws, out);
    for (int k = 0; k < draws; ++k)
      fill<T, Isa>(first + k, dim, 0, dim * count, out + k * dim * count);
  }

 private:
  template <class T>
  static void through_float(T* out, std::int64_t count, auto&& fill_part) {
    constexpr std::int64_t chunk = 256;
    float part[chunk];
    for (std::int64_t done = 0; done < count; done += chunk) {
      const std::int64_t length = std::min(chunk, count - done);
      fill_part(done, length, part);
      for (std::int64_t k = 0; k < length; ++k) out[done + k] = part[k];
    }
  }
  void check_range(int draw, std::int64_t dim, std::int64_t end) const {
    check(draw >= 0, "noise: draw ", draw, " must be at least 0");
    check(first_sample >= 0, "noise: first_sample ", first_sample, " must be at least 0");
    check(dim >= 1 && dim <= std::int64_t{1} << 28, "noise: a sample of ", dim,
          " coordinates; 1 to 2^28 are possible");
    check(first_sample < (std::int64_t{1} << 36) - (end - 1) / dim, "noise: sample ", first_sample,
          " and those after it go beyond the last, 2^36 - 1");
  }
  template <class Isa>
  normals::NormalStream<Isa> stream_of(int draw) const {
    return {normals::PhiloxKeys<Isa>(
                {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)}),
            static_cast<std::uint32_t>(draw), stream_id};
  }
};

}  // namespace tweedie
