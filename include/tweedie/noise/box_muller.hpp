// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstdint>

#include "tweedie/noise/vector.hpp"

namespace tweedie {

/// A vector of standard normals from the cosines and one from the sines, independent of each other.
template <class T, class Set = InstructionSet>
struct NormalPairs {
  Vector<T, Set> cosine, sine;
};

/// c0 + c1 x + c2 x^2 + ... by Horner's rule.
template <class V, class T>
[[gnu::always_inline]] inline V polynomial(V, T c0) {
  return broadcast(c0);
}
template <class V, class T, class... Rest>
[[gnu::always_inline]] inline V polynomial(V x, T c0, Rest... rest) {
  return c0 + rounded(x * polynomial(x, rest...));
}

// Box & Muller 1958: r cos(a) and r sin(a) with r = sqrt(-2 log u). The angle is f pi/2 with f in
// [-1, 1), and the lowest bit of its word mirrors the cosine, which covers the circle without range
// reduction. log, sin and cos are polynomials (tests/reference/coefficients.py makes their figures),
// so that nothing depends on a mathematics library.

/// From two 32-bit words a lane. u = (k + 1/2) / 2^31 with k < 2^31: |normal| <= 6.7. Relative
/// accuracy of sin, cos and -2 log u is 3e-8 before rounding.
[[gnu::always_inline]] inline NormalPairs<float> box_muller(Vector<std::uint32_t> radius,
                                                            Vector<std::uint32_t> angle) {
  using F = Vector<float>;
  using I = Vector<std::int32_t>;
  const F x = __builtin_convertvector(reinterpret_cast<I>(radius >> 1), F) + 0.5f;  // 2^31 u
  // u = 2^e (1 + m) with 1 + m in [sqrt(1/2), sqrt(2)): subtracting the bits of 2^31 sqrt(1/2)
  // leaves e above the mantissa.
  constexpr std::int32_t root_half = 0x3f3504f3;
  const I offset = reinterpret_cast<I>(x) - (root_half + (31 << 23));
  const F m = reinterpret_cast<F>((offset & 0x7fffff) + root_half) - 1.0f;
  const F e = __builtin_convertvector(offset >> 23, F);
  const F p = polynomial(m, 0.9999998322f, -0.6666790048f, 0.5000351003f, -0.3992414257f,
                         0.3314102814f, -0.2983597757f, 0.2861496614f, -0.1746950123f);
  const F log_part = rounded(rounded(p * m) * m) - (m + m);
  const F r = root(log_part + rounded(e * -1.38629436112f));

  const F f = rounded(__builtin_convertvector(reinterpret_cast<I>(angle), F) * 0x1p-31f);
  const F z = rounded(f * f);
  const F sine = rounded(f * polynomial(z, 1.57079632f, -0.6459637596f, 0.07968991833f,
                                        -0.004674143838f, 0.0001516717037f));
  // (1 - f)(1 + f) keeps the relative accuracy where the cosine vanishes.
  const F cosine =
      rounded(rounded((1.0f - f) * (1.0f + f)) * polynomial(z, 1.0f, -0.2337005466f, 0.01996884464f,
                                                            -0.0008939560742f, 2.382491856e-5f));
  const auto mirrored =
      reinterpret_cast<Vector<std::uint32_t>>(rounded(r * cosine)) ^ (angle << 31);
  return {reinterpret_cast<F>(mirrored), rounded(r * sine)};
}

/// From two 64-bit words a lane, of which 52 bits each are used. u = (k + 1/2) / 2^52: |normal| <= 8.6.
[[gnu::always_inline]] inline NormalPairs<double> box_muller(Vector<std::uint64_t> radius,
                                                             Vector<std::uint64_t> angle) {
  using D = Vector<double>;
  using U = Vector<std::uint64_t>;
  // A whole number below 2^52 becomes a double by way of the bits of 2^52 + number.
  const auto number = [](U bits) -> D {
    return reinterpret_cast<D>(bits | 0x4330000000000000u) - 0x1p52;
  };
  const D u = rounded((number(radius >> 12) + 0.5) * 0x1p-52);
  constexpr std::uint64_t root_half = 0x3fe6a09e667f3bcd, bias = 64;
  const U offset = reinterpret_cast<U>(u) - root_half + (bias << 52);
  const D m = reinterpret_cast<D>((offset & 0xfffffffffffffu) + root_half) - 1.0;
  const D e = number(offset >> 52) - static_cast<double>(bias);
  // log(1 + m) = 2 atanh(s) = s (2 + s^2 R(s^2))
  const D s = m / (2.0 + m), s2 = rounded(s * s);
  const D R = polynomial(s2, 0.6666666666666666646, 0.4000000000000087698, 0.2857142857080361181,
                         0.2222222239171391744, 0.1818179564013290628, 0.1538623970281465819,
                         0.1326877313865688518, 0.1308662614784010214);
  const D log_part = rounded(s * (2.0 + rounded(s2 * R)));
  const D log_u = log_part + rounded(e * 0.693147180559945309417);
  const D r = root(-(log_u + log_u));

  const D f = reinterpret_cast<D>((angle >> 12) | 0x3ff0000000000000u) * 2.0 - 3.0;
  const D z = rounded(f * f);
  const D sine = rounded(
      f * polynomial(z, 1.570796326794896619, -0.645964097506246201, 0.07969262624616563983,
                     -0.004681754135304255323, 0.0001604411847130915918, -3.598843020467257522e-6,
                     5.692136428098625246e-8, -6.684416831856084348e-10, 5.872975744799950138e-12));
  const D cosine = rounded(rounded((1.0 - f) * (1.0 + f)) *
                           polynomial(z, 1.0, -0.2337005501361698273, 0.01996895776487817321,
                                      -0.0008945229984744999523, 0.00002473727636245396905,
                                      -4.64765999767534186e-7, 6.321451017702252079e-9,
                                      -6.511175535775044345e-11, 5.125149352955355534e-13));
  const U mirrored = reinterpret_cast<U>(rounded(r * cosine)) ^ (angle << 63);
  return {reinterpret_cast<D>(mirrored), rounded(r * sine)};
}

}  // namespace tweedie
