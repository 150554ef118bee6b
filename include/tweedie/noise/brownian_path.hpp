// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "tweedie/error.hpp"
#include "tweedie/noise/source.hpp"

namespace tweedie {

/// Noise that is one Brownian path, whatever the steps: the draws that a solver attaches to its
/// clock (solver/kit/brownian.hpp) are the path's increments there, so that runs of 20 and of 40
/// steps see the same one. Draws without a clock, and the prior's, are those of `noise`. A pure
/// function of the seed, the sample, the coordinate and the two times; the path is the same for
/// float and double. Throws Error for a plan that passes a level twice, as Restart does, or whose
/// steps are too short for it.
///
/// The path is a bisection: between 2^k and 2^(k+1) 18 levels of Brownian bridges, their increments
/// independent. A draw is a sum over 20 to 100 normals of float's, so it costs as much. Copies
/// share the sums.
class BrownianPath {
 public:
  std::int64_t first_sample;  ///< column 0 is this sample

  template <class Plan>
  BrownianPath(const Plan& plan, const Noise& noise)
      : first_sample(noise.first_sample), noise_(noise) {
    std::vector<std::vector<Normal>> draws{{{noise.stream_id, 0, 1}}};
    double reached = 0, end = 0;  // on the path, by the steps before and with this one
    int draw = 1;
    const auto take = [&](int last) {
      for (; draw <= last; ++draw) {
        const auto& span = plan.clock_of_draw(draw);
        const bool attached = span && span->from < span->to && std::isfinite(span->to);
        check(!attached || span->from >= reached, "BrownianPath: draw ", draw,
              " goes back on the path; a plan that passes a level twice needs ordinary noise");
        if (attached) end = std::max(end, span->to);
        draws.push_back(attached ? increment(draw, span->from, span->to)
                                 : std::vector<Normal>{{noise.stream_id, draw, 1}});
      }
      reached = end;
    };
    take(plan.first_draw() - 1);
    for (const auto& s : plan.intervals()) take(draw - 1 + (s.renoises() ? 1 : plan.facts().draws));
    take(plan.draw_count());
    draws_ = std::make_shared<const std::vector<std::vector<Normal>>>(std::move(draws));
    std::vector<Span> spans;
    for (const auto& s : plan.intervals()) spans.push_back({s.index, s.from.sigma(), s.to.sigma()});
    spans_ = std::make_shared<const std::vector<Span>>(std::move(spans));
  }

  /// Throws Error if a run is not the plan that the path was made for, or a part of it.
  void check_run(const auto& intervals) const {
    auto span = spans_->begin();
    while (span != spans_->end() && span->index < intervals.front().index) ++span;
    bool part = true;
    for (const auto& s : intervals)
      part =
          part && span != spans_->end() && *span++ == Span{s.index, s.from.sigma(), s.to.sigma()};
    check(part, "BrownianPath: it was made for the steps of another plan; make one for this plan");
  }

  /// The same path with sample `first` in column 0.
  BrownianPath from_sample(std::int64_t first) const {
    BrownianPath path = *this;
    path.first_sample = first;
    return path;
  }

  /// Numbers beside those of the run, which are no path.
  Noise stream(std::string_view name) const {
    return noise_.stream(name).from_sample(first_sample);
  }

  template <class Out, class Isa = simd::InstructionSet>
  void fill(int draw, Out&& out) const {
    verbs::check_contiguous(out);
    using T = std::remove_cvref_t<decltype(*out.data())>;
    fill<T, Isa>(draw, out.rows(), 0, out.size(), out.data());
  }
  template <class T, class Isa = simd::InstructionSet>
  void fill(int draw, std::int64_t dim, std::int64_t begin, std::int64_t count, T* out) const {
    check(draw >= 0 && static_cast<std::size_t>(draw) < draws_->size(), "BrownianPath: draw ", draw,
          " is asked for, the plan has ", draws_->size() - 1);
    const std::vector<Normal>& normals = (*draws_)[static_cast<std::size_t>(draw)];
    if (normals.size() == 1 && normals[0].stream == noise_.stream_id)
      return noise_.from_sample(first_sample).fill<T, Isa>(normals[0].draw, dim, begin, count, out);
    constexpr std::int64_t chunk = 512;
    float z[chunk];
    double sum[chunk];
    for (std::int64_t done = 0; done < count; done += chunk) {
      const std::int64_t length = std::min(chunk, count - done);
      std::fill_n(sum, length, 0.0);
      for (const auto& [stream, number, weight] : normals) {
        const Noise noise{noise_.seed, first_sample, stream};
        noise.fill<float, Isa>(number, dim, begin + done, length, z);
        for (std::int64_t k = 0; k < length; ++k) sum[k] += weight * static_cast<double>(z[k]);
      }
      for (std::int64_t k = 0; k < length; ++k) out[done + k] = static_cast<T>(sum[k]);
    }
  }

