// SPDX-License-Identifier: MIT
#include <tweedie/plan/make_plan.hpp>

struct Mine {
  tweedie::Facts facts() const { return {.name = "mine"}; }
};

tweedie::AnySolver solver = Mine{};
