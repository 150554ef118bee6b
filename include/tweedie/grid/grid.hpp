// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "tweedie/error.hpp"
#include "tweedie/math/by_index.hpp"
#include "tweedie/process/process.hpp"

namespace tweedie {

/// The levels that a solver visits, from noise to data: sigma falls strictly, and sigma = 0 may
/// stand at the data end only. For encoding, `reversed` makes a grid that rises, from data to
/// noise. Throws Error otherwise.
class Grid {
 public:
  enum class Direction { falling, rising };

  explicit Grid(std::vector<Level> levels, Direction direction = Direction::falling)
      : levels_(std::move(levels)), direction_(direction), steps_of_whole_(steps()) {
    check(levels_.size() >= 2, "grid: it has ", levels_.size(),
          " of the 2 points that a step needs");
    const bool falls = direction_ == Direction::falling;
    const int data_end = falls ? steps() : 0;
    for (int k = 0; k <= steps(); ++k) {
      const Level& level = (*this)[k];
      check(std::isfinite(level.t) || level.std == 0, "grid: time ", level.t, " at point ", k,
            " is not finite");
      check(level.scale >= 0 && level.std >= 0 && level.scale + level.std > 0, "grid: point ", k,
            " (t = ", level.t, ") has scale ", level.scale, " and std ", level.std,
            "; both must be at least 0, and not both 0");
      check(level.std > 0 || k == data_end, "grid: sigma = 0 at point ", k,
            " is allowed at the data end only: the last point of a falling grid, the first of a "
            "rising one");
      if (k == 0) continue;
      const double before = (*this)[k - 1].sigma(), now = level.sigma();
      check(falls ? now < before : now > before, "grid: sigma must ", falls ? "fall" : "rise",
            " from point to point, but goes from ", before, " to ", now, " at point ", k);
    }
  }

  const std::vector<Level>& levels() const& { return levels_; }
  std::vector<Level> levels() && { return std::move(levels_); }  // for (... : karras(...).levels())
  const Level& operator[](int k) const { return math::element(levels_, k); }
  const Level& front() const { return levels_.front(); }
  const Level& back() const { return levels_.back(); }
  int steps() const { return static_cast<int>(levels_.size()) - 1; }
  Direction direction() const { return direction_; }

  /// Parts: the first k steps; the last k steps; what lies at or below a sigma. Image to image is
  /// `karras(process, 30).below(2)`, or last(10) of 30 steps. The steps keep the numbers that they
  /// have in the whole, and so do their draws: a run of first(12) and one of last(8) share none.
  Grid first(int k) const {
    check_part("first", k);
    return part(0, k);
  }
  Grid last(int k) const {
    check_part("last", k);
    return part(steps() - k, k);
  }
  Grid below(double sigma) const {
    const auto is_below = [sigma](const Level& level) { return level.sigma() <= sigma; };
    const int points = static_cast<int>(std::count_if(levels_.begin(), levels_.end(), is_below));
    check(points >= 2, "grid: ", points, " of its points lie at or below sigma = ", sigma,
          "; a part needs at least 2");
    return part(direction_ == Direction::falling ? steps() + 1 - points : 0, points - 1);
  }

  /// Other levels for the same steps, which keep their numbers.
  Grid with_levels(std::vector<Level> levels) const {
    Grid grid(std::move(levels), direction_);
    check(grid.steps() == steps(), "grid: ", grid.steps(), " steps in place of ", steps());
    grid.first_step_ = first_step_, grid.steps_of_whole_ = steps_of_whole_;
    return grid;
  }

  /// Of a part: the number of its first step, and how many steps the whole has.
  int first_step() const { return first_step_; }
  int steps_of_whole() const { return steps_of_whole_; }

 private:
  std::vector<Level> levels_;
  Direction direction_;
  int first_step_ = 0, steps_of_whole_;

  void check_part(const char* which, int k) const {
    check(k >= 1 && k <= steps(), "grid: the ", which, " ", k, " of ", steps(),
          " steps are asked for; 1 to ", steps(), " are possible");
  }
  Grid part(int begin, int k) const {
    Grid part = *this;
    part.levels_ = {levels_.begin() + begin, levels_.begin() + begin + k + 1};
    part.first_step_ += begin;
    return part;
  }
};

/// How a grid of given levels ends: with to_zero one more step goes on to sigma = 0, clean data.
/// Grids that fill a NoiseRange, or take entries of a table, end there unless told otherwise.
struct GridEnd {
  bool to_zero = false;
};

namespace verbs {

/// The same levels from data to noise: a deterministic solver on it encodes.
inline Grid reversed(const Grid& grid) {
  const bool falls = grid.direction() == Grid::Direction::falling;
  return Grid({grid.levels().rbegin(), grid.levels().rend()},
              falls ? Grid::Direction::rising : Grid::Direction::falling);
}

/// A grid through given levels, noise first.
inline Grid from_levels(const AnyProcess& process, std::vector<Level> levels,
                        const GridEnd& end = {}) {
  if (end.to_zero) levels.push_back(process.at_sigma(0));
  return Grid(std::move(levels));
}

/// A grid through the given times, noise first.
inline Grid from_times(const AnyProcess& process, const std::vector<double>& times,
                       const GridEnd& end = {}) {
  std::vector<Level> levels;
  for (double t : times) levels.push_back(process.at(t));
  return from_levels(process, std::move(levels), end);
}

/// A grid through the given noise levels sigma, largest first; the last may be 0. Throws Error for
/// the times of a flow, from 1 to 0, which its users call sigma: there sigma is t / (1 - t).
inline Grid from_sigmas(const AnyProcess& process, const std::vector<double>& sigmas,
                        const GridEnd& end = {}) {
  const Level middle = process.at((process.t_min + process.t_max) / 2);
  const bool flow = std::abs(middle.scale + middle.std - 1) < 1e-12 && middle.t == middle.std;
  check(!flow || sigmas.size() < 3 || !(sigmas.front() <= 1 && sigmas.front() > 0.9),
        "from_sigmas: the list goes from ", sigmas.empty() ? 0 : sigmas.front(),
        " down, as the times of a flow do; for times take from_times, and for a run from sigma = 1 "
        "a range with {.sigma_max = 1}");
  std::vector<Level> levels;
  for (double sigma : sigmas) {
    check(sigma >= 0, "from_sigmas: sigma = ", sigma, " must be at least 0");
    levels.push_back(process.at_sigma(sigma));
  }
  return from_levels(process, std::move(levels), end);
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
