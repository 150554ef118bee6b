// SPDX-License-Identifier: MIT
#pragma once

#include "tweedie/simd/vector.hpp"

namespace tweedie::simd {

/// Two vectors on which the same is done, operation by operation: while one waits for a result, the
/// other keeps the processor busy. Interleaved2 of Interleaved2 is four.
template <class V>
struct Interleaved2 {
  V a, b;
};
template <class X>
inline constexpr bool is_interleaved = false;
template <class V>
inline constexpr bool is_interleaved<Interleaved2<V>> = true;
/// How many vectors are interleaved in X.
template <class X>
inline constexpr int vectors_in = 1;
template <class V>
inline constexpr int vectors_in<Interleaved2<V>> = 2 * vectors_in<V>;
template <class X, class Y>
concept Interleaved = is_interleaved<X> || is_interleaved<Y>;

template <class X>
[[gnu::always_inline]] inline auto first_of(X x) {
  if constexpr (is_interleaved<X>)
    return x.a;
  else
    return x;
}
template <class X>
[[gnu::always_inline]] inline auto second_of(X x) {
  if constexpr (is_interleaved<X>)
    return x.b;
  else
    return x;
}
template <class V>
[[gnu::always_inline]] inline Interleaved2<V> interleave(V a, V b) {
  return {a, b};
}
template <class X, class Y>
requires Interleaved<X, Y>
[[gnu::always_inline]] inline auto operator+(X x, Y y) {
  return interleave(first_of(x) + first_of(y), second_of(x) + second_of(y));
}
template <class X, class Y>
requires Interleaved<X, Y>
[[gnu::always_inline]] inline auto operator-(X x, Y y) {
  return interleave(first_of(x) - first_of(y), second_of(x) - second_of(y));
}
template <class X, class Y>
requires Interleaved<X, Y>
[[gnu::always_inline]] inline auto operator*(X x, Y y) {
  return interleave(first_of(x) * first_of(y), second_of(x) * second_of(y));
}
template <class X, class Y>
requires Interleaved<X, Y>
[[gnu::always_inline]] inline auto operator/(X x, Y y) {
  return interleave(first_of(x) / first_of(y), second_of(x) / second_of(y));
}
template <class X, class Y>
requires Interleaved<X, Y>
[[gnu::always_inline]] inline auto operator&(X x, Y y) {
  return interleave(first_of(x) & first_of(y), second_of(x) & second_of(y));
}
template <class X, class Y>
requires Interleaved<X, Y>
[[gnu::always_inline]] inline auto operator|(X x, Y y) {
  return interleave(first_of(x) | first_of(y), second_of(x) | second_of(y));
}
template <class X, class Y>
requires Interleaved<X, Y>
[[gnu::always_inline]] inline auto operator^(X x, Y y) {
  return interleave(first_of(x) ^ first_of(y), second_of(x) ^ second_of(y));
}
template <class V>
[[gnu::always_inline]] inline Interleaved2<V> operator>>(Interleaved2<V> x, int bits) {
  return {x.a >> bits, x.b >> bits};
}
template <class V>
[[gnu::always_inline]] inline Interleaved2<V> operator<<(Interleaved2<V> x, int bits) {
  return {x.a << bits, x.b << bits};
}
template <class V>
[[gnu::always_inline]] inline Interleaved2<V> uncontracted(Interleaved2<V> x) {
  return {uncontracted(x.a), uncontracted(x.b)};
}
template <class To, class V>
[[gnu::always_inline]] inline auto bits_as(Interleaved2<V> x) {
  return interleave(bits_as<To>(x.a), bits_as<To>(x.b));
}
template <class To, class V>
[[gnu::always_inline]] inline auto convert(Interleaved2<V> x) {
  return interleave(convert<To>(x.a), convert<To>(x.b));
}
template <class V>
[[gnu::always_inline]] inline Interleaved2<V> multiply_low_halves(Interleaved2<V> x,
                                                                  Interleaved2<V> y) {
  return {multiply_low_halves(x.a, y.a), multiply_low_halves(x.b, y.b)};
}
template <class V>
[[gnu::always_inline]] inline Interleaved2<V> sqrt(Interleaved2<V> x) {
  return {sqrt(x.a), sqrt(x.b)};
}

}  // namespace tweedie::simd
