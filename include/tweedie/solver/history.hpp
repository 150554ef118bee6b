// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

#include "tweedie/solver/solver.hpp"

namespace tweedie {

/// The evaluations that a multistep method remembers, newest first, and their places on its clock.
template <class X>
struct History {
  std::vector<X> values;
  std::vector<double> at;

  int size() const { return static_cast<int>(at.size()); }
  const X& operator[](int age) const { return values[static_cast<std::size_t>(age)]; }

  void push(const X& value, double when, int most) {
    values.insert(values.begin(), value);
    at.insert(at.begin(), when);
    while (size() > most) values.pop_back(), at.pop_back();
  }
};

/// Whether a multistep method falls in order over its last steps, so that it ends with a step of
/// first order. Peers do, for the sake of few steps: dpm-solver below 10 steps, diffusers below 15,
/// UniPC always. It limits the global order to 2.
struct LowerOrderFinal {
  int steps = 0;  ///< in runs of fewer steps than this

  static constexpr LowerOrderFinal never() { return {0}; }
  static constexpr LowerOrderFinal always() { return {std::numeric_limits<int>::max()}; }
  static LowerOrderFinal below(int count) {
    check_not_negative("LowerOrderFinal", "steps", count);
    return {count};
  }

  int limit(int order, const Interval& s) const {
    return s.count < steps ? std::min(order, s.count - s.index) : order;
  }
  /// The order of a whole run, by default of a run that is long enough.
  int global(int order) const { return *this == always() ? std::min(order, 2) : order; }
  friend bool operator==(const LowerOrderFinal&, const LowerOrderFinal&) = default;
};

// A multistep solver gathers its history in
//
//     template <class X>
//     void observe(auto& c, const Interval& s, const X& x, Memory<X>& past) const;
//
// which Started calls while another solver makes the first steps.

}  // namespace tweedie
