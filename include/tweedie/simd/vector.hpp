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

namespace tweedie::simd {

// The compiler's vector types in the widest size that the translation unit may use.
//
// A function that is compiled for vectors has the instruction set in its type, as a template
// argument with this default. The reason is the one-definition rule: two units that are compiled
// for different instruction sets would otherwise share one copy of an inline function, for the set
// of whichever unit the linker takes. With it both can be linked together, with the same numbers in
// both. Such a program needs a machine that has both sets: other inline functions exist once, for
// either.

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

template <class T, class Isa>
struct VectorOf {
  typedef T type __attribute__((vector_size(Isa::bytes)));
};
/// As many T as a register holds.
template <class T, class Isa = InstructionSet>
using Vector = typename VectorOf<T, Isa>::type;
template <class T, class Isa = InstructionSet>
inline constexpr std::ptrdiff_t lanes_of = Isa::bytes / sizeof(T);

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
[[gnu::always_inline]] inline V uncontracted(V product) {
#if defined(__AVX512F__)
  asm("" : "+v"(product));
#elif defined(__SSE2__)
  asm("" : "+x"(product));
#elif defined(__aarch64__)
  asm("" : "+w"(product));
#endif
  return product;
}

/// The same bits as lanes of To, and lanes convert to To, which has their size.
template <class To, class V>
[[gnu::always_inline]] inline auto bits_as(V v) {
  typedef To Result __attribute__((vector_size(sizeof(V))));
  return reinterpret_cast<Result>(v);
}
template <class To, class V>
[[gnu::always_inline]] inline auto convert(V v) {
  typedef To Result __attribute__((vector_size(sizeof(V))));
  return __builtin_convertvector(v, Result);
}

/// The products of the low 32 bits of each 64-bit lane.
template <class V>
[[gnu::always_inline]] inline V multiply_low_halves(V a, V b) {
#if defined(__AVX512F__)
  return bits_as<std::uint64_t>(_mm512_mul_epu32(bits_as<long long>(a), bits_as<long long>(b)));
#elif defined(__AVX2__)
  return bits_as<std::uint64_t>(_mm256_mul_epu32(bits_as<long long>(a), bits_as<long long>(b)));
#elif defined(__SSE2__)
  return bits_as<std::uint64_t>(_mm_mul_epu32(bits_as<long long>(a), bits_as<long long>(b)));
#else
  return (a & 0xffffffffu) * (b & 0xffffffffu);
#endif
}

template <class V>
[[gnu::always_inline]] inline V sqrt(V v) {
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
    if constexpr (single)
      v[k] = __builtin_sqrtf(v[k]);
    else
      v[k] = __builtin_sqrt(v[k]);
  return v;
#endif
}

}  // namespace tweedie::simd
