// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <span>

namespace tweedie {

/// Gauss-Legendre nodes and weights of 16 points on [-1, 1]: one half, the other is its mirror.
/// Abramowitz & Stegun, table 25.4.
inline constexpr std::array<double, 8> gauss16_nodes{
    0.0950125098376374402, 0.2816035507792589132, 0.4580167776572273863, 0.6178762444026437484,
    0.7554044083550030338, 0.8656312023878317438, 0.9445750230732325761, 0.9894009349916499326};
inline constexpr std::array<double, 8> gauss16_weights{
    0.1894506104550684962, 0.1826034150449235888, 0.1691565193950025381, 0.1495959888165767320,
    0.1246289712555338720, 0.0951585116824927848, 0.0622535239386478928, 0.0271524594117540948};

/// The integral of f from a to b by 16 Gauss points.
inline double integrate(double a, double b, auto&& f) {
  const double middle = (a + b) / 2, half = (b - a) / 2;
  double sum = 0;
  for (std::size_t k = 0; k < gauss16_nodes.size(); ++k) {
    const double offset = half * gauss16_nodes[k];
    sum += gauss16_weights[k] * (f(middle - offset) + f(middle + offset));
  }
  return half * sum;
}

/// The j-th Lagrange polynomial over the nodes: 1 at node j, 0 at the others.
inline double lagrange(std::span<const double> nodes, std::size_t j, double at) {
  double product = 1;
  for (std::size_t k = 0; k < nodes.size(); ++k)
    if (k != j) product *= (at - nodes[k]) / (nodes[j] - nodes[k]);
  return product;
}

}  // namespace tweedie
