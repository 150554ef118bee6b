// SPDX-License-Identifier: MIT
#pragma once

#include <array>

#include "tweedie/solver/kit/lower_order.hpp"
#include "tweedie/solver/solver.hpp"

namespace tweedie {

/// iPNDM: Euler in sigma with epsilon replaced by the Adams-Bashforth combination of a uniform
/// grid, whatever the grid is. Zhang & Chen 2022, arXiv:2204.13902, after Liu et al. 2022,
/// arXiv:2202.09778. Of second order in general; where the sigmas are uniform it is LMS. To
/// sigma = 0 the step is Euler's.
struct IPNDM {
  int order = 4;
  LowerOrder lower_order = {};  ///< only at the end: the weights do not follow the steps

  static void options(auto& its, auto&& visit) {
    visit("order", its.order);
    visit("lower_order_at_end_below", its.lower_order.at_end_below);
  }
  Facts facts() const {
    return {.name = "iPNDM",
            .order = order < 2 ? 1 : 2,
            .remembers = order - 1,
            .starts_from_noise = true};
  }
  void validate(const OptionCheck& require) const {
    require.order(order);
    lower_order.validate(require);
  }

  int points() const { return order; }
  template <class X>
  X value(auto& c, const X& x, const Level& l) const {
    return c.epsilon(x, l);
  }

  template <class X>
  X step(auto& c, const Interval& s, const X& x, History<X>& m) const {
    static constexpr std::array<std::array<double, 4>, 4> weights{
        {{1},
         {3. / 2, -1. / 2},
         {23. / 12, -16. / 12, 5. / 12},
         {55. / 24, -59. / 24, 37. / 24, -9. / 24}}};
    const Level &t = s.from, &u = s.to;
    const double h = u.sigma() - t.sigma();
    const int most = u.is_clean_data() || u.is_pure_noise() ? 1 : m.size();
    const int q = lower_order.points(most, s, [](int) { return std::array<double, 0>(); });
    X y = c.mix(x, t, u.scale, u.std);
    for (int j = 1; j < q; ++j)
      y = y + u.scale * h * math::element(math::element(weights, q - 1), j) * (m[j] - m[0]);
    return y;
  }
};

}  // namespace tweedie
