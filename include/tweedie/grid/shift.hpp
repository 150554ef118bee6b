// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <utility>
#include <vector>

#include "tweedie/grid/grid.hpp"

namespace tweedie::verbs {

/// The grid with every sigma times `factor`, as large pictures want more noise for the same loss of
/// detail. On a flow that is the time shift t <- s t / (1 + (s - 1) t) of Esser et al. 2024,
/// arXiv:2403.03206, eq. 23; SD3 has 3. Pure noise and clean data stay.
inline Grid shifted(const AnyProcess& process, const Grid& grid, double factor) {
  check(factor > 0 && std::isfinite(factor), "shifted: the factor ", factor, " must be positive");
  std::vector<Level> levels;
  for (const Level& level : grid.levels())
    levels.push_back(level.is_pure_noise() || level.is_clean_data()
                         ? level
                         : process.at_sigma(factor * level.sigma()));
  return grid.with_levels(std::move(levels));
}

/// The grid of a flow stretched so that its last time above clean data becomes t_last: 1 - t times
/// one factor, LTX-Video's and diffusers' "shift_terminal" (0.1 there). Throws Error unless the
/// process is a flow, where scale = 1 - t.
inline Grid stretched(const AnyProcess& process, const Grid& grid, double t_last) {
  check(t_last > 0 && t_last < 1, "stretched: t_last = ", t_last, " must lie in (0, 1)");
  check(grid.direction() == Grid::Direction::falling && grid.steps() >= 2,
        "stretched: the grid must fall, in 2 steps at least");
  const int last = grid.steps() - (grid.back().is_clean_data() ? 1 : 0);
  std::vector<Level> levels;
  for (const Level& level : grid.levels()) {
    const double scale = process.at(level.t).scale;
    check(std::abs(scale - (1 - level.t)) <= 1e-12 && std::abs(level.scale - scale) <= 1e-12,
          "stretched: at t = ", level.t, " the scale is ", level.scale, ", and the process has ",
          scale, "; only a grid of a flow, whose scale is 1 - t, can be stretched");
    const double t = 1 - (1 - level.t) * (1 - t_last) / (1 - grid[last].t);
    levels.push_back(level.is_clean_data() ? level : process.at(t));
  }
  return grid.with_levels(std::move(levels));
}

/// The factor that Flux takes for a picture of so many pixels: exp(mu), with mu linear in the number
/// of tokens of 16 x 16 pixels, 0.5 at 256 and 1.15 at 4096.
inline double flux_shift(double width, double height) {
  check(width >= 16 && height >= 16 && width * height <= 1e9, "flux_shift: a picture of ", width,
        " x ", height, " pixels; it must have 16 at least each way, and 1e9 at most in all");
  const double tokens = width / 16 * (height / 16);
  return std::exp(0.5 + (1.15 - 0.5) * (tokens - 256) / (4096 - 256));
}

}  // namespace tweedie::verbs

namespace tweedie {
using namespace verbs;
}
