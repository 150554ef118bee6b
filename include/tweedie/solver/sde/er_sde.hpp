// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>

#include "tweedie/math/quadrature.hpp"
#include "tweedie/solver/solver.hpp"

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

  Facts facts() const {
    return {.name = sentence({"ER-SDE-", terms}),
            .order = std::min(terms, 2),
            .draws = 1,
            .remembers = terms - 1};
  }
  void validate(const OptionCheck& require) const {
    require(terms >= 1 && terms <= 3, "terms = ", terms, " must be 1, 2 or 3");
    require.at_least_0("s_noise", s_noise);
    require(static_cast<bool>(w), "w is empty; it must be a function of sigma");
  }

  int points() const { return terms; }
  template <class X>
  X value(auto& c, const X& x, const Level& l) const {
    return c.data(x, l);
  }

  template <class X>
  X step(auto& c, const Interval& s, const X& x, History<X>& D) const {
    const Level &t = s.from, &u = s.to;
    if (u.is_clean_data()) return u.scale * D[0];
    const double from = t.sigma(), to = u.sigma(), h = to - from;
    check(w(from) > 0, "ER-SDE: w = ", w(from), " at sigma = ", from, "; it must be positive");
    const double r = w(to) / w(from);
    const auto moment = [&](int k) {  // integral of w(to) (sigma - from)^k / w from `to` to `from`
      return math::gauss_legendre(std::log(to), std::log(from), [&](double log_sigma) {
        const double sigma = std::exp(log_sigma);
        return sigma * w(to) / w(sigma) * std::pow(sigma - from, k);
      });
    };
    X y = r / t.scale * x + (1 - r) * D[0];
    if (D.size() > 1) y = y + (h + moment(0)) * D.first_difference(&Level::sigma);
    if (D.size() > 2) y = y + (h * h / 2 + moment(1)) * 2 * D.second_difference(&Level::sigma);
    // For w = sigma what is kept is all, and its rounding would give noise of 1e-8.
    const double kept = r * from / to;
    if (kept > 1 - 1e-15) return u.scale * y;
    return u.scale * y + s_noise * u.std * std::sqrt((1 - kept) * (1 + kept)) * c.normal();
  }
};

}  // namespace tweedie
