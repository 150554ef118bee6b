// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__AVX2__)
#include <immintrin.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace tweedie {

// The compiler's vector types in the widest size that the translation unit may use. What is
// compiled for vectors carries the instruction set in its type, as a template argument with this
// default, so that units compiled for different ones can be linked together, with the same numbers
// in all. Other inline functions exist once in a program, for the set of whichever unit the linker
// takes: such a program needs a machine that has them all.

struct AVX512 {
  static constexpr std::size_t bytes = 64;
};
struct AVX2 {
  static constexpr std::size_t bytes = 32;
};
/// Also NEON and others of 16 bytes.
struct SSE2 {
  static constexpr std::size_t bytes = 16;
};
#if defined(__AVX512F__)
using InstructionSet = AVX512;
#elif defined(__AVX2__)
using InstructionSet = AVX2;
#else
using InstructionSet = SSE2;
#endif

template <class T, class Set>
struct VectorOf {
  typedef T type __attribute__((vector_size(Set::bytes)));
};
/// As many T as a register holds.
template <class T, class Set = InstructionSet>
using Vector = typename VectorOf<T, Set>::type;
template <class T, class Set = InstructionSet>
inline constexpr std::ptrdiff_t width = Set::bytes / sizeof(T);

template <class T>
[[gnu::always_inline]] inline Vector<T> load(const T* from) {
  Vector<T> v;
  std::memcpy(&v, from, sizeof v);
  return v;
}
template <class T>
[[gnu::always_inline]] inline void store(T* to, Vector<T> v) {
  std::memcpy(to, &v, sizeof v);
}
template <class T>
[[gnu::always_inline]] inline Vector<T> broadcast(T value) {
  return value - Vector<T>{};  // value + 0 would lose the sign of -0
}

/// A product as its type rounds it, never contracted into a fused multiply-add: with it every
/// compiler and instruction set gives the same bits.
template <class V>
[[gnu::always_inline]] inline V rounded(V product) {
#if defined(__AVX512F__)
  asm("" : "+v"(product));
#elif defined(__SSE2__)
  asm("" : "+x"(product));
#elif defined(__aarch64__)
  asm("" : "+w"(product));
#endif
  return product;
}

/// The same bits as lanes of To, and lanes converted to To, which has their size.
template <class To, class V>
[[gnu::always_inline]] inline auto as(V v) {
  typedef To Result __attribute__((vector_size(sizeof(V))));
  return reinterpret_cast<Result>(v);
}
template <class To, class V>
[[gnu::always_inline]] inline auto converted(V v) {
  typedef To Result __attribute__((vector_size(sizeof(V))));
  return __builtin_convertvector(v, Result);
}

/// The products of the low 32 bits of each 64-bit lane.
template <class V>
[[gnu::always_inline]] inline V multiply_low_halves(V a, V b) {
#if defined(__AVX512F__)
  return as<std::uint64_t>(_mm512_mul_epu32(as<long long>(a), as<long long>(b)));
#elif defined(__AVX2__)
  return as<std::uint64_t>(_mm256_mul_epu32(as<long long>(a), as<long long>(b)));
#elif defined(__SSE2__)
  return as<std::uint64_t>(_mm_mul_epu32(as<long long>(a), as<long long>(b)));
#else
  return (a & 0xffffffffu) * (b & 0xffffffffu);
#endif
}

template <class V>
[[gnu::always_inline]] inline V root(V v) {
  constexpr bool single = sizeof(v[0]) == 4;
#if defined(__AVX512F__)
  if constexpr (single)
    return _mm512_sqrt_ps(v);
  else
    return _mm512_sqrt_pd(v);
#elif defined(__AVX2__)
  if constexpr (single)
    return _mm256_sqrt_ps(v);
  else
    return _mm256_sqrt_pd(v);
#elif defined(__SSE2__)
  if constexpr (single)
    return _mm_sqrt_ps(v);
  else
    return _mm_sqrt_pd(v);
#else
  for (std::size_t k = 0; k < sizeof(v) / sizeof(v[0]); ++k)
    v[k] = single ? __builtin_sqrtf(v[k]) : __builtin_sqrt(v[k]);
  return v;
#endif
}

}  // namespace tweedie
