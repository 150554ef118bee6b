// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <type_traits>

#include "tweedie/simd/interleaved.hpp"

namespace tweedie::normals {

using namespace simd;

/// Standard normals from the cosines, and as many from the sines, independent of each other.
template <class V>
struct NormalPairs {
  V cosine, sine;
};

/// c0 + c1 x + c2 x^2 + ... by Horner's rule.
template <class V, class T>
[[gnu::always_inline]] inline auto polynomial(V x, T c0, T c1) {
  return c0 + uncontracted(x * c1);
}
template <class V, class T, class... Rest>
[[gnu::always_inline]] inline auto polynomial(V x, T c0, T c1, Rest... rest) {
  return c0 + uncontracted(x * polynomial(x, c1, rest...));
}

// Box & Muller 1958: r cos(a) and r sin(a) with r = sqrt(-2 log u). The angle is f pi/2 with f in
// [-1, 1), and the lowest bit of its word mirrors the cosine, which covers the circle without range
// reduction. log, sin and cos are polynomials (tests/reference/coefficients.py makes their
// figures), so that nothing depends on a mathematics library.

/// From two 32-bit words a lane. u = (k + 1/2) / 2^31 with k < 2^31: |normal| <= 6.7. Relative
/// accuracy of sin, cos and -2 log u is 3e-8 before rounding.
template <class W>
[[gnu::always_inline]] inline auto box_muller_float(W radius, W angle) {
  using std::int32_t;
  const auto x = convert<float>(bits_as<int32_t>(radius >> 1)) + 0.5f;  // 2^31 u
  // u = 2^e (1 + m) with 1 + m in [sqrt(1/2), sqrt(2)): subtracting the bits of 2^31 sqrt(1/2)
  // leaves e above the mantissa.
  constexpr int32_t root_half = 0x3f3504f3;
  const auto offset = bits_as<int32_t>(x) - (root_half + (31 << 23));
  const auto m = bits_as<float>((offset & 0x7fffff) + root_half) - 1.0f;
  const auto e = convert<float>(offset >> 23);
  const auto p = polynomial(m, 0.9999998322f, -0.6666790048f, 0.5000351003f, -0.3992414257f,
                            0.3314102814f, -0.2983597757f, 0.2861496614f, -0.1746950123f);
  const auto log_part = uncontracted(uncontracted(p * m) * m) - (m + m);
  const auto r = sqrt(log_part + uncontracted(e * -1.38629436112f));

  const auto f = uncontracted(convert<float>(bits_as<int32_t>(angle)) * 0x1p-31f);
  const auto z = uncontracted(f * f);
  const auto sine = uncontracted(f * polynomial(z, 1.57079632f, -0.6459637596f, 0.07968991833f,
                                                -0.004674143838f, 0.0001516717037f));
  // (1 - f)(1 + f) keeps the relative accuracy where the cosine vanishes.
  const auto cosine = uncontracted(
      uncontracted((1.0f - f) * (1.0f + f)) *
      polynomial(z, 1.0f, -0.2337005466f, 0.01996884464f, -0.0008939560742f, 2.382491856e-5f));
  const auto mirrored = bits_as<std::uint32_t>(uncontracted(r * cosine)) ^ (angle << 31);
  return NormalPairs<std::decay_t<decltype(r)>>{bits_as<float>(mirrored), uncontracted(r * sine)};
}

/// From two 64-bit words a lane, of which 52 bits each are used. u = (k + 1/2) / 2^52: |normal| <=
/// 8.6.
template <class W>
[[gnu::always_inline]] inline auto box_muller_double(W radius, W angle) {
  using std::uint64_t;
  // A whole number below 2^52 becomes a double by way of the bits of 2^52 + number.
  constexpr uint64_t of_2_52 = 0x4330000000000000, root_half = 0x3fe6a09e667f3bcd, bias = 64;
  const auto u =
      uncontracted(((bits_as<double>((radius >> 12) | of_2_52) - 0x1p52) + 0.5) * 0x1p-52);
  const auto offset = bits_as<uint64_t>(u) - root_half + (bias << 52);
  const auto m = bits_as<double>((offset & uint64_t{0xfffffffffffff}) + root_half) - 1.0;
  const auto e = (bits_as<double>((offset >> 52) | of_2_52) - 0x1p52) - static_cast<double>(bias);
  // log(1 + m) = 2 atanh(s) = s (2 + s^2 R(s^2))
  const auto s = m / (2.0 + m), s2 = uncontracted(s * s);
  const auto R = polynomial(s2, 0.6666666666666666646, 0.4000000000000087698, 0.2857142857080361181,
                            0.2222222239171391744, 0.1818179564013290628, 0.1538623970281465819,
                            0.1326877313865688518, 0.1308662614784010214);
  const auto log_part = uncontracted(s * (2.0 + uncontracted(s2 * R)));
  const auto log_u = log_part + uncontracted(e * 0.693147180559945309417);
  const auto r = sqrt(0.0 - (log_u + log_u));

  const auto f = bits_as<double>((angle >> 12) | uint64_t{0x3ff0000000000000}) * 2.0 - 3.0;
  const auto z = uncontracted(f * f);
  const auto sine = uncontracted(
      f * polynomial(z, 1.570796326794896619, -0.645964097506246201, 0.07969262624616563983,
                     -0.004681754135304255323, 0.0001604411847130915918, -3.598843020467257522e-6,
                     5.692136428098625246e-8, -6.684416831856084348e-10, 5.872975744799950138e-12));
  const auto cosine = uncontracted(
      uncontracted((1.0 - f) * (1.0 + f)) *
      polynomial(z, 1.0, -0.2337005501361698273, 0.01996895776487817321, -0.0008945229984744999523,
                 0.00002473727636245396905, -4.64765999767534186e-7, 6.321451017702252079e-9,
                 -6.511175535775044345e-11, 5.125149352955355534e-13));
  const auto mirrored = bits_as<uint64_t>(uncontracted(r * cosine)) ^ (angle << 63);
  return NormalPairs<std::decay_t<decltype(r)>>{bits_as<double>(mirrored), uncontracted(r * sine)};
}

}  // namespace tweedie::normals
