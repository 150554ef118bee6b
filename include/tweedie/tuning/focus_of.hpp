// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>

#include "tweedie/grid/focused.hpp"
#include "tweedie/state.hpp"

namespace tweedie {

/// Of data, one sample a column, the deviation s of a coordinate and the one that matters most, e:
/// e^2 = |C|^2 / tr C, where C is their covariance, is the mean variance of their principal
/// components by what each contributes. e = s for white data; of pictures it is much larger.
struct Deviations {
  double mean = 1, effective = mean;
  /// Between both: what a plan for many data is best fitted to.
  double typical() const { return std::sqrt(mean * effective); }
};

namespace verbs {

inline Deviations deviations(const Samples<double>& data) {
  const auto n = static_cast<double>(data.cols()), dim = static_cast<double>(data.rows());
  check(data.cols() >= 2, "deviations: ", data.cols(), " samples; at least 2 are needed");
  const Samples<double> centred = data.colwise() - data.rowwise().mean();
  const Samples<double> gram = centred.transpose() * centred;
  const double trace = gram.trace() / (n - 1);
  check(trace > 0, "deviations: all samples are the same, or not finite; they have no spectrum");
  // tr C^2 without the bias of few samples, which is all of it where they are fewer than coordinates.
  const double m = n - 1, raw = gram.squaredNorm() / (m * m) - trace * trace / m;
  const double square = m < 2 ? 0 : raw * m * m / ((m - 1) * (m + 2));
  return {std::sqrt(trace / dim), std::sqrt(std::max(square, trace * trace / dim) / trace)};
}

/// The focus for data like these: 3/4 of the effective deviation, and wider the further that lies
/// above the mean one. Fitted to ten kinds of data; a start, no law.
inline Focus focus_of(const Deviations& of) {
  check(of.mean > 0 && of.effective > 0 && std::isfinite(of.mean + of.effective),
        "focus_of: the data's deviations ", of.mean, " and ", of.effective, " must be positive");
  return {0.75 * of.effective, 0.95 + 0.35 * std::log(std::max(of.effective / of.mean, 1.0))};
}
inline Focus focus_of(const Samples<double>& data) {
  return focus_of(deviations(data));
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
