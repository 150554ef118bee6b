// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>

#include "tweedie/error.hpp"
#include "tweedie/state.hpp"

namespace tweedie::verbs {

/// Spherical interpolation between two latents, column by column: out goes from a (part = 0) to b
/// (part = 1) along the great circle, so that a normal latent stays normal, where a straight line
/// would lose half its variance midway. Shoemake 1985, doi:10.1145/325334.325242. Columns that
/// point the same way are interpolated straight. out may be a or b.
void slerp(const auto& a, const auto& b, double part, State auto& out) {
  verbs::check_shape("slerp: the first latents are", a, "the result", out);
  verbs::check_shape("slerp: the second latents are", b, "the result", out);
  using T = typename std::decay_t<decltype(out)>::Scalar;
  for (Eigen::Index k = 0; k < out.cols(); ++k) {
    const auto x = a.matrix().col(k), y = b.matrix().col(k);
    const double dot = static_cast<double>(x.dot(y));
    const double cosine = dot / (static_cast<double>(x.norm()) * static_cast<double>(y.norm()));
    const double angle = std::acos(std::clamp(cosine, -1.0, 1.0)), sine = std::sin(angle);
    const double from_a = sine > 1e-6 ? std::sin((1 - part) * angle) / sine : 1 - part;
    const double from_b = sine > 1e-6 ? std::sin(part * angle) / sine : part;
    out.matrix().col(k) = static_cast<T>(from_a) * x + static_cast<T>(from_b) * y;
  }
}

}  // namespace tweedie::verbs

namespace tweedie {
using namespace verbs;
}
