// SPDX-License-Identifier: MIT
#pragma once

#include "tweedie/grid/interval.hpp"
#include "tweedie/process/transition.hpp"

namespace tweedie::verbs {

/// The transition that a step from noise to data reverses.
inline Transition transition_of(const Interval& s) { return transition(s.to, s.from); }

}  // namespace tweedie::verbs

namespace tweedie {
using namespace verbs;
}
