// SPDX-License-Identifier: MIT
#pragma once

#include <array>

#include "tweedie/solver/solver.hpp"

namespace tweedie {

/// iPNDM: Euler in sigma with epsilon replaced by the Adams-Bashforth combination of a uniform
/// grid, whatever the grid is. Zhang & Chen 2022, arXiv:2204.13902, after Liu et al. 2022,
/// arXiv:2202.09778. Of second order in general; where the sigmas are uniform it is LMS. To
/// sigma = 0 the step is Euler's.
struct IPNDM {
  int order = 4;

  Facts facts() const {
    return {.name = "iPNDM", .order = order < 2 ? 1 : 2, .remembers = order - 1};
  }
  void validate(const OptionCheck& require) const {
    require(order >= 1 && order <= 4, "order = ", order, " must be 1, 2, 3 or 4");
  }

  int points() const { return order; }
  template <class X>
  X value(auto& c, const X& x, const Level& l) const {
    return c.epsilon(x, l);
  }

  template <class X>
  X step(auto&, const Interval& s, const X& x, History<X>& m) const {
    static constexpr std::array<std::array<double, 4>, 4> weights{
        {{1},
         {3. / 2, -1. / 2},
         {23. / 12, -16. / 12, 5. / 12},
         {55. / 24, -59. / 24, 37. / 24, -9. / 24}}};
    const double h = s.to.sigma() - s.from.sigma();
    const int points = s.to.is_clean_data() ? 1 : m.size();
    X y = x / s.from.scale;
    for (int j = 0; j < points; ++j)
      y = y + h * math::element(math::element(weights, points - 1), j) * m[j];
    return s.to.scale * y;
  }
};

}  // namespace tweedie
