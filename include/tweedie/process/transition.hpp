// SPDX-License-Identifier: MIT
#pragma once

#include "tweedie/process/level.hpp"

namespace tweedie {

/// A transition of a Markov chain that adds noise, x_u = ratio x_t + sqrt(variance) z.
struct Transition {
  double ratio, variance;
};

namespace verbs {

/// The process's own transition from a level up to a noisier one.
inline Transition transition(const Level& data_side, const Level& noise_side) {
  const double ratio = noise_side.scale / data_side.scale, kept = ratio * data_side.std;
  return {ratio, (noise_side.std - kept) * (noise_side.std + kept)};
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
