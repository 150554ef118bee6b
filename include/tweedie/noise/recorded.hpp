// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cstddef>
#include <utility>
#include <vector>

#include "tweedie/error.hpp"
#include "tweedie/noise/source.hpp"
#include "tweedie/state.hpp"

namespace tweedie {

/// Draws that somebody else made, to replay a run: draw k is the k-th array, 0 the prior's. Throws
/// Error at the end of a run that has not as many draws: then it is not the run that was recorded.
/// Each step numbers as many as its solver declares, as loops do that draw in every step.
class RecordedNoise {
 public:
  explicit RecordedNoise(std::vector<Samples<double>> draws) : draws_(std::move(draws)) {}

  /// Throws Error if there is no such draw, or if its shape is not that of `out`.
  void fill(int draw, auto&& out) const {
    verbs::check_contiguous(out);
    check(draw >= 0 && static_cast<std::size_t>(draw) < draws_.size(), "RecordedNoise: draw ", draw,
          " is asked for, ", draws_.size(),
          " are recorded, counted from 0, the prior's; a part of a grid has the numbers of the "
          "whole");
    const Samples<double>& z = draws_[static_cast<std::size_t>(draw)];
    check(z.rows() == out.rows() && z.cols() == out.cols(), "RecordedNoise: draw ", draw, " is ",
          z.rows(), " x ", z.cols(), ", the state ", out.rows(), " x ", out.cols());
    using Scalar = typename std::decay_t<decltype(out)>::Scalar;
    for (Eigen::Index k = 0; k < z.size(); ++k) out.data()[k] = static_cast<Scalar>(z.data()[k]);
  }
  void end_run(int draws, Eigen::Index, bool complete) const {
    check(!complete || draws_.size() <= static_cast<std::size_t>(draws) + 1,
          "RecordedNoise: ", draws_.size(), " draws are recorded, but the run has ", draws,
          " and the prior's; is it the run that was recorded?");
  }

 private:
  std::vector<Samples<double>> draws_;
};

static_assert(NoiseSource<const RecordedNoise>);

}  // namespace tweedie
