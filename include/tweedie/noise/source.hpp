// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <concepts>
#include <cstdint>
#include <type_traits>

#include "tweedie/noise/noise.hpp"
#include "tweedie/state.hpp"

namespace tweedie {

/// Anything that can write draw number `draw` of a run into an array of the state's shape.
template <class S>
concept NoiseSource = requires(std::remove_reference_t<S>& source, int draw,
                               Eigen::Map<Samples<double>>& out) {
  source.fill(draw, out);
};

/// A source whose numbers can be had piecewise and in any order; such noise is made inside the pass
/// that uses it and needs no memory.
template <class S>
concept CounterNoise = NoiseSource<S> &&
    requires(std::remove_reference_t<S>& source, int draw, std::int64_t dim, std::int64_t begin,
             std::int64_t count, double* out) {
  source.fill(draw, dim, begin, count, out);
};

static_assert(CounterNoise<const Noise>);

namespace verbs {

/// Says at compile time what noise is, where it is something else.
template <class S>
consteval void require_source() {
  static_assert(NoiseSource<S>,
                "noise is a source of draws, such as Noise{.seed = 7}; a generator of normals "
                "becomes one as SequentialNoise (not const), recorded arrays as RecordedNoise");
}

// Draw number `draw`, whole or in part, by the code for an instruction set where the source has it.
template <class Isa, class Source, class Out>
void draw_whole(Source& noise, int draw, Out& out) {
  if constexpr (requires { noise.template fill<Out&, Isa>(draw, out); })
    noise.template fill<Out&, Isa>(draw, out);
  else
    noise.fill(draw, out);
}
template <class Isa, class Source, class T>
void draw_part(Source& noise, int draw, std::int64_t dim, std::int64_t begin, std::int64_t count,
               T* out) {
  if constexpr (requires { noise.template fill<T, Isa>(draw, dim, begin, count, out); })
    noise.template fill<T, Isa>(draw, dim, begin, count, out);
  else
    noise.fill(draw, dim, begin, count, out);
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
