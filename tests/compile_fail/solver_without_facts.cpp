// SPDX-License-Identifier: MIT
#include <tweedie/plan/make_plan.hpp>

struct Mine {
  template <class X>
  X step(auto& c, const tweedie::Interval& s, const X& x) const {
    return s.to.scale * c.data(x, s.from);
  }
};

tweedie::AnySolver solver = Mine{};
