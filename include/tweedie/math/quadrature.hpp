// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace tweedie::math {

/// Gauss-Legendre nodes and weights of 16 points on [-1, 1]: one half, the other is its mirror.
/// Abramowitz & Stegun, table 25.4.
inline constexpr std::array<double, 8> gauss16_nodes{
    0.0950125098376374402, 0.2816035507792589132, 0.4580167776572273863, 0.6178762444026437484,
    0.7554044083550030338, 0.8656312023878317438, 0.9445750230732325761, 0.9894009349916499326};
inline constexpr std::array<double, 8> gauss16_weights{
    0.1894506104550684962, 0.1826034150449235888, 0.1691565193950025381, 0.1495959888165767320,
    0.1246289712555338720, 0.0951585116824927848, 0.0622535239386478928, 0.0271524594117540948};

/// The integral of f from a to b by 16 Gauss points.
inline double gauss_legendre(double a, double b, auto&& f) {
  const double middle = (a + b) / 2, half = (b - a) / 2;
  double sum = 0;
  for (std::size_t k = 0; k < gauss16_nodes.size(); ++k) {
    const double offset = half * gauss16_nodes[k];
    sum += gauss16_weights[k] * (f(middle - offset) + f(middle + offset));
  }
  return half * sum;
}

/// The j-th Lagrange polynomial over the nodes, at x: 1 at node j, 0 at the others.
inline double lagrange(std::span<const double> nodes, std::size_t j, double x) {
  double product = 1;
  for (std::size_t k = 0; k < nodes.size(); ++k)
    if (k != j) product *= (x - nodes[k]) / (nodes[j] - nodes[k]);
  return product;
}

/// z phi_k(z), k >= 1, of exponential integrators: phi_0 = exp, phi_{k+1}(z) = (phi_k(z) - 1/k!) /
/// z. The recursion loses its digits where |z| < k, where the series serves; defined at z =
/// -infinity.
inline double z_times_phi(int k, double z) {
  if (k == 1) return std::expm1(z);
  double inverse_factorial = 1;  // of k - 1
  for (int j = 2; j < k; ++j) inverse_factorial /= j;
  if (!(std::abs(z) < k)) return z_times_phi(k - 1, z) / z - inverse_factorial;
  double sum = 0, term = inverse_factorial * z / k;
  for (int j = 1; std::abs(term) > 1e-18 * std::abs(sum); ++j) sum += term, term *= z / (k + j);
  return sum;
}

/// The weights w with sum_m w_m nodes_m^k = moments_k for k = 0, 1, ...: the quadrature rule of
/// these moments. Bjorck & Pereyra 1970, doi:10.1090/S0025-5718-1970-0290541-1.
inline std::vector<double> quadrature_weights(std::span<const double> nodes,
                                              std::vector<double> moments) {
  const std::size_t n = nodes.size();
  for (std::size_t k = 0; k + 1 < n; ++k)
    for (std::size_t i = n - 1; i > k; --i) moments[i] -= nodes[k] * moments[i - 1];
  for (std::size_t gap = n; gap-- > 1;) {
    for (std::size_t i = gap; i < n; ++i) moments[i] /= nodes[i] - nodes[i - gap];
    for (std::size_t i = gap - 1; i + 1 < n; ++i) moments[i] -= moments[i + 1];
  }
  return moments;
}

}  // namespace tweedie::math
