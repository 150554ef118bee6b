// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <optional>
#include <string_view>

#include "tweedie/solver/context.hpp"

namespace tweedie {

// The noise of an exact step of the eta-SDE of ExponentialStep from level t to level u is
//   u.scale sigma_u^(1 + eta) [W(tau_u) - W(tau_t)],   tau = sigma^(-2 eta),
// with one Brownian motion W for the whole run. tau is the clock of its draws.

namespace verbs {

/// The length in t, below 0, of a step that takes noise away. Throws Error for one that adds it.
inline double falling_time(const Interval& s, std::string_view solver) {
  check(s.to.t < s.from.t, solver, ": t must fall from noise to data, but goes from ", s.from.t,
        " to ", s.to.t, " in step ", s.index, "; to encode take euler_time");
  return s.to.t - s.from.t;
}

/// A standard normal: the path's increment from t to u, divided by its standard deviation.
template <class Backend>
auto brownian_increment(Context<Backend>& c, const Level& t, const Level& u, double eta) {
  return c.normal(std::pow(t.sigma(), -2 * eta), std::pow(u.sigma(), -2 * eta));
}

}  // namespace verbs
using namespace verbs;

/// Whether the draws of one step's stages are increments of one path, as the theory has it, or
/// independent, as k-diffusion has without its tree. Independent ones cost a weak order.
enum class StageNoise { one_path, independent };

/// The increments from level t to one level after the other, each as a standard normal, from draws
/// over the parts between the levels. For eta > 0.
template <class X>
class StageIncrements {
 public:
  StageIncrements(const Level& t, double eta, StageNoise stages)
      : start_(t), eta_(eta), stages_(stages) {}

  X to(auto& c, const Level& u) {
    const bool one_path = stages_ == StageNoise::one_path && last_.has_value();
    const X fresh = verbs::brownian_increment(c, one_path ? last_level_ : start_, u, eta_);
    if (one_path) {
      // The parts of tau_u - tau_start before and after the last level.
      const double all = part(start_, u), after = part(last_level_, u) / all;
      const double before = (1 - part(last_level_, u)) * part(start_, last_level_) / all;
      last_ = std::sqrt(before) * *last_ + std::sqrt(after) * fresh;
    } else {
      last_ = fresh;
    }
    last_level_ = u;
    return *last_;
  }

 private:
  Level start_, last_level_ = {};
  double eta_;
  StageNoise stages_;
  std::optional<X> last_;

  double part(const Level& t, const Level& u) const {  // (tau_u - tau_t) / tau_u
    return -std::expm1(-2 * eta_ * (u.lambda() - t.lambda()));
  }
};

}  // namespace tweedie
