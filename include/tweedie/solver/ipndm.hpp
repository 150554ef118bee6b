// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <optional>

#include "tweedie/error.hpp"
#include "tweedie/solver/history.hpp"

namespace tweedie {

/// iPNDM: Euler in sigma with epsilon replaced by the Adams-Bashforth combination of a uniform
/// grid, whatever the grid is. Zhang & Chen 2022, arXiv:2204.13902, after Liu et al. 2022,
/// arXiv:2202.09778. Of second order in general; where the sigmas are uniform it is LMS. To
/// sigma = 0 the step is Euler's.
struct IPNDM {
  int order = 4;

  template <class X>
  using Memory = History<X>;

  Facts facts() const { return {"iPNDM", order < 2 ? 1 : 2, 1, false, 0, order - 1}; }

  template <class X>
  void observe(auto& c, const Interval& s, const X& x, Memory<X>& past) const {
    check(order >= 1 && order <= 4, "IPNDM: order = ", order, " must be 1, 2, 3 or 4");
    past.push(c.epsilon(x, s.t), s.t.sigma(), order);
  }

  template <class X>
  X step(auto& c, const auto&, const Interval& s, const X& x,
         std::optional<Memory<X>>& past) const {
    static constexpr std::array<std::array<double, 4>, 4> weights{
        {{1},
         {3. / 2, -1. / 2},
         {23. / 12, -16. / 12, 5. / 12},
         {55. / 24, -59. / 24, 37. / 24, -9. / 24}}};
    if (!past) past.emplace();
    observe(c, s, x, *past);
    const int points = s.u.std > 0 ? past->size() : 1;
    X y = x / s.t.scale;
    for (int j = 0; j < points; ++j)
      y = y + (s.u.sigma() - s.t.sigma()) *
                  weights[static_cast<std::size_t>(points - 1)][static_cast<std::size_t>(j)] *
                  (*past)[j];
    return s.u.scale * y;
  }
};

/// Gradient estimation, Permenter & Yuan 2023, arXiv:2306.04848: Euler in sigma with
/// gamma epsilon + (1 - gamma) of the one before. Of first order, but for gamma = 3/2, which is
/// iPNDM of order 2; meant for few steps.
struct GradientEstimation {
  double gamma = 2;

  template <class X>
  using Memory = X;  // the last epsilon

  Facts facts() const {
    return {"gradient estimation (gamma = " + to_text(gamma) + ")",
            gamma == 1.5 ? 2 : 1,
            1,
            false,
            0,
            1};
  }

  template <class X>
  X step(auto& c, const auto&, const Interval& s, const X& x, std::optional<X>& past) const {
    const X e = c.epsilon(x, s.t);
    const X better = past && s.u.std > 0 ? gamma * e + (1 - gamma) * *past : e;
    past = e;
    return s.u.scale * (x / s.t.scale + (s.u.sigma() - s.t.sigma()) * better);
  }
};

}  // namespace tweedie
