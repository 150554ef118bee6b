// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <functional>
#include <limits>
#include <type_traits>

#include "tweedie/error.hpp"
#include "tweedie/process/level.hpp"

namespace tweedie {

/// A forward process: its marginals over time, the inverse of sigma(t), and the range of t in which
/// sampling runs, from t_max (noise) down to t_min (nearly data). sigma increases strictly with t;
/// time_of_sigma(0) is the time of clean data, where at(...).std is exactly 0.
template <class P>
concept Process = requires(const P& process, double value) {
  { process.at(value) } -> std::same_as<Level>;
  { process.time_of_sigma(value) } -> std::convertible_to<double>;
  { process.t_min } -> std::convertible_to<double>;
  { process.t_max } -> std::convertible_to<double>;
};

/// A type that is not `T`: a constructor that takes anything must leave copies to the compiler.
template <class Other, class T>
concept OtherThan = !std::same_as<Other, T>;

template <class P>
concept ProcessType = OtherThan<P, class AnyProcess> && std::is_class_v<P>;

/// Any process, chosen at run time. Grids and plans are made through it, so that a solver is
/// compiled once and not once a process. Throws Error if the process contradicts itself.
class AnyProcess {
 public:
  double t_min = 0, t_max = 0;
  /// Beyond it no network knows anything: the end of a table. A process may say so.
  double t_last = std::numeric_limits<double>::infinity();

  template <ProcessType P>
  AnyProcess(P process) {
    static_assert(Process<P>,
                  "a process has at(t) -> Level, time_of_sigma(sigma), t_min and t_max");
    if constexpr (Process<P>) {  // otherwise the sentence above is enough
      t_min = process.t_min, t_max = process.t_max;
      if constexpr (requires { process.t_last; }) t_last = process.t_last;
      at_ = [process](double t) { return process.at(t); };
      time_of_sigma_ = [process](double sigma) { return process.time_of_sigma(sigma); };
      check_range();
    }
  }

  Level at(double t) const { return at_(t); }
  double time_of_sigma(double sigma) const {
    check(sigma >= 0, "process: sigma = ", sigma, " must be at least 0");
    const double t = time_of_sigma_(sigma);
    check(!std::isnan(t), "process: sigma = ", sigma, " is not reached; at t_max = ", t_max,
          " it is ", at(t_max).sigma());
    return t;
  }
  Level at_sigma(double sigma) const { return at(time_of_sigma(sigma)); }

 private:
  std::function<Level(double)> at_;
  std::function<double(double)> time_of_sigma_;

  void check_range() const {
    check(std::isfinite(t_min) && std::isfinite(t_max) && t_min < t_max, "process: t_min = ", t_min,
          " and t_max = ", t_max, " must be finite with t_min < t_max");
    const double low = at(t_min).sigma(), high = at(t_max).sigma();
    check(low >= 0 && low < high, "process: sigma(t_min) = ", low, " and sigma(t_max) = ", high,
          " must not be negative, and sigma must increase with t");
    constexpr int points = 8;
    for (int k = 0; k <= points; ++k) check_level(t_min + (t_max - t_min) * k / points);
    for (int k = 0; k < points; ++k)
      check_rates(t_min + (t_max - t_min) * (k + 0.62) / points, 1e-6 * (t_max - t_min));
  }
  void check_level(double t) const {
    const Level l = at(t);
    const double sigma = l.sigma(), back = at(time_of_sigma_(sigma)).sigma();
    check(l.t == t && l.scale >= 0 && l.std >= 0, "process: at(", t, ") has t = ", l.t,
          ", scale = ", l.scale, " and std = ", l.std,
          "; t must be the one asked for, and scale and std at least 0");
    check(back == sigma || std::abs(back - sigma) <= 1e-6 * sigma, "process: at(", t,
          ") has sigma = ", sigma, ", but time_of_sigma(", sigma, ") = ", time_of_sigma_(sigma),
          " has sigma = ", back, "; time_of_sigma must be the inverse");
  }
  void check_rates(double t, double step) const {
    const Level below = at(t - step), l = at(t), above = at(t + step);
    check(below.sigma() < l.sigma() && l.sigma() < above.sigma(), "process: sigma is ", l.sigma(),
          " at t = ", t, " and ", above.sigma(), " a little later; it must increase with t");
    // A rate lies between the slopes before and after, which differ at a table's entries.
    const auto agrees = [&](double rate, double before, double now, double after) {
      const double a = (now - before) / step, b = (after - now) / step;
      const double room = 1e-2 * (std::abs(a) + std::abs(now) / (t_max - t_min));
      return rate >= std::min(a, b) - room && rate <= std::max(a, b) + room;
    };
    check(agrees(l.scale_rate, below.scale, l.scale, above.scale) &&
              agrees(l.std_rate, below.std, l.std, above.std),
          "process: at t = ", t, " scale_rate = ", l.scale_rate, " and std_rate = ", l.std_rate,
          ", but the slopes of scale and std are ", (above.scale - below.scale) / (2 * step),
          " and ", (above.std - below.std) / (2 * step));
    const double g2 = 2 * l.std * (l.std_rate - l.f() * l.std);
    check(std::abs(l.g2 - g2) <= 1e-2 * std::abs(g2), "process: at t = ", t, " g2 = ", l.g2,
          ", but 2 std (std_rate - f std) = ", g2);
  }
};

}  // namespace tweedie
