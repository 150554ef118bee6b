// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <optional>

#include "tweedie/grid/interval.hpp"
#include "tweedie/model/prediction.hpp"

namespace tweedie {

/// What a stored value is: the new state of the run, a stage of a step, or the step's error.
enum class Role { state, stage, error };

/// The interval of a solver's own clock that a draw belongs to.
struct ClockSpan {
  double from, to;
  friend bool operator==(const ClockSpan&, const ClockSpan&) = default;
};

/// The numbers of the draws that a step may ask for: first, first + 1, ..., `count` of them.
struct DrawRange {
  int first = 1, count = 0;
};

/// The Langevin corrector x <- x + a score + sqrt(2 a) z with a = 2 alpha (snr |z| / |score|)^2,
/// Song et al. 2020, arXiv:2011.13456, algorithms 4 and 5, the norms averaged over the columns as
/// in the authors' code, which makes samples depend on each other.
struct LangevinOptions {
  double snr = 0.16, alpha = 1;

  /// a, for the means of the norms; no step where all scores are 0.
  double step(double of_noise, double of_score) const {
    const double ratio = snr * of_noise / of_score, a = 2 * alpha * ratio * ratio;
    return std::isfinite(a) ? a : 0;
  }
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

  Context(Backend& backend, const AnyProcess& process) : backend_(backend), process_(process) {}

  // One evaluation of the model at state x and level l. Asked for again in the same step it is not
  // repeated, whatever is asked for.
  X epsilon(const X& x, const Level& l) { return predict(Prediction::epsilon, x, l); }
  X data(const X& x, const Level& l) { return predict(Prediction::data, x, l); }
  X score(const X& x, const Level& l) { return predict(Prediction::score, x, l); }
  X v(const X& x, const Level& l) { return predict(Prediction::v, x, l); }
  X velocity(const X& x, const Level& l) { return predict(Prediction::velocity, x, l); }
  X predict(Prediction wanted, const X& x, const Level& l) {
    return backend_.predict(wanted, x, l);
  }
  /// of_data * data + of_epsilon * epsilon. With scale and std of a level u it is DDIM's step to u.
  /// Unlike x / scale and x / std it has all its digits at pure noise and at clean data.
  X mix(const X& x, const Level& l, double of_data, double of_epsilon) {
    if (of_epsilon == 0) return of_data * data(x, l);
    if (of_data == 0) return of_epsilon * epsilon(x, l);
    const X D = data(x, l);
    return of_data * D + of_epsilon * epsilon(x, l);
  }

  /// A fresh draw from N(0, I), independent of all others. A step may ask for as many as the solver
  /// declares (Facts::draws); that number gives each step its draws' numbers, whatever it asks for.
  X normal() { return backend_.normal(std::nullopt); }
  /// The increment of a Brownian path over [from, to] of the solver's own clock, scaled to unit
  /// variance. An ordinary noise source ignores the interval.
  X normal(double from, double to) { return backend_.normal(ClockSpan{from, to}); }

  /// The same x as a value of its own, for sums that are read many times.
  X stored(const X& x) { return backend_.stored(x); }

  /// A Langevin step at level l, by the norms of the whole batch.
  X langevin(const X& x, const Level& l, const LangevinOptions& options = {}) {
    return backend_.langevin(x, l, options);
  }

  /// The error estimate of a step, for adaptive runs.
  void estimate(const X& error) { backend_.store(error, Role::error); }

  // The process's level at a time, and at a sigma.
  Level level_at_time(double t) const { return process_.at(t); }
  Level level_at_sigma(double sigma) const { return process_.at_sigma(sigma); }
  double time_of_sigma(double sigma) const { return process_.time_of_sigma(sigma); }
  /// The largest sigma of which a network may know something.
  double largest_sigma() const {
    return std::isinf(process_.t_last) ? process_.t_last : process_.at(process_.t_last).sigma();
  }

  // Called by the loop over the intervals only: announces the interval that follows, with its
  // draws; makes x the new state.
  void begin(const Interval& s, DrawRange draws) { backend_.begin(s, draws); }
  X commit(const X& x) { return backend_.store(x, Role::state); }

 private:
  Backend& backend_;
  const AnyProcess& process_;
};

}  // namespace tweedie
