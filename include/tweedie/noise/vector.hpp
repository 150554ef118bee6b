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

// The compiler's vector types in the widest size that the translation unit may use. What is compiled
// for vectors carries the instruction set in its type, as a template argument with this default, so
// that units compiled for different ones can be linked together. The numbers are the same in all.

struct AVX2 {
  static constexpr std::size_t bytes = 32;
};
/// Also NEON and others of 16 bytes.
struct SSE2 {
  static constexpr std::size_t bytes = 16;
};
#if defined(__AVX2__)
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
#if defined(__SSE2__)
  asm("" : "+x"(product));
#elif defined(__aarch64__)
  asm("" : "+w"(product));
#endif
  return product;
}

/// The products of the low 32 bits of each lane.
[[gnu::always_inline]] inline Vector<std::uint64_t> multiply_low_halves(Vector<std::uint64_t> a,
                                                                        Vector<std::uint64_t> b) {
#if defined(__AVX2__)
  return reinterpret_cast<Vector<std::uint64_t>>(
      _mm256_mul_epu32(reinterpret_cast<__m256i>(a), reinterpret_cast<__m256i>(b)));
#elif defined(__SSE2__)
  return reinterpret_cast<Vector<std::uint64_t>>(
      _mm_mul_epu32(reinterpret_cast<__m128i>(a), reinterpret_cast<__m128i>(b)));
#else
  return (a & 0xffffffffu) * (b & 0xffffffffu);
#endif
}

[[gnu::always_inline]] inline Vector<float> root(Vector<float> v) {
#if defined(__AVX2__)
  return _mm256_sqrt_ps(v);
#elif defined(__SSE2__)
  return _mm_sqrt_ps(v);
#else
  for (int k = 0; k < width<float>; ++k) v[k] = __builtin_sqrtf(v[k]);
  return v;
#endif
}
[[gnu::always_inline]] inline Vector<double> root(Vector<double> v) {
#if defined(__AVX2__)
  return _mm256_sqrt_pd(v);
#elif defined(__SSE2__)
  return _mm_sqrt_pd(v);
#else
  for (int k = 0; k < width<double>; ++k) v[k] = __builtin_sqrt(v[k]);
  return v;
#endif
}

}  // namespace tweedie
