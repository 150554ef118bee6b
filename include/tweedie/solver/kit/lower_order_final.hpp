// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <limits>

#include "tweedie/grid/interval.hpp"

namespace tweedie {

/// Whether a multistep method falls in order over its last steps, so that it ends with a step of
/// first order. Peers do, for the sake of few steps: dpm-solver below 10 steps, diffusers below 15,
/// UniPC always. It limits the global order to 2.
struct LowerOrderFinal {
  int steps = 0;  ///< in runs of fewer steps than this

  static constexpr LowerOrderFinal never() { return {0}; }
  static constexpr LowerOrderFinal always() { return {std::numeric_limits<int>::max()}; }
  static LowerOrderFinal below(int count) {
    check(count >= 0, "LowerOrderFinal::below: steps = ", count, " must be at least 0");
    return {count};
  }

  int limit(int order, const Interval& s) const {
    return s.count < steps ? std::min(order, s.count - s.index) : order;
  }
  /// The order of a whole run, by default of a run that is long enough.
  int global(int order) const { return *this == always() ? std::min(order, 2) : order; }
  friend bool operator==(const LowerOrderFinal&, const LowerOrderFinal&) = default;
};

}  // namespace tweedie
