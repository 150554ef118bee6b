// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "tweedie/error.hpp"
#include "tweedie/solver/solver.hpp"

namespace tweedie {

/// iPNDM: Euler in sigma with epsilon replaced by the Adams-Bashforth combination of a uniform
/// grid, whatever the grid is. Zhang & Chen 2022, arXiv:2204.13902, after Liu et al. 2022,
/// arXiv:2202.09778. Of second order in general; where the sigmas are uniform it is LMS. To
/// sigma = 0 the step is Euler's.
struct IPNDM {
  int order = 4;

  template <class X>
  struct Memory {
    std::vector<X> epsilon;  // newest first
  };

  Facts facts() const { return {"iPNDM", order < 2 ? 1 : 2, 1, false}; }

  template <class X>
  X step(auto& c, const auto&, const Interval& s, const X& x,
         std::optional<Memory<X>>& past) const {
    check(order >= 1 && order <= 4, "IPNDM: order = ", order, " must be 1, 2, 3 or 4");
    static constexpr std::array<std::array<double, 4>, 4> weights{
        {{1},
         {3. / 2, -1. / 2},
         {23. / 12, -16. / 12, 5. / 12},
         {55. / 24, -59. / 24, 37. / 24, -9. / 24}}};
    if (!past) past.emplace();
    auto& epsilon = past->epsilon;
    epsilon.insert(epsilon.begin(), c.epsilon(x, s.t));
    const auto most = static_cast<std::size_t>(s.u.std > 0 ? order : 1);
    if (epsilon.size() > most) epsilon.resize(most);

    X y = x / s.t.scale;
    for (std::size_t j = 0; j < epsilon.size(); ++j)
      y = y + (s.u.sigma() - s.t.sigma()) * weights[epsilon.size() - 1][j] * epsilon[j];
    return s.u.scale * y;
  }
};

}  // namespace tweedie
