// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <concepts>
#include <functional>
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

  template <ProcessType P>
  AnyProcess(P process) {
    static_assert(Process<P>,
                  "a process has at(t) -> Level, time_of_sigma(sigma), t_min and t_max");
    if constexpr (Process<P>) {  // otherwise the sentence above is enough
      t_min = process.t_min, t_max = process.t_max;
      at_ = [process](double t) { return process.at(t); };
      time_of_sigma_ = [process](double sigma) { return process.time_of_sigma(sigma); };
      check_range();
    }
  }

  Level at(double t) const { return at_(t); }
  double time_of_sigma(double sigma) const { return time_of_sigma_(sigma); }
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
  }
};

}  // namespace tweedie