 private:
  struct Normal {
    std::uint32_t stream;
    int draw;
    double weight;
  };
  using Combination =
      std::map<std::uint64_t, double>;  // weights of the bisection's normals, by their keys
  static constexpr int depth = 18;

  Noise noise_;
  std::shared_ptr<const std::vector<std::vector<Normal>>> draws_;

  struct Span {
    int index;
    double from, to;
    friend bool operator==(const Span&, const Span&) = default;
  };
  std::shared_ptr<const std::vector<Span>> spans_;

  /// W(to) - W(from), scaled to unit variance.
  std::vector<Normal> increment(int draw, double from, double to) const {
    Combination sum;
    const int last = std::ilogb(to);
    check(to - from >= std::exp2(last - depth), "BrownianPath: draw ", draw, " spans from ", from,
          " to ", to,
          " of its clock, less than 2^-18 of it, which the path does not resolve; take "
          "longer steps, or ordinary noise");
    // Below 64 octaves the path is smaller than a rounding of what is above.
    const int first = std::max(from > 0 ? std::ilogb(from) : last - 64, last - 64);
    if (from > 0 && first == std::ilogb(from)) add(sum, since_octave(from), -1);
    for (int octave = first; octave < last; ++octave)
      sum[key(octave, 1, 0)] += std::exp2(octave / 2.0);
    add(sum, since_octave(to), 1);

    std::vector<Normal> normals;
    for (const auto& [key, weight] : sum)
      normals.push_back({static_cast<std::uint32_t>(key >> 32) | 1u,
                         static_cast<int>(key & 0x7fffffff), weight / std::sqrt(to - from)});
    return normals;
  }

  /// W(tau) - W(2^k) with 2^k <= tau < 2^(k+1).
  Combination since_octave(double tau) const {
    const int octave = std::ilogb(tau);
    double left = std::exp2(octave), right = 2 * left;
    Combination at_left, at_right{{key(octave, 1, 0), std::sqrt(left)}};
    std::uint64_t node = 1;
    const auto between = [&](double time, std::uint64_t name) {
      const double part = (time - left) / (right - left);
      Combination sum;
      add(sum, at_left, 1 - part);
      add(sum, at_right, part);
      sum[name] += std::sqrt((time - left) * (1 - part));
      return sum;
    };
    for (int level = 0; level < depth && tau > left; ++level) {
      const double middle = (left + right) / 2;
      Combination at_middle = between(middle, key(octave, node, 1));
      const bool upper = tau >= middle;
      (upper ? left : right) = middle;
      (upper ? at_left : at_right) = std::move(at_middle);
      node = 2 * node + upper;
    }
    // What is left of the way is a bridge of its own for every tau.
    return tau == left ? at_left
                       : between(tau, key(octave, node, std::bit_cast<std::uint64_t>(tau)));
  }

  static void add(Combination& sum, const Combination& other, double factor) {
    for (const auto& [key, weight] : other) sum[key] += factor * weight;
  }
  /// A name for a normal, as random bits: the finaliser of splitmix64.
  std::uint64_t key(int octave, std::uint64_t node, std::uint64_t place) const {
    std::uint64_t bits = place ^ (std::uint64_t{noise_.stream_id} << 32);
    for (const std::uint64_t part : {node, static_cast<std::uint64_t>(octave + 4096)}) {
      bits = (bits ^ part) + 0x9e3779b97f4a7c15u;
      bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9u;
      bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebu;
      bits ^= bits >> 31;
    }
    return bits;
  }
};

static_assert(CounterNoise<const BrownianPath>);

}  // namespace tweedie
