// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "tweedie/error.hpp"
#include "tweedie/solver/frame.hpp"
#include "tweedie/solver/solver.hpp"
#include "tweedie/solver/weights.hpp"

namespace tweedie {

/// Adams-Bashforth on dxhat/dsigma = epsilon, with epsilon interpolated over the last `order`
/// evaluations in the frame's clock:
///
///   InTime     DEIS, tAB      Zhang & Chen 2022, arXiv:2204.13902 (their tAB-r has order r + 1)
///   InSigma    LMS, rho-AB    k-diffusion's lms; the same paper
///   InLambda   log-rho AB     diffusers' DEIS
///
/// The order counts from 1 and ramps up from the first step. To sigma = 0 the polynomial goes in
/// sigma only; in the other two clocks, where that end is infinite, the step is of first order.
template <class Frame>
struct AdamsBashforth {
  int order = 4;

  template <class X>
  struct Memory {
    std::vector<X> epsilon;  // newest first
    std::vector<double> at;
  };

  Facts facts() const {
    return {"Adams-Bashforth-" + std::to_string(order) + " in " + std::string(Frame::name), order,
            1, false};
  }

  template <class X>
  X step(auto& c, const auto& process, const Interval& s, const X& x,
         std::optional<Memory<X>>& past) const {
    check(order >= 1 && order <= 4, "AdamsBashforth: order = ", order, " must be 1, 2, 3 or 4");
    const auto& [t, u, index, count, kind] = s;
    if (!past) past.emplace();
    auto& [epsilon, at] = *past;
    epsilon.insert(epsilon.begin(), c.epsilon(x, t));
    at.insert(at.begin(), Frame::of(t));
    const bool polynomial_ends = u.std > 0 || std::is_same_v<Frame, InSigma>;
    const std::size_t most = polynomial_ends ? static_cast<std::size_t>(order) : 1;
    if (at.size() > most) epsilon.resize(most), at.resize(most);

    X y = x / t.scale;
    for (std::size_t j = 0; j < at.size(); ++j)
      y = y + weight(process, at, j, t.sigma(), u.sigma()) * epsilon[j];
    return u.scale * y;
  }

 private:
  /// The integral of the j-th Lagrange polynomial in the frame's clock over sigma from a to b. In t
  /// and lambda it is taken in log sigma, where 16 points reach 1e-14 on the steps of usual grids;
  /// in sigma itself it is exact.
  static double weight(const auto& process, const std::vector<double>& nodes, std::size_t j,
                       double a, double b) {
    if (nodes.size() == 1) return b - a;
    if constexpr (std::is_same_v<Frame, InSigma>)
      return integrate(a, b, [&](double sigma) { return lagrange(nodes, j, sigma); });
    else
      return integrate(std::log(a), std::log(b), [&](double log_sigma) {
        const double sigma = std::exp(log_sigma);
        return sigma * lagrange(nodes, j, clock(process, sigma));
      });
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

}  // namespace tweedie
