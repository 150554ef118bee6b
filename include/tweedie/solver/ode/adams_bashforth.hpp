// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <vector>

#include "tweedie/math/quadrature.hpp"
#include "tweedie/solver/kit/frame.hpp"
#include "tweedie/solver/kit/lower_order.hpp"
#include "tweedie/solver/solver.hpp"

namespace tweedie {

// An Adams-Bashforth method takes a part of the step exactly and integrates a polynomial for the
// rest, x_u = carry x_t + integral of kernel(sigma) value d(log sigma) from t to u. An integrand
// says which: `value` is what is interpolated, `first_order` the step with the value at t alone,
// `constant` the integral of the kernel.

/// epsilon: with y = x / scale, y_u = y_t + integral of epsilon dsigma.
struct EpsilonIntegrand {
  static constexpr const char* name = "Adams-Bashforth";
  template <class X>
  static X value(auto& c, const X& x, const Level& t) {
    return c.epsilon(x, t);
  }
  template <class X>
  static X first_order(auto& c, const X& x, const Level& t, const Level& u) {
    return c.mix(x, t, u.scale, u.std);
  }
  static double constant(const Level& t, const Level& u) {
    return u.scale * (u.sigma() - t.sigma());
  }
  static double kernel(double sigma, const Level& u) { return u.scale * sigma; }
};

/// What the model adds to the exact answer for data N(0, I), which turns (data, epsilon) by the
/// angle atan(sigma): (scale epsilon - std data) / r, r = hypot(scale, std). It is v for a
/// variance-preserving process.
struct ResidualIntegrand {
  static constexpr const char* name = "residual Adams-Bashforth";
  static double r(const Level& l) { return std::hypot(l.scale, l.std); }
  template <class X>
  static X value(auto& c, const X& x, const Level& t) {
    return c.mix(x, t, -t.std / r(t), t.scale / r(t));
  }
  template <class X>
  static X first_order(auto& c, const X& x, const Level& t, const Level& u) {
    const double turn = constant(t, u) / r(t), stay = r(u) / r(t);
    return c.mix(x, t, stay * t.scale - turn * t.std, stay * t.std + turn * t.scale);
  }
  static double constant(const Level& t, const Level& u) {
    return r(u) * std::atan2(u.std * t.scale - u.scale * t.std, u.scale * t.scale + u.std * t.std);
  }
  static double kernel(double sigma, const Level& u) { return r(u) * sigma / (1 + sigma * sigma); }
};

/// Adams-Bashforth on the probability-flow ODE, the integrand's value interpolated in the frame's
/// clock over the last `order` evaluations:
///
///   DEIS   epsilon in t        tAB of Zhang & Chen 2022, arXiv:2204.13902; r = order - 1
///   LMS    epsilon in sigma    rho-AB of the same paper, k-diffusion's lms
///   REAB   residual in lambda  azula's; exact for standard normal data
///
/// The order rises from 1. To sigma = 0 the step returns the model's data.
template <class Frame, class Integrand = EpsilonIntegrand>
struct AdamsBashforth {
  int order = 4;
  LowerOrder lower_order = {};
  /// The step to sigma = 0 of LMS with its full order, as k-diffusion has it: it multiplies the
  /// network's errors up to a thousand times.
  bool full_order_to_zero = false;

  static constexpr bool in_sigma = std::is_same_v<Frame, InSigma>;
  static_assert(!in_sigma || std::is_same_v<Integrand, EpsilonIntegrand>);

  Facts facts() const {
    return {.name = sentence({Integrand::name, "-", order, " in ", Frame::name}),
            .order = lower_order.global(order),
            .remembers = order - 1,
            .clock = std::is_same_v<Frame, InTime> ? Clock::time : Clock::sigma,
            .at_zero = full_order_to_zero ? AtZero::own : AtZero::data,
            .starts_from_noise = true};
  }
  void validate(const OptionCheck& require) const {
    require(order >= 1 && order <= 4, "order = ", order,
            " must lie from 1 to 4; higher orders are not stable");
    require(in_sigma || !full_order_to_zero,
            "full_order_to_zero is for LMS; the polynomials of the others do not reach sigma = 0");
    lower_order.validate(require);
  }

  int points() const { return order; }
  template <class X>
  X value(auto& c, const X& x, const Level& l) const {
    return Integrand::value(c, x, l);
  }

  template <class X>
  X step(auto& c, const Interval& s, const X& x, History<X>& m) const {
    const Level &t = s.from, &u = s.to;
    if (u.is_clean_data() && !full_order_to_zero) return u.scale * c.data(x, t);
    if (u.is_pure_noise()) return Integrand::first_order(c, x, t, u);
    const LowerOrder rule = u.is_clean_data() ? LowerOrder::never() : lower_order;
    const double constant = Integrand::constant(t, u);
    std::vector<double> weights;  // relative to the constant, of the values but for the newest
    const int q = rule.points(m.size(), s, [&](int points) {
      const std::vector<double> nodes = m.nodes(points, Frame::of);
      weights.clear();
      for (int j = 1; j < points; ++j) weights.push_back(weight(c, nodes, j, t, u) / constant);
      return weights;
    });
    X y = Integrand::first_order(c, x, t, u);
    for (int j = 1; j < q; ++j) y = y + constant * math::element(weights, j - 1) * (m[j] - m[0]);
    return y;
  }

 private:
  /// The integral of the j-th Lagrange polynomial. In sigma it is exact; in t and lambda it is
  /// taken in log sigma, where 16 points reach 1e-14 on the steps of usual grids.
  static double weight(auto& c, const std::vector<double>& nodes, int j, const Level& t,
                       const Level& u) {
    const auto polynomial = [&](double clock) {
      return math::lagrange(nodes, static_cast<std::size_t>(j), clock);
    };
    if constexpr (in_sigma)
      return u.scale * math::gauss_legendre(t.sigma(), u.sigma(), polynomial);
    else
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
