// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <concepts>

#include "tweedie/process/level.hpp"

namespace tweedie {

/// What a method of adaptive steps is made of. A method is a value with
///
///     template <class X, class M>
///     auto trial(const AnyProcess& process, M model, Eigen::Index dim, Eigen::Index count,
///                const AdaptiveOptions& options) const;
///
/// that makes a Trial for states X of dim x count: it makes steps without deciding on them. States
/// are given as pointers to their elements; `fixed` is not written to. RungeKuttaTrial is one, and
/// so is TracedTrial, for a solver's text that calls c.estimate(error).
template <class T, class Scalar>
concept Trial = requires(T trial, const T& made, Scalar* x, const Scalar* fixed, const Level& t,
                         const Level& u, double c) {
  // The shape of its states.
  { made.rows() } -> std::same_as<Eigen::Index>;
  { made.cols() } -> std::same_as<Eigen::Index>;
  // The variable in which steps have lengths, monotone along a run, and the level there.
  { made.clock(t) } -> std::same_as<double>;
  { made.level(c) } -> std::same_as<Level>;
  // Whether a run may end at a level: the clock and what is asked of the model are finite there.
  { made.reaches(t) } -> std::same_as<bool>;
  // The power of a step's length with which its error shrinks.
  { made.error_power() } -> std::convertible_to<double>;

  // Calls of the model: since begin(), and at most for begin() with first_step(), for an attempt()
  // and for to_data(), by which max_evaluations is kept.
  { made.evaluations() } -> std::same_as<int>;
  { made.evaluations_to_begin() } -> std::same_as<int>;
  { made.evaluations_of_a_step() } -> std::same_as<int>;
  { made.evaluations_to_data() } -> std::same_as<int>;

  // Begins a run with a state at level t; counts from 0.
  trial.begin(fixed, t);
  // The run goes on with another state at level t: what is known of the one before is void.
  trial.renew(fixed, t);
  // The length of a first step from there to u, in the clock; 0 where no length would do.
  { trial.first_step(fixed, t, u) } -> std::same_as<double>;
  // Tries the step from the run's state at t to u, and keeps its end aside. Returns its error in
  // units of the tolerance, or NaN. After a rejection it is called again with the same state and t.
  { trial.attempt(fixed, t, u) } -> std::same_as<double>;
  // The end of the last attempt becomes the run's state, and is written to x.
  trial.accept(x);
  // x, the state of the run at level t, becomes the clean data predicted there.
  trial.to_data(x, t);
};

}  // namespace tweedie
