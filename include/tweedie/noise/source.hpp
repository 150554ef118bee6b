// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <concepts>
#include <cstdint>
#include <type_traits>

#include "tweedie/noise/noise.hpp"

namespace tweedie {

/// Anything that can write draw number `draw` of a run into an array of the state's shape.
template <class S>
concept NoiseSource = requires(std::remove_reference_t<S>& source, int draw,
                               Eigen::Map<Eigen::MatrixXd>& out) {
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

/// out becomes draw `draw`, or a piece of it, by the code for an instruction set if the source has
/// it.
template <class Set, class Source, class Out>
void fill_draw(Source& noise, int draw, Out& out) {
  if constexpr (requires { noise.template fill<Out&, Set>(draw, out); })
    noise.template fill<Out&, Set>(draw, out);
  else
    noise.fill(draw, out);
}
template <class Set, class Source, class T>
void fill_piece(Source& noise, int draw, std::int64_t dim, std::int64_t begin, std::int64_t count,
                T* out) {
  if constexpr (requires { noise.template fill<T, Set>(draw, dim, begin, count, out); })
    noise.template fill<T, Set>(draw, dim, begin, count, out);
  else
    noise.fill(draw, dim, begin, count, out);
}

}  // namespace tweedie
