// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>

#include "tweedie/noise/source.hpp"
#include "tweedie/process/level.hpp"
#include "tweedie/state.hpp"

namespace tweedie::verbs {

/// x = std z with draw 0 of the noise: pure noise at a level, usually plan.from().
template <State X, NoiseSource Source, class Isa = simd::InstructionSet>
void prior(const Level& level, X&& x, Source&& noise) {
  verbs::draw_whole<Isa>(noise, 0, x);
  x *= static_cast<typename std::remove_cvref_t<X>::Scalar>(level.std);
}

}  // namespace tweedie::verbs

namespace tweedie {
using namespace verbs;
}
