// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <functional>
#include <utility>

#include "tweedie/process/tabulated_vp.hpp"

namespace tweedie {

/// What a network is told as time, as a function of the level. By default it is the process's t.
///
///     predicts_epsilon(f, Label::entry(table))        f(x, t, out) with t an entry of the table
class Label {
 public:
  Label() = default;
  explicit Label(std::function<double(const Level&)> label) : label_(std::move(label)) {}

  double operator()(const Level& level) const { return label_ ? label_(level) : level.t; }

  /// factor * t: 1000 t, or (M - 1) t.
  static Label time(double factor) {
    return Label([factor](const Level& l) { return factor * l.t; });
  }
  /// 1 - t: of flow networks that run from noise at 0 to data at 1 (their velocity has the other
  /// sign, see predicts_reversed_velocity).
  static Label one_minus_time() {
    return Label([](const Level& l) { return 1 - l.t; });
  }
  /// The entry of a table that is nearest in index, within the table: a whole number.
  static Label entry(TabulatedVP table) {
    return Label([table = std::move(table)](const Level& l) {
      return std::nearbyint(table.index_of_time(time_in(table, l)));
    });
  }
  /// The same between entries, for networks that take fractions.
  static Label index(TabulatedVP table) {
    return Label([table = std::move(table)](const Level& l) {
      return table.index_of_time(time_in(table, l));
    });
  }
  static Label sigma() {
    return Label([](const Level& l) { return l.sigma(); });
  }
  /// factor * log(sigma / unit): log(sigma) / 4, or log(sigma / 2).
  static Label log_sigma(double factor = 1, double unit = 1) {
    return Label([=](const Level& l) { return factor * std::log(l.sigma() / unit); });
  }

 private:
  std::function<double(const Level&)> label_;

  /// The table's own time for a level of any process.
  static double time_in(const TabulatedVP& table, const Level& l) {
    return l.is_pure_noise() ? table.t_last : table.time_of_sigma(l.sigma());
  }
};

}  // namespace tweedie
