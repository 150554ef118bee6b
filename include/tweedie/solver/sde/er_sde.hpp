// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

#include "tweedie/math/quadrature.hpp"
#include "tweedie/solver/kit/lower_order.hpp"
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
  LowerOrder lower_order = {};

  static void options(auto& its, auto&& visit) {
    visit("terms", its.terms);
    visit("s_noise", its.s_noise);
    LowerOrder::options(its.lower_order, visit);
  }
  Facts facts() const {
    return {.name = sentence({"ER-SDE-", terms}),
            .order = lower_order.global(std::min(terms, 2)),
            .draws = 1,
            .remembers = terms - 1,
            .starts_from_noise = true};
  }
  void validate(const OptionCheck& require) const {
    require(terms >= 1 && terms <= 3, "terms = ", terms, " must be 1, 2 or 3");
    require.at_least_0("s_noise", s_noise);
    require(static_cast<bool>(w), "w is empty; it must be a function of sigma");
    lower_order.validate(require);
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
    const double from = t.sigma(), to = u.sigma();
    // The part of epsilon that is kept; at sigma = infinity by the value at 1e100.
    const double kept = w_per_sigma(to) / w_per_sigma(from);
    check(kept <= 1 + 1e-12, "ER-SDE: w grows from ", w(to), " at sigma = ", to, " to ", w(from),
          " at sigma = ", from, "; it must grow at least as fast as sigma, which is the ODE");
    const double h = to - from, constant = 1 - kept * to / from;
    const auto moment = [&](int k) {  // integral of w(to) (sigma - from)^k / w from `to` to `from`
      return math::gauss_legendre(std::log(to), std::log(from), [&](double log_sigma) {
        const double sigma = std::exp(log_sigma);
        return sigma * w(to) / w(sigma) * std::pow(sigma - from, k);
      });
    };
    // Of the differences D[1] - D[0] and D[2] - D[1], by the divided differences of D over sigma.
    double first = 0, second = 0;
    const int q = lower_order.points(D.size(), s, [&](int points) {
      const auto gap = [&](int j, int k) { return D.level(k).sigma() - D.level(j).sigma(); };
      first = (h + moment(0)) / gap(0, 1), second = 0;
      if (points > 2) {
        const double bend = (h * h + 2 * moment(1)) / gap(0, 2);
        first -= bend / gap(0, 1), second = bend / gap(1, 2);
      }
      std::array relative{first / constant, second / constant};
      for (int k = 1; k < points; ++k)
        math::element(relative, k - 1) *= relative_error(Prediction::data, D.level(k), t);
      return relative;
    });
    X y = c.mix(x, t, u.scale, u.std * kept);
    if (q > 1) y = y + u.scale * first * (D[1] - D[0]);
    if (q > 2) y = y + u.scale * second * (D[2] - D[1]);
    // For w = sigma what is kept is all, and its rounding would give noise of 1e-8.
    if (kept > 1 - 1e-15) return y;
    return y + s_noise * u.std * std::sqrt((1 - kept) * (1 + kept)) * c.normal();
  }

 private:
  double w_per_sigma(double sigma) const {
    const double finite = std::min(sigma, 1e100), value = w(finite);
    check(value > 0, "ER-SDE: w = ", value, " at sigma = ", sigma, "; it must be positive");
    return value / finite;
  }
};

}  // namespace tweedie
