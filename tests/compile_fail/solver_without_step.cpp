// SPDX-License-Identifier: MIT
#include <tweedie/plan/make_plan.hpp>

struct Mine {
  tweedie::Facts facts() const { return {"mine", 1, 1, false}; }
};

tweedie::AnySolver solver = Mine{};
