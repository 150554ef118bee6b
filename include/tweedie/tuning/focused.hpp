// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>

#include "tweedie/grid/spacing.hpp"
#include "tweedie/state.hpp"

namespace tweedie {

/// Where a grid has most of its levels: around sigma = centre, over `width` in log sigma.
struct Focus {
  double centre = 0.8, width = 1.2;  ///< these serve data of deviation 1 in few dimensions
};

namespace verbs {

/// Equidistant in arctan(log(centre / sigma) / width): the density of levels over log sigma is
/// Cauchy's. It is where data of that spectrum are decided.
inline Grid focused(const AnyProcess& process, math::Whole steps, const Focus& focus = {},
                    const NoiseRange& range = {}) {
  check(focus.centre > 0 && focus.width > 0 && std::isfinite(focus.centre + focus.width),
        "focused: centre = ", focus.centre, " and width = ", focus.width, " must be positive");
  return spaced(
      process, steps, range,
      [&](const Level& l) { return std::atan(std::log(focus.centre / l.sigma()) / focus.width); },
      [&](double place) {
        return process.at_sigma(focus.centre * std::exp(-focus.width * std::tan(place)));
      });
}

/// The focus for data like these, one sample a column: 3/4 of e, where e^2 = |C|^2 / tr C is the
/// variance that matters most of their covariance C, and wider the further e lies above the mean
/// deviation, as in pictures. Fitted to ten kinds of data; a start, no law.
inline Focus focus_of(const Samples<double>& data) {
  const auto n = static_cast<double>(data.cols()), dim = static_cast<double>(data.rows());
  check(data.cols() >= 2, "focus_of: ", data.cols(), " samples; at least 2 are needed");
  const Samples<double> centred = data.colwise() - data.rowwise().mean();
  const Samples<double> gram = centred.transpose() * centred;
  const double trace = gram.trace() / (n - 1);
  // tr C^2 without the bias of few samples.
  const double square = gram.squaredNorm() / ((n - 1) * (n - 1)) - trace * trace / n;
  const double e = std::sqrt(std::max(square, trace * trace / dim) / trace),
               s = std::sqrt(trace / dim);
  return {0.75 * e, 1.1 + 0.35 * std::log(std::max(e / s, 1.0))};
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
