// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "tweedie/run/sampler.hpp"

namespace tweedie {

enum class PlanKind {
  fitted,     ///< to this network
  universal,  ///< to all data of the deviation that this network's samples have
  untuned,    ///< a solver's
  given       ///< by the caller
};
/// A plan with its name.
struct NamedPlan {
  std::string name;
  Plan plan;
  PlanKind kind = PlanKind::given;
};

/// A plan and its distance from a fine run, on starts that it was not fitted to.
struct JudgedPlan : NamedPlan {
  /// Over samples, of the root mean square distance of their coordinates, in the data's units;
  /// infinite where a sample is not finite.
  double rms, median, worst;
};

namespace verbs {

/// How far a plan's samples lie from the ends that a fine run reached from the same starts.
template <class M>
JudgedPlan judged(NamedPlan one, const M& model, const Samples<double>& start,
                  const Samples<double>& end, const Noise& noise) {
  check(start.rows() == end.rows() && start.cols() == end.cols() && start.cols() >= 1,
        "judged: the starts are ", start.rows(), " x ", start.cols(), ", the ends ", end.rows(),
        " x ", end.cols(), "; they must be alike, of one sample at least");
  Samples<double> x = start;
  Sampler(one.plan, model, x)(x, noise);
  Eigen::VectorXd distance =
      ((x - end).colwise().squaredNorm() / double(x.rows())).cwiseSqrt().transpose();
  for (double& one_of : distance)
    if (!std::isfinite(one_of)) one_of = HUGE_VAL;
  const double rms = std::sqrt(distance.squaredNorm() / double(distance.size()));
  std::sort(distance.begin(), distance.end());
  return {std::move(one), rms, distance[distance.size() / 2], distance[distance.size() - 1]};
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
