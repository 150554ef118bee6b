// SPDX-License-Identifier: MIT
#include <tweedie/plan/make_plan.hpp>

struct Mine {
  tweedie::Facts facts() const { return {"mine", 1, 1, false}; }
  template <class X>
  X step(auto& c, const auto&, const tweedie::Interval& s, const X& x) const {
    return s.u.scale * c.dataa(x, s.t);
  }
};

tweedie::AnySolver solver = Mine{};
