// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "tweedie/adaptive/error_norm.hpp"
#include "tweedie/model/model.hpp"
#include "tweedie/noise/brownian_path.hpp"
#include "tweedie/plan/fold.hpp"
#include "tweedie/plan/make_plan.hpp"
#include "tweedie/run/coefficients.hpp"
#include "tweedie/run/kernel.hpp"
#include "tweedie/solver/kit/frame.hpp"

namespace tweedie {

/// What an error is measured against.
enum class Tolerance {
  sum,     ///< atol + rtol max(|x|, |x_new|)
  larger,  ///< max(atol, rtol max(|low|, |low before|)) with the lower method's states, as DPM-Solver
};

/// Trial steps of a solver's text that calls c.estimate(error): each is a plan of one interval, whose
/// rows leave the state alone until it is accepted. A trial that is rejected keeps the evaluation at
/// its start for the next. Planning costs some microseconds a trial.
template <class X, class M, class S>
class TracedTrial {
 public:
  using T = typename X::Scalar;
  using Index = Eigen::Index;

  TracedTrial(AnyProcess process, M model, const S& solver, Clock clock, Tolerance tolerance,
              Index dim, Index count, const AdaptiveOptions& options)
      : process_(std::move(process)),
        model_(std::move(model)),
        solver_(AnySolver(solver)),
        in_time_(clock == Clock::time),
        tolerance_(tolerance),
        dim_(dim),
        count_(count),
        options_(options),
        stride_((dim * count + 31) / 16 * 16) {
    verbs::reserve<X>(model_, dim, count);
  }

  double clock(const Level& l) const { return in_time_ ? l.t : l.lambda(); }
  Level level(double clock) const {
    return in_time_ ? process_.at(clock) : process_.at_sigma(std::exp(-clock));
  }
  double error_power() const {
    const Facts& facts = solver_.facts();
    return facts.stochastic() ? facts.order - 0.5 : facts.order;  // of errors that are noise
  }
  int evaluations() const { return evaluations_; }
  int evaluations_of_a_step() const { return solver_.facts().evaluations; }
  int evaluations_to_begin() const { return 0; }
  int evaluations_to_data() const { return solver_.facts().evaluations; }
  bool reaches(const Level& l) const { return !l.is_clean_data() && !l.is_pure_noise(); }
  Index rows() const { return dim_; }
  Index cols() const { return count_; }
  int runs = 0;  ///< begun so far

  void begin(const T* x, const Level&) {
    evaluations_ = steps_ = 0, ++runs;
    renew(x, {});
  }
  /// Another x at this level.
  void renew(const T* x, const Level&) {
    first_ = -1;
    low_.assign(x, x + size());
  }
  double first_step(const T*, const Level& t, const Level& u) const {
    return in_time_ ? std::abs(u.t - t.t) / 20 : 0.05;
  }
  double attempt(const T* x, const Level& t, const Level& u) {
    run(x, t, u);
    check(error_ >= 0, solver_.facts().name, ": its step calls no estimate(error)");
    if (tolerance_ == Tolerance::sum)
      return verbs::error_norm(options_, x, value(state_), value(error_), dim_, count_);
    // In units of the tolerance, for a norm of which the tolerance is 1.
    T *const error = value(error_), *const state = value(state_);
    for (Index i = 0; i < size(); ++i) {
      const double low = std::abs(double(state[i]) - double(error[i]));
      const double size = std::max(low, std::abs(double(low_[std::size_t(i)])));
      next_low_[std::size_t(i)] = state[i] - error[i];
      error[i] = static_cast<T>(double(error[i]) / std::max(options_.atol, options_.rtol * size));
    }
    AdaptiveOptions in_units = options_;
    in_units.atol = 1, in_units.rtol = 0;
    return verbs::error_norm(in_units, x, state, error, dim_, count_);
  }
  void accept(T* x) {
    std::copy(value(state_), value(state_) + size(), x);
    low_.swap(next_low_);
    first_ = -1;
    ++steps_;
  }
  void to_data(T* x, const Level& l) {
    run(x, l, process_.at_sigma(0));
    accept(x);
  }

 private:
  AnyProcess process_;
  M model_;
  AnySolver solver_;
  bool in_time_;
  Tolerance tolerance_;
  Index dim_, count_;
  AdaptiveOptions options_;
  Index stride_;
  std::vector<T> memory_, low_, next_low_, draws_;
  int evaluations_ = 0, steps_ = 0;
  int first_ = -1, state_ = 0, error_ = -1;  // the values of these; first_ is that at the start

  Index size() const { return dim_ * count_; }
  T* value(int index) { return memory_.data() + stride_ * (index - 1); }  // 0 is the caller's

  void run(const T* x, const Level& t, const Level& u) {
    // Step 0 of two, but to clean data: a last step may leave out its noise.
    const Intervals two({{.from = t, .to = u}, {.from = u, .to = u}});
    const Plan plan = make_plan(
        process_, solver_, u.is_clean_data() ? Intervals({{.from = t, .to = u}}) : two.part(0, 1));
    const std::vector<Row> rows = lowering::fold(plan.rows(), model_.prediction);
    const auto needed = static_cast<std::size_t>(stride_ * lowering::value_count(rows));
    if (memory_.size() < needed) memory_.resize(needed);
    next_low_.resize(static_cast<std::size_t>(size()));
    error_ = -1;
    draw(plan);
    const auto at = [&](int index) { return index == 0 ? x : value(index); };
    std::vector<executor::Weighted<T>> terms;
    for (const Row& row : rows) {
      if (const auto* ask = std::get_if<Evaluate>(&row)) {
        evaluate(*ask, at(ask->in), u);
        continue;
      }
      const auto& update = std::get<Update>(row);
      terms.clear();
      for (const Term& term : update.terms)
        terms.push_back({term.operand.is_draw() ? draws_.data() + stride_ * term.operand.index
                                                : at(term.operand.index),
                         executor::rounded<T>(term.weight)});
      executor::combine<T>(value(update.out), size(), terms);
      if (update.role == Role::error) error_ = update.out;
      if (update.role == Role::state) state_ = update.out;
    }
  }
  /// The draws of a plan are the increments of one Brownian path over their intervals, whatever
  /// trials were made of it before: rejecting a step then favours no noise.
  void draw(const Plan& plan) {
    if (plan.draw_count() == 0) return;
    const BrownianPath path(plan, options_.noise);
    const auto needed = static_cast<std::size_t>(stride_ * (plan.draw_count() + 1));
    if (draws_.size() < needed) draws_.resize(needed);
    for (const Row& row : plan.rows())
      for_each_draw(row, [&](int number) {
        check(plan.clock_of_draw(number).has_value(), plan.solver(),
              ": its noise is no increment of a path, so that its steps cannot be chosen without "
              "bias; take euler_maruyama, sde_heun or dpmpp_sde");
        path.fill(number, Eigen::Map<X>(draws_.data() + stride_ * number, dim_, count_));
      });
  }
  void evaluate(const Evaluate& ask, const T* in, const Level& to) {
    const bool at_start = ask.in == 0;
    if (at_start && first_ == ask.out) return;
    verbs::checked_conversion(ask.prediction, model_.prediction, ask.level);
    const Eigen::Map<const X> state(in, dim_, count_);
    Eigen::Map<X> out(value(ask.out), dim_, count_);
    const Call call{.level = ask.level,
                    .step = steps_,
                    .evaluation = evaluations_++,
                    .first_sample = options_.noise.first_sample,
                    .to = to};
    model_(state, call, out);
    if (at_start) first_ = ask.out;
  }
};

}  // namespace tweedie
