// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include "tweedie/model/prediction.hpp"
#include "tweedie/solver/solver.hpp"

namespace tweedie {

/// What a stored value is for: the new state of the run, a stage of the step, or its error.
enum class Role { commit, keep, estimate };

/// The interval of a solver's own clock that a draw belongs to.
struct ClockSpan {
  double from, to;
  friend bool operator==(const ClockSpan&, const ClockSpan&) = default;
};

enum class LangevinNorms { per_sample, batch_mean };

/// The Langevin corrector x <- x + a score + sqrt(2 a) z with a = 2 alpha (snr |z| / |score|)^2,
/// Song et al. 2020, arXiv:2011.13456, algorithms 4 and 5. Norms are per sample; batch_mean
/// averages them over the columns as the authors' code does, which makes samples depend on each
/// other.
struct LangevinOptions {
  double snr = 0.16, alpha = 1;
  LangevinNorms norms = LangevinNorms::per_sample;
  friend bool operator==(const LangevinOptions&, const LangevinOptions&) = default;
};

/// What a solver's text can ask for. It is the same for the tracer, which records a plan, and for
/// the eager reference, which computes at once; a solver never asks which of the two it runs in.
/// Evaluations and draws are numbered as they are asked for, so two of a kind belong in statements
/// of their own: C++ does not say which side of a + b comes first.
template <class Backend>
class Context {
 public:
  using X = typename Backend::Value;

  explicit Context(Backend& backend) : backend_(backend) {}

  // One evaluation of the model at state x and level l; asked again there, it is not repeated.
  X epsilon(const X& x, const Level& l) { return predict(Prediction::epsilon, x, l); }
  X data(const X& x, const Level& l) { return predict(Prediction::data, x, l); }
  X score(const X& x, const Level& l) { return predict(Prediction::score, x, l); }
  X v(const X& x, const Level& l) { return predict(Prediction::v, x, l); }
  X velocity(const X& x, const Level& l) { return predict(Prediction::velocity, x, l); }
  X predict(Prediction wanted, const X& x, const Level& l) {
    return backend_.predict(wanted, x, l);
  }

  /// A fresh draw from N(0, I), independent of all others. Draws are numbered 1, 2, ... as they are
  /// asked for, whatever weight they get.
  X normal() { return backend_.normal(std::nullopt); }
  /// The increment of a Brownian path over [from, to] of the solver's own clock, scaled to unit
  /// variance. An ordinary noise source ignores the interval.
  X normal(double from, double to) { return backend_.normal(ClockSpan{from, to}); }

  /// x, stored as it is now without ending the step.
  X keep(const X& x) { return backend_.store(x, Role::keep); }
  /// The new state; called by the loop over the intervals only.
  X commit(const X& x) { return backend_.store(x, Role::commit); }
  /// The error estimate of a step, for adaptive runs.
  void estimate(const X& error) { backend_.store(error, Role::estimate); }

  X langevin(const X& x, const Level& l, const LangevinOptions& options = {}) {
    return backend_.langevin(x, l, options);
  }

  /// Announces the interval that follows; called by the loop only.
  void begin(const Interval& s) { backend_.begin(s); }

 private:
  Backend& backend_;
};

}  // namespace tweedie
