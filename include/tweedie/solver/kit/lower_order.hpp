// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tweedie/grid/interval.hpp"
#include "tweedie/solver/option_check.hpp"

namespace tweedie {

/// Where a multistep method takes fewer of its values than its order asks for.
///
/// at_end_below: in runs of fewer steps than this the order falls over the last steps, so that the
/// run ends with a step of first order. Peers do the same: dpm-solver below 10 steps, diffusers
/// below 15, UniPC always, which limits the global order to 2.
///
/// where_unstable: where a step is much longer than those before it, or two levels are nearly
/// equal, extrapolation would multiply a network's error; the order falls to what is stable.
struct LowerOrder {
  int at_end_below = 16;
  bool where_unstable = true;

  static constexpr LowerOrder never() { return {0, false}; }
  static constexpr LowerOrder always_at_end() { return {std::numeric_limits<int>::max()}; }
  /// The same without the end: for a corrector, which follows its predictor.
  LowerOrder inside() const { return {0, where_unstable}; }

  void validate(const OptionCheck& require) const {
    require(at_end_below >= 0, "lower_order.at_end_below = ", at_end_below, " must be at least 0");
  }
  /// The order of a whole run that is long enough.
  int global(int order) const {
    return at_end_below == always_at_end().at_end_below ? std::min(order, 2) : order;
  }

  /// How many points, at most `most`, step s takes. weights(q) are those of the values in a step
  /// with q points, relative to the weight that the newest has alone and without it: a network's
  /// error enters the step by their sum.
  int points(int most, const Interval& s, auto&& weights) const {
    int q = s.count < at_end_below ? std::min(most, s.count - s.index) : most;
    for (; q > 1; --q) {
      double sum = 0;
      for (const double w : weights(q)) sum += std::abs(w);
      if (sum <= (where_unstable ? largest(q) : std::numeric_limits<double>::max())) break;
    }
    return std::max(q, 1);
  }

  friend bool operator==(const LowerOrder&, const LowerOrder&) = default;

 private:
  /// Twice the sum of an Adams-Bashforth method of q points on equal steps.
  static double largest(int q) {
    constexpr double of_equal_steps[] = {0, 0, 1. / 2, 21. / 12, 105. / 24, 6915. / 720};
    return 2 * (q < 6 ? of_equal_steps[q] : 28555. / 1440);
  }
};

}  // namespace tweedie
