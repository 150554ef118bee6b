// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

#include "tweedie/solver/kit/frame.hpp"
#include "tweedie/solver/solver.hpp"

namespace tweedie {

/// An explicit Runge-Kutta method: nodes c, weights b, and rows a below the diagonal.
struct Tableau {
  std::string_view name;
  int order;
  std::size_t stages;
  std::array<double, 4> c, b;
  std::array<std::array<double, 3>, 4> a;
};

namespace tableau {
inline constexpr Tableau euler{"Euler", 1, 1, {0}, {1}, {}};
inline constexpr Tableau heun{"Heun", 2, 2, {0, 1}, {1. / 2, 1. / 2}, {{{}, {1}}}};
inline constexpr Tableau kutta3{
    "Kutta-3", 3, 3, {0, 1. / 2, 1}, {1. / 6, 2. / 3, 1. / 6}, {{{}, {1. / 2}, {-1, 2}}}};
inline constexpr Tableau heun3{
    "Heun-3", 3, 3, {0, 1. / 3, 2. / 3}, {1. / 4, 0, 3. / 4}, {{{}, {1. / 3}, {0, 2. / 3}}}};
inline constexpr Tableau ralston3{"Ralston-3",
                                  3,
                                  3,
                                  {0, 1. / 2, 3. / 4},
                                  {2. / 9, 1. / 3, 4. / 9},
                                  {{{}, {1. / 2}, {0, 3. / 4}}}};
inline constexpr Tableau houwen3{"van der Houwen-3",
                                 3,
                                 3,
                                 {0, 8. / 15, 2. / 3},
                                 {1. / 4, 0, 3. / 4},
                                 {{{}, {8. / 15}, {1. / 4, 5. / 12}}}};
inline constexpr Tableau ssp3{
    "SSP-3", 3, 3, {0, 1, 1. / 2}, {1. / 6, 1. / 6, 2. / 3}, {{{}, {1}, {1. / 4, 1. / 4}}}};
inline constexpr Tableau rk4{"RK4",
                             4,
                             4,
                             {0, 1. / 2, 1. / 2, 1},
                             {1. / 6, 1. / 3, 1. / 3, 1. / 6},
                             {{{}, {1. / 2}, {0, 1. / 2}, {0, 0, 1}}}};

}  // namespace tableau

namespace verbs {

/// One step of a Runge-Kutta method in a frame. No stage is evaluated at sigma = 0: the step that
/// ends there is Euler's, which in sigma gives the model's data.
template <class Frame, class X>
X runge_kutta_step(const Tableau& method, auto& c, const Interval& s, const X& x) {
  const Level &t = s.from, &u = s.to;
  if (method.stages == 1 || u.is_clean_data()) return Frame::euler(c, x, t, u);
  const double h = Frame::of(u) - Frame::of(t);
  const X y = Frame::to(x, t);
  std::array<X, 4> k;
  k[0] = Frame::slope(c, x, t);
  X y_next = y + h * method.b[0] * k[0];
  for (std::size_t i = 1; i < method.stages; ++i) {
    const Level l = method.c[i] == 1 ? u : Frame::level(c, Frame::of(t) + method.c[i] * h);
    X y_i = y;
    for (std::size_t j = 0; j < i; ++j) y_i = y_i + h * method.a[i][j] * k[j];
    k[i] = Frame::slope(c, Frame::from(y_i, l), l);
    y_next = y_next + h * method.b[i] * k[i];
  }
  return Frame::from(y_next, u);
}

/// What a Runge-Kutta method in a frame declares.
template <class Frame>
Facts runge_kutta_facts(std::string_view name, int order, std::size_t stages) {
  constexpr bool in_time = std::is_same_v<Frame, InTime>;
  return {.name = sentence({name, " in ", Frame::name}),
          .order = order,
          .evaluations = static_cast<int>(stages),
          .clock = in_time ? Clock::time : Clock::sigma,
          .at_zero = in_time ? AtZero::own : AtZero::data,
          .starts_from_noise = in_time || (std::is_same_v<Frame, InSigma> && stages == 1)};
}

}  // namespace verbs
using namespace verbs;

/// A Runge-Kutta method on the probability-flow ODE, in t or in sigma. Heun in sigma is algorithm 1
/// of Karras et al. 2022, arXiv:2206.00364, for any process.
template <const Tableau& method, class Frame>
struct RungeKutta {
  Facts facts() const { return runge_kutta_facts<Frame>(method.name, method.order, method.stages); }

  template <class X>
  X step(auto& c, const Interval& s, const X& x) const {
    return verbs::runge_kutta_step<Frame>(method, c, s, x);
  }
};

/// The two-stage method with its second stage at the fraction alpha of the step: 1 is Heun's, 2/3
/// Ralston's, 1/2 the midpoint rule. Karras et al. 2022, arXiv:2206.00364, eq. 59 to 62.
template <class Frame>
struct RungeKutta2 {
  double alpha = 1;

  static void options(auto& its, auto&& visit) { visit("alpha", its.alpha); }
  Facts facts() const {
    return runge_kutta_facts<Frame>(sentence({"two stages (alpha = ", alpha, ")"}), 2, 2);
  }
  void validate(const OptionCheck& require) const { require.part_of_a_step("alpha", alpha); }

  template <class X>
  X step(auto& c, const Interval& s, const X& x) const {
    const Tableau method{
        "", 2, 2, {0, alpha}, {1 - 1 / (2 * alpha), 1 / (2 * alpha)}, {{{}, {alpha}}}};
    return verbs::runge_kutta_step<Frame>(method, c, s, x);
  }
};

template <class Frame>
using Euler = RungeKutta<tableau::euler, Frame>;
template <class Frame>
using Heun = RungeKutta<tableau::heun, Frame>;
template <class Frame>
using RK4 = RungeKutta<tableau::rk4, Frame>;

}  // namespace tweedie
