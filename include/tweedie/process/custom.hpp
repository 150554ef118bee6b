// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <functional>
#include <utility>

#include "tweedie/math/dual.hpp"
#include "tweedie/process/process.hpp"

namespace tweedie {

/// A function of t that takes a double and a dual number, as `[](auto t) { return 1 - t * t; }`.
template <class F>
concept Differentiable = std::invocable<const F&, math::Dual>;

/// A process given by its scale(t) and std(t); sigma = std/scale must increase with t on
/// [0, t_max], or from t_min if that lies below 0. The rates are given too, or taken by dual numbers from functions that accept them.
/// sigma(t) is inverted by bisection, from there to t_max and on to where a larger sigma lies.
class CustomProcess {
 public:
  double t_min, t_max;

  /// Both functions take a double and a dual number, which gives the rates.
  template <Differentiable Scale, Differentiable Std>
  CustomProcess(Scale scale, Std std, double from, double to)
      : t_min(from), t_max(to), at_([scale, std](double t) {
          const math::Dual s = scale(math::Dual(t, 1)), d = std(math::Dual(t, 1));
          return level(t, s.value, d.value, s.rate, d.rate);
        }) {}

  /// All four are callable with double.
  template <class Scale, class Std, class ScaleRate, class StdRate>
  CustomProcess(Scale scale, Std std, ScaleRate scale_rate, StdRate std_rate, double from,
                double to)
      : t_min(from),
        t_max(to),
        at_([=](double t) { return level(t, scale(t), std(t), scale_rate(t), std_rate(t)); }) {
    verbs::check_callable("CustomProcess: scale", scale);
    verbs::check_callable("CustomProcess: std", std);
    verbs::check_callable("CustomProcess: scale_rate", scale_rate);
    verbs::check_callable("CustomProcess: std_rate", std_rate);
  }

  Level at(double t) const {
    Level l = at_(t);
    // At clean data g^2 may be 0 times infinity: it is the limit from above.
    const Level above = l.std == 0 ? at_(t + 1e-9 * (t_max - t)) : l;
    if (!std::isfinite(l.g2)) l.g2 = above.g2;
    if (std::isnan(l.std_rate)) l.std_rate = above.std_rate;
    return l;
  }

  /// Throws Error if no time has this sigma.
  double time_of_sigma(double sigma) const {
    double low = std::min(0.0, t_min), high = t_max;
    // Beyond t_max sigma need not be defined far: step on while it rises, with smaller steps where
    // it does not.
    for (double step = t_max / 64, next = 0; at(high).sigma() < sigma && high + step > high;) {
      next = high + step;
      const bool rises = at(next).sigma() > at(high).sigma();
      high = rises ? next : high;
      step = rises ? 2 * step : step / 4;
    }
    check(sigma >= at(low).sigma() && sigma <= at(high).sigma(), "CustomProcess: sigma = ", sigma,
          " is not reached; it must lie from ", at(low).sigma(), " to ", at(high).sigma(),
          sigma == 0 ? "; end there with {.to_zero = false}" : "");
    if (sigma == at(low).sigma()) return low;
    for (double middle = (low + high) / 2; low < middle && middle < high; middle = (low + high) / 2)
      (at(middle).sigma() < sigma ? low : high) = middle;
    return high;
  }

 private:
  std::function<Level(double)> at_;

  static Level level(double t, double scale, double std, double scale_rate, double std_rate) {
    return {.t = t,
            .scale = scale,
            .std = std,
            .scale_rate = scale_rate,
            .std_rate = std_rate,
            .g2 = 2 * std * (std_rate - scale_rate / scale * std)};
  }
};

static_assert(Process<CustomProcess>);

}  // namespace tweedie
