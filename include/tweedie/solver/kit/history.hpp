// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include "tweedie/error.hpp"
#include "tweedie/math/by_index.hpp"
#include "tweedie/process/level.hpp"

namespace tweedie {

/// The values that a multistep method remembers, newest first, each with its level. Interpolation
/// is over a clock of the levels: lambda by default, or a function such as &Level::sigma or
/// InTime::of.
template <class X>
class History {
  using Lambda = double (Level::*)() const;

 public:
  int size() const { return static_cast<int>(entries_.size()); }
  const X& operator[](int age) const { return entry(age).value; }
  const Level& level(int age) const { return entry(age).level; }

  /// How many of the newest values lie at finite places: the first of a run may not.
  template <class C = Lambda>
  int finite(C clock = &Level::lambda) const {
    int count = 0;
    while (count < size() && std::isfinite(node(clock, count))) ++count;
    return count > 0 ? count : size() > 0;
  }

  /// The places of the newest `count` values.
  template <class C = Lambda>
  std::vector<double> nodes(int count, C clock = &Level::lambda) const {
    std::vector<double> all;
    for (int k = 0; k < count; ++k) all.push_back(node(clock, k));
    return all;
  }

  // Newton's divided differences of the newest values, and the derivative at the newest one of the
  // polynomial through three.
  template <class C = Lambda>
  X first_difference(C clock = &Level::lambda, int age = 0) const {
    return ((*this)[age] - (*this)[age + 1]) / (node(clock, age) - node(clock, age + 1));
  }
  template <class C = Lambda>
  X second_difference(C clock = &Level::lambda) const {
    return (first_difference(clock) - first_difference(clock, 1)) /
           (node(clock, 0) - node(clock, 2));
  }
  template <class C = Lambda>
  X derivative(C clock = &Level::lambda) const {
    return first_difference(clock) + (node(clock, 0) - node(clock, 1)) * second_difference(clock);
  }

  /// Puts a value in front and forgets all but the newest `most`.
  void push(const X& value, const Level& level, int most) {
    entries_.insert(entries_.begin(), {value, level});
    while (size() > most) entries_.pop_back();
  }
  /// This history and one value more.
  History with(const X& value, const Level& level) const {
    History longer = *this;
    longer.push(value, level, size() + 1);
    return longer;
  }

 private:
  struct Entry {
    X value;
    Level level;
  };
  std::vector<Entry> entries_;

  const Entry& entry(int age) const {
    check(age >= 0 && age < size(), "History: value ", age, " is asked for, there are ", size(),
          "; the first steps have fewer, and a multistep method has points() and value()");
    return math::element(entries_, age);
  }
  double node(auto clock, int age) const { return std::invoke(clock, level(age)); }
};

}  // namespace tweedie
