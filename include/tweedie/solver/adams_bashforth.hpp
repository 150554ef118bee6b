// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <type_traits>

#include "tweedie/error.hpp"
#include "tweedie/solver/frame.hpp"
#include "tweedie/solver/history.hpp"
#include "tweedie/solver/weights.hpp"

namespace tweedie {

// What an Adams-Bashforth method interpolates:
//   x_u = carry x_t + scale_u (integral of kernel(sigma) value d(log sigma) from t to u),
// where `whole` is the integral of the kernel.

/// epsilon: with y = x / scale, y_u = y_t + integral of epsilon dsigma.
struct OfEpsilon {
  static constexpr const char* name = "Adams-Bashforth";
  static double carry(const Level& t, const Level& u) { return u.scale / t.scale; }
  static double kernel(double sigma, const Level&) { return sigma; }
  static double whole(const Level& t, const Level& u) { return u.sigma() - t.sigma(); }
  template <class X>
  static X value(auto& c, const X& x, const Level& t) {
    return c.epsilon(x, t);
  }
};

/// data: y_u = (sigma_u / sigma_t) y_t + sigma_u integral of data d(1 / sigma).
struct OfData {
  static constexpr const char* name = "exponential Adams-Bashforth";
  static double carry(const Level& t, const Level& u) { return u.std / t.std; }
  static double kernel(double sigma, const Level& u) { return -u.sigma() / sigma; }
  static double whole(const Level& t, const Level& u) {
    return -std::expm1(t.lambda() - u.lambda());
  }
  template <class X>
  static X value(auto& c, const X& x, const Level& t) {
    return c.data(x, t);
  }
};

/// What the model adds to the exact answer for data N(0, I): (y - (1 + sigma^2) data) / (sigma r),
/// r = sqrt(1 + sigma^2), which is v for a variance-preserving process.
struct OfResidual {
  static constexpr const char* name = "residual Adams-Bashforth";
  static double r(double sigma) { return std::hypot(1, sigma); }
  static double carry(const Level& t, const Level& u) {
    return std::hypot(u.scale, u.std) / std::hypot(t.scale, t.std);
  }
  static double kernel(double sigma, const Level& u) {
    return r(u.sigma()) * sigma / (1 + sigma * sigma);
  }
  static double whole(const Level& t, const Level& u) {
    return r(u.sigma()) * (std::atan(u.sigma()) - std::atan(t.sigma()));
  }
  template <class X>
  static X value(auto& c, const X& x, const Level& t) {
    const double sigma = t.sigma();
    return (x / t.scale - (1 + sigma * sigma) * c.data(x, t)) / (sigma * r(sigma));
  }
};

/// Adams-Bashforth on the probability-flow ODE, the value interpolated in the frame's clock over
/// the last `order` evaluations, for any order:
///
///   DEIS           epsilon in t       tAB of Zhang & Chen 2022, arXiv:2204.13902; r = order - 1
///   LMS            epsilon in sigma   rho-AB of the same paper, k-diffusion's lms
///   LogRhoAB       epsilon in lambda  diffusers' DEIS; exponential Adams-Bashforth on epsilon
///   ExponentialAB  data in lambda     orders 2, 3 are DPM-Solver++(2M), 3M in Taylor's form
///   REAB           residual in lambda azula's; exact for standard normal data
///
/// The order ramps up from the first step. To sigma = 0 the polynomial goes in sigma only; in the
/// other clocks the step returns the model's data.
template <class Frame, class Of = OfEpsilon>
struct AdamsBashforth {
  int order = 4;
  LowerOrderFinal lower_order_final = {};

  template <class X>
  using Memory = History<X>;

  Facts facts() const {
    return {std::string(Of::name) + "-" + std::to_string(order) + " in " + std::string(Frame::name),
            lower_order_final.global(order),
            1,
            false,
            0,
            order - 1};
  }

  template <class X>
  void observe(auto& c, const Interval& s, const X& x, Memory<X>& past) const {
    check(order >= 1 && order <= 16, facts().name, ": the order must lie from 1 to 16");
    past.push(Of::value(c, x, s.t), Frame::of(s.t), order);
  }

  template <class X>
  X step(auto& c, const auto& process, const Interval& s, const X& x,
         std::optional<Memory<X>>& past) const {
    const Level &t = s.t, &u = s.u;
    if (!past) past.emplace();
    observe(c, s, x, *past);
    if (u.std == 0 && !std::is_same_v<Frame, InSigma>) return u.scale * c.data(x, t);
    X next = Of::carry(t, u) * x;
    const int points = lower_order_final.limit(past->size(), s);
    const std::span nodes(past->at.data(), static_cast<std::size_t>(points));
    for (int j = 0; j < points; ++j)
      next =
          next + u.scale * weight(process, nodes, static_cast<std::size_t>(j), t, u) * (*past)[j];
    return next;
  }

 private:
  /// The integral of the j-th Lagrange polynomial. In sigma it is exact; in t and lambda it is
  /// taken in log sigma, where 16 points reach 1e-14 on the steps of usual grids.
  static double weight(const auto& process, std::span<const double> nodes, std::size_t j,
                       const Level& t, const Level& u) {
    if (nodes.size() == 1) return Of::whole(t, u);
    if constexpr (std::is_same_v<Frame, InSigma>) {
      static_assert(std::is_same_v<Of, OfEpsilon>);
      return integrate(t.sigma(), u.sigma(), [&](double at) { return lagrange(nodes, j, at); });
    } else {
      return integrate(std::log(t.sigma()), std::log(u.sigma()), [&](double log_sigma) {
        const double sigma = std::exp(log_sigma);
        return Of::kernel(sigma, u) * lagrange(nodes, j, clock(process, sigma));
      });
    }
  }
  static double clock(const auto& process, double sigma) {
    if constexpr (std::is_same_v<Frame, InTime>)
      return process.time_of_sigma(sigma);
    else
      return -std::log(sigma);
  }
};

using DEIS = AdamsBashforth<InTime>;
using LMS = AdamsBashforth<InSigma>;
using LogRhoAB = AdamsBashforth<InLambda>;
using ExponentialAB = AdamsBashforth<InLambda, OfData>;
using REAB = AdamsBashforth<InLambda, OfResidual>;

}  // namespace tweedie
