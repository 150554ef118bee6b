// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <utility>
#include <vector>

#include "tweedie/forward/diffuse.hpp"
#include "tweedie/grid/interval.hpp"
#include "tweedie/inverse/measurement.hpp"
#include "tweedie/run/steps.hpp"

namespace tweedie {

/// Inpainting by replacement: after a step the known coordinates are put back, noised to the level
/// that the step went to. Song et al. 2020, arXiv:2011.13456, appendix I.2. It is biased, however
/// many the steps: the network is not told what is known, and learns of it through the state alone.
/// repaint() makes the bias smaller; models of inverse/posterior.hpp do not have it.
///
///     Replacement<Eigen::MatrixXf> replacement(mask, known);
///     for (auto step : sampler.steps(x, noise)) replacement(step, noise);
template <class X>
class Replacement {
 public:
  /// `known` has the state's shape; what stands in it where the mask is 0 does not matter.
  Replacement(Mask mask, X known)
      : mask_(std::move(mask)), known_(std::move(known)), noised_(known_) {
    check(known_.rows() == mask_.dim(), "Replacement: the mask is of ", mask_.dim(),
          " coordinates, what is known has ", known_.rows());
  }

  template <class S, class Source>
  void operator()(const Step<S>& step, Source& noise) {
    Eigen::Map<typename S::Plain> state = step.x;
    verbs::check_shape("Replacement: what is known is", known_, "the state", state);
    verbs::diffuse(step.to, known_, noise, noised_, step.index + 1);
    for (Eigen::Index k = 0; k < mask_.size(); ++k)
      state.row(mask_.coordinate(k)) = noised_.row(mask_.coordinate(k));
  }

 private:
  Mask mask_;
  X known_, noised_;
};

namespace verbs {

/// RePaint, Lugmayr et al. 2022, arXiv:2201.09865, algorithm 1: each step of the grid `times` times
/// (U there), with the exact forward transition back in between. For any solver; replacement after
/// each step tends to the right conditional as `times` grows.
inline Intervals repaint(const Grid& grid, int times) {
  check(grid.direction() == Grid::Direction::falling, "repaint: the grid rises; it must fall");
  check(times >= 1 && times <= 10'000, "repaint: times = ", times, " must lie from 1 to 10000");
  std::vector<Interval> all;
  for (int k = 0; k < grid.steps(); ++k)
    for (int time = 0; time < times; ++time) {
      if (time > 0)
        all.push_back({.from = grid[k + 1], .to = grid[k], .kind = Interval::Kind::renoise});
      all.push_back({.from = grid[k], .to = grid[k + 1]});
    }
  return Intervals(std::move(all)).numbered_from(grid.first_step());
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
