// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <limits>
#include <numbers>

#include "tweedie/error.hpp"
#include "tweedie/state.hpp"

namespace tweedie {

namespace verbs {

void check_apart(const char* of, const auto& a, const auto& b, const auto& out) {
  check(!verbs::overlap_in_part(a, out) && !verbs::overlap_in_part(b, out), of,
        ": the result shares memory with the latents, in part; let it be one of them, or apart");
}
inline void check_part(const char* of, double part) {
  check(part >= 0 && part <= 1, of, ": part = ", part, " must lie from 0 to 1");
}

/// out = ((1 - part) a + part b) / sqrt((1 - part)^2 + part^2): between two independent normal
/// latents it is normal again, in every dimension. out may be a or b.
template <class X>
void interpolate(const auto& a, const auto& b, double part, X&& out) {
  static_assert(verbs::require_state<X>());
  verbs::check_shape("interpolate: the first latents are", a, "the result", out);
  verbs::check_shape("interpolate: the second latents are", b, "the result", out);
  verbs::check_apart("interpolate", a, b, out);
  verbs::check_part("interpolate", part);
  using T = typename std::decay_t<decltype(out)>::Scalar;
  const double size = std::hypot(1 - part, part);
  out.matrix() =
      static_cast<T>((1 - part) / size) * a.matrix() + static_cast<T>(part / size) * b.matrix();
}

/// Spherical interpolation between two latents, column by column: the direction goes from that of a
/// (part = 0) to that of b (part = 1) along the great circle, the length from |a| to |b|. Shoemake
/// 1985, doi:10.1145/325334.325242. It is meant for latents of a hundred coordinates and more,
/// whose lengths hardly differ; below, interpolate() is the one that keeps them normal. Between
/// opposite directions there is no shortest way: it goes by the coordinate axis that is the most
/// across, and straight in one dimension. out may be a or b.
template <class X>
void slerp(const auto& a, const auto& b, double part, X&& out) {
  static_assert(verbs::require_state<X>());
  verbs::check_shape("slerp: the first latents are", a, "the result", out);
  verbs::check_shape("slerp: the second latents are", b, "the result", out);
  verbs::check_apart("slerp", a, b, out);
  verbs::check_part("slerp", part);
  using T = typename std::decay_t<decltype(out)>::Scalar;
  const double nearly = std::sqrt(static_cast<double>(std::numeric_limits<T>::epsilon()));
  for (Eigen::Index k = 0; k < out.cols(); ++k) {
    const auto x = a.matrix().col(k);
    const auto y = b.matrix().col(k);
    auto z = out.matrix().col(k);
    const T long_x = x.norm(), long_y = y.norm();
    double of_x = 1 - part, of_y = part;
    if (long_x > 0 && long_y > 0) {
      const double apart = static_cast<double>((x / long_x - y / long_y).norm()),
                   together = static_cast<double>((x / long_x + y / long_y).norm()),
                   angle = 2 * std::atan2(apart, together), sine = std::sin(angle),
                   length = (1 - part) * static_cast<double>(long_x) +
                            part * static_cast<double>(long_y);
      if (together < nearly && x.size() > 1) {
        Eigen::Index axis;
        x.cwiseAbs().minCoeff(&axis);
        const double of_axis = static_cast<double>(x[axis] / long_x),
                     across = length * std::sin(part * std::numbers::pi) /
                              std::sqrt((1 - of_axis) * (1 + of_axis));
        const double along = length * std::cos(part * std::numbers::pi) - across * of_axis;
        z = static_cast<T>(along / static_cast<double>(long_x)) * x;
        z[axis] += static_cast<T>(across);
        continue;
      }
      if (apart > nearly && together >= nearly) {
        of_x = length * std::sin((1 - part) * angle) / sine / static_cast<double>(long_x);
        of_y = length * std::sin(part * angle) / sine / static_cast<double>(long_y);
      }
    }
    z = static_cast<T>(of_x) * x + static_cast<T>(of_y) * y;
  }
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
