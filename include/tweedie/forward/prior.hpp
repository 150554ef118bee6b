// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>

#include "tweedie/noise/source.hpp"
#include "tweedie/process/level.hpp"
#include "tweedie/state.hpp"

namespace tweedie::verbs {

/// x = std z with draw 0 of the noise: pure noise at a level, usually plan.from().
template <class X, class Source, class Isa = simd::InstructionSet>
void prior(const Level& level, X&& x, Source&& noise) {
  static_assert(verbs::require_state<X>());
  verbs::require_source<Source>();
  check(!level.is_clean_data(),
        "prior: at sigma = 0 there is no noise; a run that begins with data, as encoding does, "
        "begins with yours");
  verbs::draw_whole<Isa>(noise, 0, x);
  x *= static_cast<typename std::remove_cvref_t<X>::Scalar>(level.std);
}

}  // namespace tweedie::verbs

namespace tweedie {
using namespace verbs;
}
