// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <optional>

#include "tweedie/solver/context.hpp"

namespace tweedie {

// The noise of an exact step of the eta-SDE of ExponentialStep from level t to level u is
//   u.scale sigma_u^(1 + eta) [W(tau_u) - W(tau_t)],   tau = sigma^(-2 eta),
// with one Brownian motion W for the whole run. tau is the clock of its draws.

/// A standard normal: the path's increment from t to u, over its deviation.
template <class Backend>
auto normal_over(Context<Backend>& c, const Level& t, const Level& u, double eta) {
  return c.normal(std::pow(t.sigma(), -2 * eta), std::pow(u.sigma(), -2 * eta));
}

/// Whether the draws of one step's stages are increments of one path, as the theory has it, or
/// independent, as k-diffusion has without its tree. Independent ones cost a weak order.
enum class StageNoise { one_path, independent };

/// The increments from level t to one level after the other, each as a standard normal, from draws
/// over the pieces between the levels.
template <class X>
class Path {
 public:
  Path(const Interval& s, double eta, StageNoise stages)
      : start_(s.t), end_(s.u), eta_(eta), stages_(stages) {}

  X to(auto& c, const Level& u) {
    const Level from = stages_ == StageNoise::one_path && last_ ? at_ : start_;
    const X fresh = normal_over(c, from, u, eta_);
    if (stages_ == StageNoise::one_path && last_ && eta_ > 0) {
      // The parts of tau_u - tau_start before and after tau_at.
      const double whole = part(start_, u), after = part(at_, u) / whole;
      const double before = (1 - part(at_, u)) * part(start_, at_) / whole;
      last_ = std::sqrt(before) * *last_ + std::sqrt(after) * fresh;
    } else {
      last_ = fresh;
    }
    at_ = u;
    // It is used again: by the stage and by the increments that contain it.
    if (stages_ == StageNoise::one_path && !(u == end_)) last_ = c.keep(*last_);
    return *last_;
  }

 private:
  Level start_, end_, at_ = {};
  double eta_;
  StageNoise stages_;
  std::optional<X> last_;

  double part(const Level& t, const Level& u) const {  // (tau_u - tau_t) / tau_u
    return -std::expm1(-2 * eta_ * (u.lambda() - t.lambda()));
  }
};

}  // namespace tweedie
