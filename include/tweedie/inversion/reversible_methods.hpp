// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "tweedie/error.hpp"
#include "tweedie/process/level.hpp"

namespace tweedie {

// Methods for dy/dsigma = epsilon, y = x / scale, that carry a second state and can be run backwards
// without solving for anything: what they encode they decode to rounding. down goes from level t to
// u, and up is its inverse; `before` is the level before t, or t itself in the first step.
// slope(y, level, e) writes epsilon into e, which keeps it from step to step; `known` says that it
// still holds. begin makes a second state of the first one.

/// The levels of a step.
struct ReversibleStep {
  const Level &before, &t, &u;
};

/// Exact diffusion inversion via coupled transformations, Wallace et al. 2022, arXiv:2211.12446:
/// two coupled states of one level, mixed with weight p. Two evaluations a step, order 1; the
/// mixing's inverse multiplies roundings by 1 / p^2 a step.
struct EDICT {
  double p = 0.93;

  void validate(int steps) const {
    check(p > 0 && p <= 1, "EDICT: p = ", p, " must lie in (0, 1]; usual is 0.93");
    check(-2 * steps * std::log(p) < std::log(1e8), "EDICT: ", steps, " steps at p = ", p,
          " multiply roundings by ", std::pow(p, -2 * steps),
          " as they encode; take fewer, or p "
          "nearer to 1");
  }
  void begin(auto&, const auto& y, auto& second, auto&, const ReversibleStep&, bool) const {
    second = y;
  }
  void down(auto& slope, auto& y, auto& second, auto& e, bool&, const ReversibleStep& s) const {
    const double d = s.u.sigma() - s.t.sigma();
    slope(second, s.t, e);
    y += d * e;
    slope(y, s.t, e);
    second += d * e;
    y = p * y + (1 - p) * second;
    second = p * second + (1 - p) * y;
  }
  void up(auto& slope, auto& y, auto& second, auto& e, bool&, const ReversibleStep& s) const {
    const double d = s.u.sigma() - s.t.sigma();
    second = (second - (1 - p) * y) / p;
    y = (y - (1 - p) * second) / p;
    slope(y, s.t, e);
    second -= d * e;
    slope(second, s.t, e);
    y -= d * e;
  }
};

/// The reversible Heun method, Kidger et al. 2021, arXiv:2105.13493: the second state runs ahead by
/// midpoint steps. One evaluation a step, and one more; order 2. Its inverse is itself turned round.
struct ReversibleHeun {
  void validate(int) const {}
  void begin(auto&, const auto& y, auto& second, auto&, const ReversibleStep&, bool) const {
    second = y;
  }
  void down(auto& slope, auto& y, auto& second, auto& e, bool& known,
            const ReversibleStep& s) const {
    step(slope, y, second, e, known, s.t, s.u);
  }
  void up(auto& slope, auto& y, auto& second, auto& e, bool& known, const ReversibleStep& s) const {
    step(slope, y, second, e, known, s.u, s.t);
  }

 private:
  static void step(auto& slope, auto& y, auto& second, auto& e, bool& known, const Level& from,
                   const Level& to) {
    const double h = to.sigma() - from.sigma();
    if (!known) slope(second, from, e);
    second = 2 * y - second + h * e;
    y += h / 2 * e;
    slope(second, to, e);
    y += h / 2 * e;
    known = true;
  }
};

/// Bi-directional integration approximation with gamma = 1, Zhang et al. 2023, arXiv:2307.10829: the
/// leapfrog y_u = y_before + (sigma_u - sigma_before) epsilon. The second state is y at the level
/// before. One evaluation a step, order 2 on smooth grids.
/// Its leapfrog carries roundings along: in float 1e-3 there and back.
struct BDIA {
  void validate(int) const {}
  /// Of data it is the state one level up by DDIM's inversion, one evaluation more.
  void begin(auto& slope, const auto& y, auto& second, auto& e, const ReversibleStep& s,
             bool of_data) const {
    second = y;
    if (!of_data) return;
    slope(y, s.u, e);
    second += (s.t.sigma() - s.u.sigma()) * e;
  }
  void down(auto& slope, auto& y, auto& second, auto& e, bool&, const ReversibleStep& s) const {
    slope(y, s.t, e);
    second += (s.u.sigma() - s.before.sigma()) * e;
    y.swap(second);
  }
  void up(auto& slope, auto& y, auto& second, auto& e, bool&, const ReversibleStep& s) const {
    y.swap(second);
    slope(y, s.t, e);
    second -= (s.u.sigma() - s.before.sigma()) * e;
  }
};

}  // namespace tweedie
