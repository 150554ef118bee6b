// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <string_view>

#include "tweedie/process/level.hpp"

namespace tweedie {

// The variables in which the probability-flow ODE dy/dclock = slope is solved. A frame has
//   of(level)            the clock                 level(c, clock)      its level
//   to(x, level)         y from the state x        from(y, level)       x from y
//   slope(c, x, level)   dy/dclock, by the model
//   euler(c, x, t, u)    x at level u by the slope at (x, t); in sigma it holds at both ends, and
//                        to clean data it is the model's data but for the frame of time
// Solvers are written once and take a frame; which one suits depends on the process.

/// y = x, clock t: dx/dt = velocity. Plain Euler, Heun and RK4 of Song et al. 2020.
struct InTime {
  static constexpr std::string_view name = "time";
  static double of(const Level& l) { return l.t; }
  static Level level(const auto& c, double t) { return c.level_at_time(t); }
  template <class X>
  static X to(const X& x, const Level&) {
    return x;
  }
  template <class X>
  static X from(const X& y, const Level&) {
    return y;
  }
  template <class X>
  static X slope(auto& c, const X& x, const Level& l) {
    return c.velocity(x, l);
  }
  template <class X>
  static X euler(auto& c, const X& x, const Level& t, const Level& u) {
    return x + (u.t - t.t) * c.velocity(x, t);
  }
};

/// y = x / scale, clock sigma: dy/dsigma = epsilon, for every process. EDM's algorithm 1, LMS.
struct InSigma {
  static constexpr std::string_view name = "sigma";
  static double of(const Level& l) { return l.sigma(); }
  static Level level(const auto& c, double sigma) { return c.level_at_sigma(sigma); }
  template <class X>
  static X to(const X& x, const Level& l) {
    return x / l.scale;
  }
  template <class X>
  static X from(const X& y, const Level& l) {
    return l.scale * y;
  }
  template <class X>
  static X slope(auto& c, const X& x, const Level& l) {
    return c.epsilon(x, l);
  }
  template <class X>
  static X euler(auto& c, const X& x, const Level& t, const Level& u) {
    return c.mix(x, t, u.scale, u.std);
  }
};

/// y = x / scale, clock lambda = -log sigma: dy/dlambda = data - y = -sigma epsilon.
struct InLambda {
  static constexpr std::string_view name = "lambda";
  static double of(const Level& l) { return l.lambda(); }
  static Level level(const auto& c, double lambda) { return c.level_at_sigma(std::exp(-lambda)); }
  template <class X>
  static X to(const X& x, const Level& l) {
    return x / l.scale;
  }
  template <class X>
  static X from(const X& y, const Level& l) {
    return l.scale * y;
  }
  template <class X>
  static X slope(auto& c, const X& x, const Level& l) {
    return -l.sigma() * c.epsilon(x, l);
  }
  template <class X>
  static X euler(auto& c, const X& x, const Level& t, const Level& u) {
    if (u.is_clean_data()) return c.mix(x, t, u.scale, 0);
    const double h = u.lambda() - t.lambda();
    return c.mix(x, t, u.scale, u.scale * t.sigma() * (1 - h));
  }
};

}  // namespace tweedie
