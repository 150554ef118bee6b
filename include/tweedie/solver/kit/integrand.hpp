// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "tweedie/process/level.hpp"

namespace tweedie {

// An Adams-Bashforth method takes a part of the step exactly and integrates a polynomial for the
// rest, x_u = carry x_t + integral of kernel(sigma) value d(log sigma) from t to u. An integrand
// says which: `value` is what is interpolated, `first_order` the step with the value at t alone,
// `constant` the integral of the kernel.

/// epsilon: with y = x / scale, y_u = y_t + integral of epsilon dsigma.
struct EpsilonIntegrand {
  static constexpr const char* name = "Adams-Bashforth";
  template <class X>
  static X value(auto& c, const X& x, const Level& t) {
    return c.epsilon(x, t);
  }
  template <class X>
  static X first_order(auto& c, const X& x, const Level& t, const Level& u) {
    return c.mix(x, t, u.scale, u.std);
  }
  static double constant(const Level& t, const Level& u) {
    return u.scale * (u.sigma() - t.sigma());
  }
  static double kernel(double sigma, const Level& u) { return u.scale * sigma; }
};

/// What the model adds to the exact answer for data N(0, s^2 I), which turns (data / s, epsilon) by
/// the angle atan(sigma / s): (a epsilon - std data / s) / r, a = s scale, r = hypot(a, std). It is v
/// for a variance-preserving process and s = 1.
struct ResidualIntegrand {
  double deviation = 1;  ///< s, of the data

  static constexpr const char* name = "residual Adams-Bashforth";
  double a(const Level& l) const { return deviation * l.scale; }
  double r(const Level& l) const { return std::hypot(a(l), l.std); }
  template <class X>
  X value(auto& c, const X& x, const Level& t) const {
    return c.mix(x, t, -t.std / (deviation * r(t)), a(t) / r(t));
  }
  template <class X>
  X first_order(auto& c, const X& x, const Level& t, const Level& u) const {
    const double turn = constant(t, u) / r(t), stay = r(u) / r(t);
    return c.mix(x, t, stay * t.scale - turn * t.std / deviation, stay * t.std + turn * a(t));
  }
  double constant(const Level& t, const Level& u) const {
    return r(u) * std::atan2(u.std * a(t) - a(u) * t.std, a(u) * a(t) + u.std * t.std);
  }
  double kernel(double sigma, const Level& u) const {
    return r(u) * deviation * sigma / (deviation * deviation + sigma * sigma);
  }
};

}  // namespace tweedie
