// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "tweedie/grid/spacing.hpp"

namespace tweedie {

/// Where a grid has most of its levels: around sigma = centre, over `width` in log sigma.
struct Focus {
  double centre = 0.75, width = 0.95;  ///< these serve data of deviation 1 in few dimensions
};

namespace verbs {

/// Where a sigma lies among those of a focus: from -pi/2 at pure noise to pi/2 at clean data.
inline double place_at(double sigma, const Focus& focus) {
  return std::atan(std::log(focus.centre / sigma) / focus.width);
}
inline double sigma_at(double place, const Focus& focus) {
  return focus.centre * std::exp(-focus.width * std::tan(place));
}

/// Equidistant in arctan(log(centre / sigma) / width): the density of levels over log sigma is
/// Cauchy's. It is where data of that spectrum are decided. A few steps go to clean data from where
/// they are, not from the range's end, as long as they keep above it.
inline Grid focused(const AnyProcess& process, math::Whole steps, const Focus& focus = {},
                    const NoiseRange& range = {}) {
  check(focus.centre > 0 && focus.width > 0 && std::isfinite(focus.centre + focus.width),
        "focused: centre = ", focus.centre, " and width = ", focus.width, " must be positive");
  check(steps >= 1 && steps <= 10'000'000, "focused: ", int{steps},
        " steps asked for; 1 to 10 million are possible");
  const auto [top, bottom] = ends(process, range);
  // Levels further than these from the focus, at either end, would all be alike.
  const double highest = 1e4 * focus.centre,
               lowest = bottom.is_clean_data() ? 1e-4 * focus.centre : bottom.sigma();
  const bool goes_on = range.to_zero || bottom.is_clean_data();
  const double end = std::numbers::pi / 2, first = top.is_pure_noise()
                                                       ? place_at(highest, focus)
                                                       : place_at(top.sigma(), focus);
  const bool at_once = goes_on && sigma_at(end - (end - first) / steps, focus) >= lowest;
  const int gaps = steps - (goes_on && !at_once ? 1 : 0);
  const double gap = ((at_once ? end : place_at(lowest, focus)) - first) / std::max(gaps, 1);
  std::vector<Level> levels{top};
  for (int k = 1; k < gaps; ++k)
    levels.push_back(process.at_sigma(sigma_at(first + gap * k, focus)));
  if (!at_once && gaps > 0)
    levels.push_back(bottom.is_clean_data() ? process.at_sigma(lowest) : bottom);
  if (goes_on) levels.push_back(process.at_sigma(0));
  return Grid(std::move(levels));
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
