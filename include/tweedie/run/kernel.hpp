// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <utility>

namespace tweedie {

/// An array with its weight in a sum.
template <class T>
struct Weighted {
  const T* data;
  T weight;
};

template <std::size_t Count, class T>
void combine_fixed(T* out, std::ptrdiff_t size, const Weighted<T>* terms) noexcept {
  [&]<std::size_t... K>(std::index_sequence<K...>) {
    for (std::ptrdiff_t i = 0; i < size; ++i) out[i] = ((terms[K].weight * terms[K].data[i]) + ...);
  }
  (std::make_index_sequence<Count>());
}

/// out = sum of weight * data over the terms, in one pass over `size` elements; 0 without terms.
/// out may be one of the arrays, but must not overlap one in part.
template <class T>
void combine(T* out, std::ptrdiff_t size, std::span<const Weighted<T>> terms) noexcept {
  switch (terms.size()) {
    case 1: return combine_fixed<1>(out, size, terms.data());
    case 2: return combine_fixed<2>(out, size, terms.data());
    case 3: return combine_fixed<3>(out, size, terms.data());
    case 4: return combine_fixed<4>(out, size, terms.data());
    case 5: return combine_fixed<5>(out, size, terms.data());
    case 6: return combine_fixed<6>(out, size, terms.data());
    default:
      for (std::ptrdiff_t i = 0; i < size; ++i) {
        T sum = 0;
        for (const Weighted<T>& term : terms) sum += term.weight * term.data[i];
        out[i] = sum;
      }
  }
}

}  // namespace tweedie
