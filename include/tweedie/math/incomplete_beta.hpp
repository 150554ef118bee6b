// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

namespace tweedie::math {

/// The regularised incomplete beta function I_x(a, b), the distribution function of Beta(a, b), for
/// a and b from 0.01 to 100: the continued fraction DLMF 8.17.22 from its end, which converges fast
/// for x below (a + 1) / (a + b + 2).
inline double incomplete_beta(double x, double a, double b) {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incomplete_beta(1 - x, b, a);
  double fraction = 1;
  for (int m = 200; m >= 0; --m) {
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    fraction = 1 + odd / fraction;
    if (m > 0) fraction = 1 + even / fraction;
  }
  return std::exp(a * std::log(x) + b * std::log1p(-x) + std::lgamma(a + b) - std::lgamma(a) -
                  std::lgamma(b)) /
         (a * fraction);
}

/// The x with I_x(a, b) = part, by bisection.
inline double beta_quantile(double part, double a, double b) {
  double low = 0, high = 1;
  for (double middle = 0.5; low < middle && middle < high; middle = (low + high) / 2)
    (incomplete_beta(middle, a, b) < part ? low : high) = middle;
  return high;
}

}  // namespace tweedie::math
