// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <utility>

#include "tweedie/noise/vector.hpp"

namespace tweedie {

/// An array with its weight in a sum.
template <class T>
struct Weighted {
  const T* data;
  T weight;
};

/// out = sum of weight * data, in one pass over `size` elements and in place if out is one of the
/// arrays; it must not overlap one in part. All elements, the last few too, are computed by the same
/// operations without contraction, so that no split of an array changes a bit of the result.
template <std::size_t Count, class T, class Set>
void combine_fixed(T* out, std::ptrdiff_t size, const Weighted<T>* terms) noexcept {
  [&]<std::size_t... K>(std::index_sequence<K...>) {
    const std::array<const T*, Count> data{terms[K].data...};
    const std::array<Vector<T>, Count> weight{broadcast(terms[K].weight)...};
    std::ptrdiff_t i = 0;
    for (; i + 2 * width<T> <= size; i += 2 * width<T>) {
      const Vector<T> a = (rounded(weight[K] * load(data[K] + i)) + ...);
      const Vector<T> b = (rounded(weight[K] * load(data[K] + i + width<T>)) + ...);
      store(out + i, a);
      store(out + i + width<T>, b);
    }
    for (; i < size; i += width<T>) {
      const std::ptrdiff_t rest = std::min(width<T>, size - i);
      const auto load_rest = [&](const T* from) {
        std::array<T, width<T>> piece{};
        std::copy(from, from + rest, piece.begin());
        return load(piece.data());
      };
      std::array<T, width<T>> piece;
      store(piece.data(), (rounded(weight[K] * load_rest(data[K] + i)) + ...));
      std::copy(piece.begin(), piece.begin() + rest, out + i);
    }
  }
  (std::make_index_sequence<Count>());
}

/// out = sum of weight * data over the terms, in one pass over `size` elements; 0 without terms.
/// out may be one of the arrays, but must not overlap one in part.
template <class T, class Set = InstructionSet>
void combine(T* out, std::ptrdiff_t size, std::span<const Weighted<T>> terms) noexcept {
  switch (terms.size()) {
    case 1: return combine_fixed<1, T, Set>(out, size, terms.data());
    case 2: return combine_fixed<2, T, Set>(out, size, terms.data());
    case 3: return combine_fixed<3, T, Set>(out, size, terms.data());
    case 4: return combine_fixed<4, T, Set>(out, size, terms.data());
    case 5: return combine_fixed<5, T, Set>(out, size, terms.data());
    case 6: return combine_fixed<6, T, Set>(out, size, terms.data());
    default:
      for (std::ptrdiff_t i = 0; i < size; ++i) {
        T sum = 0;
        for (const Weighted<T>& term : terms) sum += rounded(term.weight * term.data[i]);
        out[i] = sum;
      }
  }
}

}  // namespace tweedie
