// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <utility>

#include "tweedie/simd/vector.hpp"

namespace tweedie::executor {

using namespace simd;

/// An array with its weight in a sum.
template <class T>
struct Weighted {
  const T* data;
  T weight;
};

/// out = sum of weight * data, in one pass over `size` elements and in place if out is one of the
/// arrays; it must not overlap one in part. All elements, the last few too, are computed by the
/// same operations without contraction, so that no split of an array changes a bit of the result.
template <std::size_t Count, class T, class Isa>
void combine_fixed(T* out, std::ptrdiff_t size, const Weighted<T>* terms) noexcept {
  constexpr std::ptrdiff_t lanes = lanes_of<T, Isa>;
  [&]<std::size_t... K>(std::index_sequence<K...>) {
    const std::array<const T*, Count> data{terms[K].data...};
    const std::array<T, Count> weight{terms[K].weight...};
    std::ptrdiff_t i = 0;
    if (size >= lanes) {
      const std::array<Vector<T, Isa>, Count> weights{broadcast(weight[K])...};
      for (; i + 2 * lanes <= size; i += 2 * lanes) {
        const auto a = (uncontracted(weights[K] * load(data[K] + i)) + ...);
        const auto b = (uncontracted(weights[K] * load(data[K] + i + lanes)) + ...);
        store(out + i, a);
        store(out + i + lanes, b);
      }
      for (; i + lanes <= size; i += lanes)
        store(out + i, (uncontracted(weights[K] * load(data[K] + i)) + ...));
    }
    for (; i < size; ++i) out[i] = (uncontracted(weight[K] * data[K][i]) + ...);
  }
  (std::make_index_sequence<Count>());
}

/// The same for a number of terms that is known at run time only, none included, and in the same
/// order: from the last to the first.
template <class T, class Isa>
void combine_any(T* out, std::ptrdiff_t size, std::span<const Weighted<T>> terms) noexcept {
  std::ptrdiff_t i = 0;
  for (; i + lanes_of<T, Isa> <= size; i += lanes_of<T, Isa>) {
    Vector<T, Isa> sum = {};
    for (auto term = terms.rbegin(); term != terms.rend(); ++term)
      sum += uncontracted(broadcast(term->weight) * load(term->data + i));
    store(out + i, sum);
  }
  for (; i < size; ++i) {
    T sum = 0;
    for (auto term = terms.rbegin(); term != terms.rend(); ++term)
      sum += uncontracted(term->weight * term->data[i]);
    out[i] = sum;
  }
}

/// out = sum of weight * data over the terms, in one pass over `size` elements; 0 without terms.
/// out may be one of the arrays, but must not overlap one in part.
template <class T, class Isa = InstructionSet>
void combine(T* out, std::ptrdiff_t size, std::span<const Weighted<T>> terms) noexcept {
  switch (terms.size()) {
    case 1: return combine_fixed<1, T, Isa>(out, size, terms.data());
    case 2: return combine_fixed<2, T, Isa>(out, size, terms.data());
    case 3: return combine_fixed<3, T, Isa>(out, size, terms.data());
    case 4: return combine_fixed<4, T, Isa>(out, size, terms.data());
    case 5: return combine_fixed<5, T, Isa>(out, size, terms.data());
    case 6: return combine_fixed<6, T, Isa>(out, size, terms.data());
    case 7: return combine_fixed<7, T, Isa>(out, size, terms.data());
    case 8: return combine_fixed<8, T, Isa>(out, size, terms.data());
    default: return combine_any<T, Isa>(out, size, terms);
  }
}

}  // namespace tweedie::executor
