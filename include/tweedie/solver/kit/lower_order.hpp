// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "tweedie/grid/interval.hpp"
#include "tweedie/model/prediction.hpp"
#include "tweedie/solver/option_check.hpp"

namespace tweedie {

namespace verbs {

/// How much larger an error is to be expected in a prediction at level l than at level t. A network
/// of usual preconditioning errs in data like sigma / sqrt(1 + sigma^2); epsilon = (x / scale -
/// data) / sigma has the errors of both, divided by sigma. At least 1.
inline double relative_error(Prediction of, const Level& l, const Level& t) {
  const auto across = [](const Level& k) { return k.std / std::hypot(k.scale, k.std); };
  const double ratio = of == Prediction::data ? across(l) / across(t) : t.sigma() / l.sigma();
  return ratio > 1 ? ratio : 1;
}

}  // namespace verbs

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

  static void options(auto& its, auto&& visit) {
    visit("lower_order_at_end_below", its.at_end_below);
    visit("lower_order_where_unstable", its.where_unstable);
  }
  void validate(const OptionCheck& require) const {
    require(at_end_below >= 0, "lower_order.at_end_below = ", at_end_below, " must be at least 0");
  }
  /// The order of a whole run that is long enough.
  int global(int order) const {
    return at_end_below == always_at_end().at_end_below ? std::min(order, 2) : order;
  }

  /// How many points, at most `most`, step s takes. weights(q) are those of the values in a step
  /// with q points but for the newest, each times its relative_error, and relative to the weight
  /// that the newest has alone: a network's error enters the step by their sum.
  int points(int most, const Interval& s, auto&& weights) const {
    return stable(s.count < at_end_below ? std::min(most, s.count - s.index) : most, weights,
                  predictor_limits, 1.5);
  }
  /// The same for a corrector, whose values are the new one and the predictor's.
  int corrector_points(int most, auto&& weights) const {
    return stable(most, weights, corrector_limits, 1);
  }

  friend bool operator==(const LowerOrder&, const LowerOrder&) = default;

 private:
  // By the number of points: twice the sums that Adams-Bashforth and Adams-Moulton methods have on
  // equal steps, and for a corrector room for the weight 1 of the new value on an infinite step.
  // The full number of points may have 1.5 times as much, since a change of order from step to step
  // costs as well.
  static constexpr double predictor_limits[] = {0, 0, 1, 3.5, 8.75};
  static constexpr double corrector_limits[] = {0, 0, 1.25, 1.25, 1.25, 1.8};

  int stable(int most, auto&& weights, std::span<const double> limits, double for_full) const {
    for (int q = most; q > 1; --q) {
      double sum = 0;
      for (const double w : weights(q)) sum += std::abs(w);
      const std::size_t known = std::min(static_cast<std::size_t>(q), limits.size() - 1);
      const double limit = limits[known] * (q == most ? for_full : 1);
      if (sum <= (where_unstable ? limit : std::numeric_limits<double>::max())) return q;
    }
    return 1;
  }
};

}  // namespace tweedie
