// SPDX-License-Identifier: MIT
#pragma once

#include "tweedie/noise/vector.hpp"

namespace tweedie {

/// Two vectors on which the same is done, operation by operation: while one waits for a result, the
/// other keeps the processor busy. Twice of Twice is four.
template <class V>
struct Twice {
  V a, b;
};
template <class X>
inline constexpr bool is_twice = false;
template <class V>
inline constexpr bool is_twice<Twice<V>> = true;
/// How many vectors are interleaved in X.
template <class X>
inline constexpr int vectors_in = 1;
template <class V>
inline constexpr int vectors_in<Twice<V>> = 2 * vectors_in<V>;
template <class X, class Y>
concept Interleaved = is_twice<X> || is_twice<Y>;

template <class X>
[[gnu::always_inline]] inline auto first_of(X x) {
  if constexpr (is_twice<X>)
    return x.a;
  else
    return x;
}
template <class X>
[[gnu::always_inline]] inline auto second_of(X x) {
  if constexpr (is_twice<X>)
    return x.b;
  else
    return x;
}
template <class V>
[[gnu::always_inline]] inline Twice<V> both(V a, V b) {
  return {a, b};
}
template <class X, class Y>
requires Interleaved<X, Y>
[[gnu::always_inline]] inline auto operator+(X x, Y y) {
  return both(first_of(x) + first_of(y), second_of(x) + second_of(y));
}
template <class X, class Y>
requires Interleaved<X, Y>
[[gnu::always_inline]] inline auto operator-(X x, Y y) {
  return both(first_of(x) - first_of(y), second_of(x) - second_of(y));
}
template <class X, class Y>
requires Interleaved<X, Y>
[[gnu::always_inline]] inline auto operator*(X x, Y y) {
  return both(first_of(x) * first_of(y), second_of(x) * second_of(y));
}
template <class X, class Y>
requires Interleaved<X, Y>
[[gnu::always_inline]] inline auto operator/(X x, Y y) {
  return both(first_of(x) / first_of(y), second_of(x) / second_of(y));
}
template <class X, class Y>
requires Interleaved<X, Y>
[[gnu::always_inline]] inline auto operator&(X x, Y y) {
  return both(first_of(x) & first_of(y), second_of(x) & second_of(y));
}
template <class X, class Y>
requires Interleaved<X, Y>
[[gnu::always_inline]] inline auto operator|(X x, Y y) {
  return both(first_of(x) | first_of(y), second_of(x) | second_of(y));
}
template <class X, class Y>
requires Interleaved<X, Y>
[[gnu::always_inline]] inline auto operator^(X x, Y y) {
  return both(first_of(x) ^ first_of(y), second_of(x) ^ second_of(y));
}
template <class V>
[[gnu::always_inline]] inline Twice<V> operator>>(Twice<V> x, int bits) {
  return {x.a >> bits, x.b >> bits};
}
template <class V>
[[gnu::always_inline]] inline Twice<V> operator<<(Twice<V> x, int bits) {
  return {x.a << bits, x.b << bits};
}
template <class V>
[[gnu::always_inline]] inline Twice<V> rounded(Twice<V> x) {
  return {rounded(x.a), rounded(x.b)};
}
template <class To, class V>
[[gnu::always_inline]] inline auto as(Twice<V> x) {
  return both(as<To>(x.a), as<To>(x.b));
}
template <class To, class V>
[[gnu::always_inline]] inline auto converted(Twice<V> x) {
  return both(converted<To>(x.a), converted<To>(x.b));
}
template <class V>
[[gnu::always_inline]] inline Twice<V> multiply_low_halves(Twice<V> x, Twice<V> y) {
  return {multiply_low_halves(x.a, y.a), multiply_low_halves(x.b, y.b)};
}
template <class V>
[[gnu::always_inline]] inline Twice<V> root(Twice<V> x) {
  return {root(x.a), root(x.b)};
}

}  // namespace tweedie
