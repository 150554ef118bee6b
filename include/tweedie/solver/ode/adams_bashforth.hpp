// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <vector>

#include "tweedie/math/quadrature.hpp"
#include "tweedie/solver/kit/frame.hpp"
#include "tweedie/solver/kit/integrand.hpp"
#include "tweedie/solver/kit/lower_order.hpp"
#include "tweedie/solver/solver.hpp"

namespace tweedie {

/// Adams-Bashforth on the probability-flow ODE, the integrand's value interpolated in the frame's
/// clock over the last `order` evaluations:
///
///   DEIS   epsilon in t        tAB of Zhang & Chen 2022, arXiv:2204.13902; r = order - 1
///   LMS    epsilon in sigma    rho-AB of the same paper, k-diffusion's lms
///   REAB   residual in lambda  azula's; exact for normal data of `data.deviation`
///
/// The order rises from 1. To sigma = 0 the step returns the model's data.
template <class Frame, class Integrand = EpsilonIntegrand>
struct AdamsBashforth {
  int order = 4;
  LowerOrder lower_order = {};
  /// The step to sigma = 0 of LMS with its full order, as k-diffusion has it: it multiplies the
  /// network's errors up to a thousand times.
  bool full_order_to_zero = false;
  [[no_unique_address]] Integrand data = {};  ///< what is known of the data: REAB's deviation

  static constexpr bool in_sigma = std::is_same_v<Frame, InSigma>;
  static_assert(!in_sigma || std::is_same_v<Integrand, EpsilonIntegrand>);

  static void options(auto& its, auto&& visit) {
    visit("order", its.order);
    visit("full_order_to_zero", its.full_order_to_zero);
    LowerOrder::options(its.lower_order, visit);
    if constexpr (requires { its.data.deviation; }) visit("deviation", its.data.deviation);
  }
  Facts facts() const {
    return {.name = sentence({Integrand::name, "-", order, " in ", Frame::name}),
            .order = lower_order.global(order),
            .remembers = order - 1,
            .clock = std::is_same_v<Frame, InTime> ? Clock::time : Clock::sigma,
            .at_zero = full_order_to_zero ? AtZero::own : AtZero::data,
            .starts_from_noise = true};
  }
  void validate(const OptionCheck& require) const {
    require.order(order);
    require(in_sigma || !full_order_to_zero,
            "full_order_to_zero is for LMS; the polynomials of the others do not reach sigma = 0");
    if constexpr (std::is_same_v<Integrand, ResidualIntegrand>)
      require(data.deviation > 0 && std::isfinite(data.deviation),
              "data.deviation = ", data.deviation, " must be positive");
    lower_order.validate(require);
  }

  int points() const { return order; }
  template <class X>
  X value(auto& c, const X& x, const Level& l) const {
    return data.value(c, x, l);
  }

  template <class X>
  X step(auto& c, const Interval& s, const X& x, History<X>& m) const {
    const Level &t = s.from, &u = s.to;
    if (u.is_clean_data() && !full_order_to_zero) return u.scale * c.data(x, t);
    if (u.is_pure_noise()) return data.first_order(c, x, t, u);
    const LowerOrder rule = u.is_clean_data() ? LowerOrder::never() : lower_order;
    const double constant = data.constant(t, u);
    std::vector<double> weights;  // relative to the constant, of the values but for the newest
    const int q = rule.points(m.size(), s, [&](int points) {
      const std::vector<double> nodes = m.nodes(points, Frame::of);
      weights.clear();
      for (int j = 1; j < points; ++j) weights.push_back(weight(c, nodes, j, t, u) / constant);
      return weights;
    });
    X y = data.first_order(c, x, t, u);
    for (int j = 1; j < q; ++j) y = y + constant * math::element(weights, j - 1) * (m[j] - m[0]);
    return y;
  }

 private:
  /// The integral of the j-th Lagrange polynomial. In sigma it is exact; in t and lambda it is
  /// taken in log sigma, where 16 points reach 1e-14 on the steps of usual grids.
  double weight(auto& c, const std::vector<double>& nodes, int j, const Level& t,
                const Level& u) const {
    const auto polynomial = [&](double clock) {
      return math::lagrange(nodes, static_cast<std::size_t>(j), clock);
    };
    if constexpr (in_sigma)
      return u.scale * math::gauss_legendre(t.sigma(), u.sigma(), polynomial);
    else
      return math::gauss_legendre(std::log(t.sigma()), std::log(u.sigma()), [&](double log_sigma) {
        const double sigma = std::exp(log_sigma);
        if constexpr (std::is_same_v<Frame, InTime>)
          return data.kernel(sigma, u) * polynomial(c.time_of_sigma(sigma));
        else
          return data.kernel(sigma, u) * polynomial(-log_sigma);
      });
  }
};

using DEIS = AdamsBashforth<InTime>;
using LMS = AdamsBashforth<InSigma>;
using REAB = AdamsBashforth<InLambda, ResidualIntegrand>;

}  // namespace tweedie
