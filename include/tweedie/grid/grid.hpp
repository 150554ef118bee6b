// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include "tweedie/error.hpp"
#include "tweedie/process/process.hpp"

namespace tweedie {

/// The levels that a solver visits, from noise to data: sigma descends strictly, and sigma = 0 may
/// stand at the data end only. `reversed` turns one round, for encoding. Throws Error otherwise.
class Grid {
 public:
  enum class Direction { falling, rising };

  explicit Grid(std::vector<Level> levels, Direction direction = Direction::falling)
      : levels_(std::move(levels)), direction_(direction) {
    check(levels_.size() >= 2, "grid: ", levels_.size(),
          " points make no step; at least 2 are needed");
    const bool falls = direction_ == Direction::falling;
    const std::size_t data_end = falls ? levels_.size() - 1 : 0;
    for (std::size_t k = 0; k < levels_.size(); ++k) {
      const Level& level = levels_[k];
      check(std::isfinite(level.t) || level.std == 0, "grid: time ", level.t, " at point ", k,
            " is not finite");
      check(level.scale >= 0 && level.std >= 0 && level.scale + level.std > 0, "grid: point ", k,
            " (t = ", level.t, ") has scale ", level.scale, " and std ", level.std,
            "; both must be at least 0, and not both 0");
      check(level.std > 0 || k == data_end, "grid: sigma = 0 at point ", k,
            " is allowed at the data end only, the last of a falling grid");
      if (k == 0) continue;
      const double before = levels_[k - 1].sigma(), now = level.sigma();
      check(falls ? now < before : now > before, "grid: sigma must ", falls ? "fall" : "rise",
            " from point to point, but goes from ", before, " to ", now, " at point ", k);
    }
  }

  const std::vector<Level>& levels() const& { return levels_; }
  std::vector<Level> levels() && { return std::move(levels_); }  // for (... : karras(...).levels())
  const Level& operator[](std::size_t k) const { return levels_[k]; }
  const Level& front() const { return levels_.front(); }
  const Level& back() const { return levels_.back(); }
  int steps() const { return static_cast<int>(levels_.size()) - 1; }
  Direction direction() const { return direction_; }

 private:
  std::vector<Level> levels_;
  Direction direction_;
};

/// The same levels from data to noise: a deterministic solver on it encodes.
inline constexpr auto reversed = [](const Grid& grid) {
  std::vector<Level> levels(grid.levels().rbegin(), grid.levels().rend());
  return Grid(std::move(levels), grid.direction() == Grid::Direction::falling
                                     ? Grid::Direction::rising
                                     : Grid::Direction::falling);
};

/// A grid through the given times, noise first.
inline constexpr auto from_times = [](const AnyProcess& process, const std::vector<double>& times) {
  std::vector<Level> levels;
  for (double t : times) levels.push_back(process.at(t));
  return Grid(std::move(levels));
};

/// A grid through the given noise levels sigma, largest first; the last may be 0.
inline constexpr auto from_sigmas = [](const AnyProcess& process,
                                       const std::vector<double>& sigmas) {
  std::vector<Level> levels;
  for (double sigma : sigmas) {
    check(sigma >= 0, "from_sigmas: sigma = ", sigma, " must be at least 0");
    levels.push_back(process.at_sigma(sigma));
  }
  return Grid(std::move(levels));
};

}  // namespace tweedie
