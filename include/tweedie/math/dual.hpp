// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <concepts>
#include <type_traits>

namespace tweedie::math {

template <class T>
concept Number = std::is_arithmetic_v<T>;

/// A value and its derivative: Custom calls the user's scale(t) and std(t) with it to get the
/// rates. A function written with `auto t` and unqualified exp, log, ... (after `using std::exp;`)
/// serves both double and Dual.
struct Dual {
  double value = 0, rate = 0;

  Dual(double constant = 0, double derivative = 0) : value(constant), rate(derivative) {}

  /// Taken by std::exp(t) and its like, which would lose the rate.
  template <class T>
  requires std::same_as<T, double>
  operator T() const {
    static_assert(!std::same_as<T, double>,
                  "scale and std are functions [](auto t) of exp(t), sqrt(t), ..., without std::, "
                  "after `using std::exp;`; their rates follow from that");
    return {};
  }

  friend Dual operator-(Dual a) { return {-a.value, -a.rate}; }
  friend Dual operator+(Dual a, Dual b) { return {a.value + b.value, a.rate + b.rate}; }
  friend Dual operator-(Dual a, Dual b) { return {a.value - b.value, a.rate - b.rate}; }
  friend Dual operator*(Dual a, Dual b) {
    return {a.value * b.value, a.rate * b.value + a.value * b.rate};
  }
  friend Dual operator/(Dual a, Dual b) {
    return {a.value / b.value, (a.rate - a.value / b.value * b.rate) / b.value};
  }

  // Exact for numbers, which the conversion above would make ambiguous otherwise.
  template <Number A>
  friend Dual operator+(A a, Dual b) {
    return Dual(static_cast<double>(a)) + b;
  }
  template <Number B>
  friend Dual operator+(Dual a, B b) {
    return a + Dual(static_cast<double>(b));
  }
  template <Number A>
  friend Dual operator-(A a, Dual b) {
    return Dual(static_cast<double>(a)) - b;
  }
  template <Number B>
  friend Dual operator-(Dual a, B b) {
    return a - Dual(static_cast<double>(b));
  }
  template <Number A>
  friend Dual operator*(A a, Dual b) {
    return Dual(static_cast<double>(a)) * b;
  }
  template <Number B>
  friend Dual operator*(Dual a, B b) {
    return a * Dual(static_cast<double>(b));
  }
  template <Number A>
  friend Dual operator/(A a, Dual b) {
    return Dual(static_cast<double>(a)) / b;
  }
  template <Number B>
  friend Dual operator/(Dual a, B b) {
    return a / Dual(static_cast<double>(b));
  }

  friend Dual exp(Dual a) { return {std::exp(a.value), std::exp(a.value) * a.rate}; }
  friend Dual expm1(Dual a) { return {std::expm1(a.value), std::exp(a.value) * a.rate}; }
  friend Dual log(Dual a) { return {std::log(a.value), a.rate / a.value}; }
  friend Dual log1p(Dual a) { return {std::log1p(a.value), a.rate / (1 + a.value)}; }
  friend Dual sqrt(Dual a) {
    const double root = std::sqrt(a.value);
    return {root, a.rate / (2 * root)};
  }
  friend Dual sin(Dual a) { return {std::sin(a.value), std::cos(a.value) * a.rate}; }
  friend Dual cos(Dual a) { return {std::cos(a.value), -std::sin(a.value) * a.rate}; }
  friend Dual tan(Dual a) {
    const double tangent = std::tan(a.value);
    return {tangent, (1 + tangent * tangent) * a.rate};
  }
  friend Dual sinh(Dual a) { return {std::sinh(a.value), std::cosh(a.value) * a.rate}; }
  friend Dual cosh(Dual a) { return {std::cosh(a.value), std::sinh(a.value) * a.rate}; }
  friend Dual tanh(Dual a) {
    const double tangent = std::tanh(a.value);
    return {tangent, (1 - tangent * tangent) * a.rate};
  }
  friend Dual pow(Dual a, double exponent) {
    return {std::pow(a.value, exponent), exponent * std::pow(a.value, exponent - 1) * a.rate};
  }
};

}  // namespace tweedie::math
