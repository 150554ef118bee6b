// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

// Box-Muller as the library computes it in vectors, one number at a time and with standard
// functions of the language only: a second transcription that has to agree bit for bit.
namespace reference {

/// Two independent standard normals.
template <class T>
struct NormalPair {
  T cosine, sine;
};

/// The product as its type rounds it, never contracted into a fused multiply-add: with it the same
/// random words give the same normals, bit for bit, from every compiler and instruction set.
template <class T>
inline T rounded(T product) {
#if defined(__GNUC__) && defined(__SSE2__)
  asm("" : "+x"(product));
#elif defined(__GNUC__) && defined(__aarch64__)
  asm("" : "+w"(product));
#endif
  return product;
}

/// c0 + c1 x + c2 x^2 + ... by Horner's rule.
template <class T>
inline T polynomial(T, T c0) {
  return c0;
}
template <class T, class... Rest>
inline T polynomial(T x, T c0, Rest... rest) {
  return c0 + rounded(x * polynomial(x, rest...));
}

// Box & Muller 1958: r cos(a) and r sin(a) with r = sqrt(-2 log u). The angle is f pi/2 with f in
// [-1, 1), and the lowest bit of its word mirrors the cosine, which covers the circle without range
// reduction. log, sin and cos are polynomials (coefficients.py makes their figures).

/// From two 32-bit words. u = (k + 1/2) / 2^31 with k < 2^31: |normal| <= 6.7. Relative accuracy of
/// sin, cos and -2 log u is 3e-8 before rounding.
inline NormalPair<float> box_muller(std::uint32_t radius, std::uint32_t angle) {
  const float x = static_cast<float>(static_cast<std::int32_t>(radius >> 1)) + 0.5f;  // 2^31 u
  // u = 2^e (1 + m) with 1 + m in [sqrt(1/2), sqrt(2)): subtracting the bits of 2^31 sqrt(1/2)
  // leaves e above the mantissa.
  constexpr std::int32_t root_half = 0x3f3504f3;
  const std::int32_t offset = std::bit_cast<std::int32_t>(x) - (root_half + (31 << 23));
  const float m = std::bit_cast<float>((offset & 0x7fffff) + root_half) - 1.0f;
  const float e = static_cast<float>(offset >> 23);
  const float p = polynomial(m, 0.9999998322f, -0.6666790048f, 0.5000351003f, -0.3992414257f,
                             0.3314102814f, -0.2983597757f, 0.2861496614f, -0.1746950123f);
  const float log_part = rounded(rounded(p * m) * m) - rounded(2.0f * m);
  const float r = std::sqrt(log_part + rounded(e * -1.38629436112f));

  const float f = rounded(static_cast<float>(static_cast<std::int32_t>(angle)) * 0x1p-31f);
  const float z = rounded(f * f);
  const float sine = rounded(f * polynomial(z, 1.57079632f, -0.6459637596f, 0.07968991833f,
                                            -0.004674143838f, 0.0001516717037f));
  // (1 - f)(1 + f) keeps the relative accuracy where the cosine vanishes.
  const float cosine =
      rounded(rounded((1.0f - f) * (1.0f + f)) * polynomial(z, 1.0f, -0.2337005466f, 0.01996884464f,
                                                            -0.0008939560742f, 2.382491856e-5f));
  const float mirror = std::bit_cast<float>(0x3f800000u | (angle << 31));
  return {rounded(r * cosine) * mirror, rounded(r * sine)};
}

/// From two 64-bit words, of which 52 bits each are used. u = (k + 1/2) / 2^52: |normal| <= 8.6.
inline NormalPair<double> box_muller(std::uint64_t radius, std::uint64_t angle) {
  const double u = (static_cast<double>(static_cast<std::int64_t>(radius >> 12)) + 0.5) * 0x1p-52;
  constexpr std::int64_t root_half = 0x3fe6a09e667f3bcd;
  const std::int64_t offset = std::bit_cast<std::int64_t>(u) - root_half;
  const double m = std::bit_cast<double>((offset & 0xfffffffffffff) + root_half) - 1.0;
  const double e = static_cast<double>(offset >> 52);
  // log(1 + m) = 2 atanh(s) = s (2 + s^2 R(s^2))
  const double s = m / (2.0 + m), s2 = rounded(s * s);
  const double R = polynomial(s2, 0.6666666666666666646, 0.4000000000000087698,
                              0.2857142857080361181, 0.2222222239171391744, 0.1818179564013290628,
                              0.1538623970281465819, 0.1326877313865688518, 0.1308662614784010214);
  const double log_part = rounded(s * (2.0 + rounded(s2 * R)));
  const double r = std::sqrt(rounded(-2.0 * (log_part + rounded(e * 0.693147180559945309417))));

  const double f = rounded(2.0 * std::bit_cast<double>((angle >> 12) | 0x3ff0000000000000u)) - 3.0;
  const double z = rounded(f * f);
  const double sine = rounded(
      f * polynomial(z, 1.570796326794896619, -0.645964097506246201, 0.07969262624616563983,
                     -0.004681754135304255323, 0.0001604411847130915918, -3.598843020467257522e-6,
                     5.692136428098625246e-8, -6.684416831856084348e-10, 5.872975744799950138e-12));
  const double cosine = rounded(rounded((1.0 - f) * (1.0 + f)) *
                                polynomial(z, 1.0, -0.2337005501361698273, 0.01996895776487817321,
                                           -0.0008945229984744999523, 0.00002473727636245396905,
                                           -4.64765999767534186e-7, 6.321451017702252079e-9,
                                           -6.511175535775044345e-11, 5.125149352955355534e-13));
  const double mirror = std::bit_cast<double>(0x3ff0000000000000u | (angle << 63));
  return {rounded(r * cosine) * mirror, rounded(r * sine)};
}

}  // namespace reference
