// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "tweedie/noise/source.hpp"

namespace tweedie {

/// A seed for each sample, as programs for pictures have it: sample k has the numbers that a run
/// of one sample with Noise{.seed = seeds[k]} has, whatever the batch that it stands in.
///
///     const Seeds seeds{41, 1234567890123, 7};
class Seeds {
 public:
  std::int64_t first_sample = 0;  ///< column 0 is this sample

  Seeds(std::initializer_list<std::uint64_t> seeds) : Seeds(std::vector<std::uint64_t>(seeds)) {}
  explicit Seeds(std::vector<std::uint64_t> seeds)
      : seeds_(std::make_shared<const std::vector<std::uint64_t>>(std::move(seeds))) {}

  std::int64_t count() const { return static_cast<std::int64_t>(seeds_->size()); }

  /// The same seeds, other numbers, as of Noise.
  Seeds stream(std::string_view name) const { return in(of_all_.stream(name)); }
  Seeds stream(std::uint64_t number) const { return in(of_all_.stream(number)); }
  /// The same with sample `first` in column 0.
  Seeds from_sample(std::int64_t first) const {
    Seeds seeds = *this;
    seeds.first_sample = first;
    return seeds;
  }

  template <class Out, class Isa = simd::InstructionSet>
  void fill(int draw, Out&& out) const {
    verbs::check_contiguous(out);
    using T = std::remove_cvref_t<decltype(*out.data())>;
    fill<T, Isa>(draw, out.rows(), 0, out.size(), out.data());
  }
  /// Elements begin to begin + count of that array, when it has `dim` rows. Throws Error for a
  /// sample without a seed.
  template <class T, class Isa = simd::InstructionSet>
  void fill(int draw, std::int64_t dim, std::int64_t begin, std::int64_t count, T* out) const {
    for (const std::int64_t end = begin + count; begin < end;) {
      const std::int64_t sample = first_sample + begin / dim, coordinate = begin % dim,
                         length = std::min(end - begin, dim - coordinate);
      check(sample >= 0 && sample < this->count(), "Seeds: sample ", sample, " needs a seed, ",
            this->count(), " are given, counted from 0");
      Noise noise = of_all_;
      noise.seed = (*seeds_)[static_cast<std::size_t>(sample)];
      noise.template fill<T, Isa>(draw, dim, coordinate, length, out);
      begin += length, out += length;
    }
  }

 private:
  std::shared_ptr<const std::vector<std::uint64_t>> seeds_;
  Noise of_all_;  // but for the seed

  Seeds in(const Noise& stream) const {
    Seeds seeds = *this;
    seeds.of_all_ = stream;
    return seeds;
  }
};

static_assert(CounterNoise<const Seeds>);

}  // namespace tweedie
