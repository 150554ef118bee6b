// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <string>

#include "tweedie/error.hpp"
#include "tweedie/solver/history.hpp"
#include "tweedie/solver/weights.hpp"

namespace tweedie {

/// ER-SDE-Solver, Cui et al. 2023, arXiv:2309.06169, algorithms 2 to 5: an SDE whose noise is set
/// by a function w(sigma), with data as a polynomial of 1, 2 or 3 terms in sigma. w = sigma is the
/// ODE, sigma^2 DDPM's SDE; the default is the authors'. Of orders 1, 2, 2, weak where it draws
/// noise. To sigma = 0 the step returns the model's data.
struct ERSDE {
  int terms = 3;
  double s_noise = 1;
  std::function<double(double)> w = [](double sigma) {
    return sigma * (std::exp(std::pow(sigma, 0.3)) + 10);
  };

  template <class X>
  using Memory = History<X>;

  Facts facts() const {
    return {"ER-SDE-" + std::to_string(terms), std::min(terms, 2), 1, true, 0, terms - 1};
  }

  template <class X>
  void observe(auto& c, const Interval& s, const X& x, Memory<X>& past) const {
    check(terms >= 1 && terms <= 3, "ERSDE: terms = ", terms, " must be 1, 2 or 3");
    past.push(c.data(x, s.t), s.t.sigma(), terms);
  }

  template <class X>
  X step(auto& c, const auto&, const Interval& s, const X& x,
         std::optional<Memory<X>>& past) const {
    const Level &t = s.t, &u = s.u;
    check_not_negative("ERSDE", "s_noise", s_noise);
    check(w && w(t.sigma()) > 0,
          "ERSDE: w is not a function that is positive at sigma = ", t.sigma());
    if (!past) past.emplace();
    observe(c, s, x, *past);
    const X D = (*past)[0];
    if (u.std == 0) return u.scale * D;

    const double from = t.sigma(), to = u.sigma(), r = w(to) / w(from), step = to - from;
    const auto moment = [&](int k) {  // integral of w(to) (sigma - from)^k / w from `to` to `from`
      return integrate(std::log(to), std::log(from), [&](double log_sigma) {
        const double sigma = std::exp(log_sigma);
        return sigma * w(to) / w(sigma) * std::pow(sigma - from, k);
      });
    };
    const auto slope = [&](std::size_t k) -> X {
      const auto& [m, at] = *past;
      return (m[k] - m[k + 1]) / (at[k] - at[k + 1]);
    };
    X y = r / t.scale * x + (1 - r) * D;
    if (past->size() > 1) y = y + (step + moment(0)) * slope(0);
    if (past->size() > 2)
      y = y + (step * step / 2 + moment(1)) * 2 / (from - past->at[2]) * (slope(0) - slope(1));
    // For w = sigma what is kept is all, and its rounding would give noise of 1e-8.
    const double kept = r * from / to;
    if (kept > 1 - 1e-15) return u.scale * y;
    return u.scale * y + s_noise * u.std * std::sqrt((1 - kept) * (1 + kept)) * c.normal();
  }
};

}  // namespace tweedie
