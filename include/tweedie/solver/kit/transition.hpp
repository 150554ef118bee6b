// SPDX-License-Identifier: MIT
#pragma once

#include "tweedie/grid/interval.hpp"

namespace tweedie {

/// A transition of a Markov chain that adds noise, x_t = ratio x_u + sqrt(variance) z.
struct Transition {
  double ratio, variance;
};

namespace verbs {

/// The process's own transition between the levels of an interval.
inline Transition transition_of(const Interval& s) {
  const double ratio = s.from.scale / s.to.scale, kept = ratio * s.to.std;
  return {ratio, (s.from.std - kept) * (s.from.std + kept)};
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
