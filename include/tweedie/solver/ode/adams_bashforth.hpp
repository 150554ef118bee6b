// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <type_traits>
#include <vector>

#include "tweedie/math/quadrature.hpp"
#include "tweedie/solver/kit/frame.hpp"
#include "tweedie/solver/kit/lower_order_final.hpp"
#include "tweedie/solver/solver.hpp"

namespace tweedie {

// An Adams-Bashforth method takes a part of the step exactly and integrates a polynomial for the
// rest:
//   x_u = carry x_t + scale_u (integral of kernel(sigma) value d(log sigma) from t to u).
// An integrand says which: `value` is what is interpolated, `constant` the integral of the kernel.

/// epsilon: with y = x / scale, y_u = y_t + integral of epsilon dsigma.
struct EpsilonIntegrand {
  static constexpr const char* name = "Adams-Bashforth";
  static double carry(const Level& t, const Level& u) { return u.scale / t.scale; }
  static double kernel(double sigma, const Level&) { return sigma; }
  static double constant(const Level& t, const Level& u) { return u.sigma() - t.sigma(); }
  template <class X>
  static X value(auto& c, const X& x, const Level& t) {
    return c.epsilon(x, t);
  }
};

/// What the model adds to the exact answer for data N(0, I): (y - (1 + sigma^2) data) / (sigma r),
/// r = sqrt(1 + sigma^2), which is v for a variance-preserving process.
struct ResidualIntegrand {
  static constexpr const char* name = "residual Adams-Bashforth";
  static double r(double sigma) { return std::hypot(1, sigma); }
  static double carry(const Level& t, const Level& u) {
    return std::hypot(u.scale, u.std) / std::hypot(t.scale, t.std);
  }
  static double kernel(double sigma, const Level& u) {
    return r(u.sigma()) * sigma / (1 + sigma * sigma);
  }
  static double constant(const Level& t, const Level& u) {
    return r(u.sigma()) * (std::atan(u.sigma()) - std::atan(t.sigma()));
  }
  template <class X>
  static X value(auto& c, const X& x, const Level& t) {
    const double sigma = t.sigma();
    return (x / t.scale - (1 + sigma * sigma) * c.data(x, t)) / (sigma * r(sigma));
  }
};

/// Adams-Bashforth on the probability-flow ODE, the integrand's value interpolated in the frame's
/// clock over the last `order` evaluations, for any order:
///
///   DEIS   epsilon in t        tAB of Zhang & Chen 2022, arXiv:2204.13902; r = order - 1
///   LMS    epsilon in sigma    rho-AB of the same paper, k-diffusion's lms
///   REAB   residual in lambda  azula's; exact for standard normal data
///
/// The order rises from 1. To sigma = 0 the polynomial goes in sigma only; in the other clocks the
/// step returns the model's data.
template <class Frame, class Integrand = EpsilonIntegrand>
struct AdamsBashforth {
  int order = 4;
  LowerOrderFinal lower_order_final = {};

  static constexpr bool in_sigma = std::is_same_v<Frame, InSigma>;
  static_assert(!in_sigma || std::is_same_v<Integrand, EpsilonIntegrand>);

  Facts facts() const {
    return {.name = sentence({Integrand::name, "-", order, " in ", Frame::name}),
            .order = lower_order_final.global(order),
            .remembers = order - 1,
            .clock = std::is_same_v<Frame, InTime> ? Clock::time : Clock::sigma,
            .at_zero = in_sigma ? AtZero::own : AtZero::data};
  }
  void validate(const OptionCheck& require) const {
    require(order >= 1 && order <= 16, "order = ", order, " must lie from 1 to 16");
  }

  int points() const { return order; }
  template <class X>
  X value(auto& c, const X& x, const Level& l) const {
    return Integrand::value(c, x, l);
  }

  template <class X>
  X step(auto& c, const Interval& s, const X& x, History<X>& m) const {
    const Level &t = s.from, &u = s.to;
    if (u.is_clean_data() && !in_sigma) return u.scale * c.data(x, t);
    const int q = lower_order_final.limit(m.finite(Frame::of), s);
    const std::vector<double> nodes = m.nodes(q, Frame::of);
    X y = Integrand::carry(t, u) * x;
    for (int j = 0; j < q; ++j) y = y + u.scale * weight(c, nodes, j, t, u) * m[j];
    return y;
  }

 private:
  /// The integral of the j-th Lagrange polynomial. In sigma it is exact; in t and lambda it is
  /// taken in log sigma, where 16 points reach 1e-14 on the steps of usual grids.
  static double weight(auto& c, const std::vector<double>& nodes, int j, const Level& t,
                       const Level& u) {
    if (nodes.size() == 1) return Integrand::constant(t, u);
    const auto polynomial = [&](double clock) {
      return math::lagrange(nodes, static_cast<std::size_t>(j), clock);
    };
    if constexpr (in_sigma) return math::gauss_legendre(t.sigma(), u.sigma(), polynomial);
    return math::gauss_legendre(std::log(t.sigma()), std::log(u.sigma()), [&](double log_sigma) {
      const double sigma = std::exp(log_sigma);
      if constexpr (std::is_same_v<Frame, InTime>)
        return Integrand::kernel(sigma, u) * polynomial(c.time_of_sigma(sigma));
      else
        return Integrand::kernel(sigma, u) * polynomial(-log_sigma);
    });
  }
};

using DEIS = AdamsBashforth<InTime>;
using LMS = AdamsBashforth<InSigma>;
using REAB = AdamsBashforth<InLambda, ResidualIntegrand>;

}  // namespace tweedie
