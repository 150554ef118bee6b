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
#include "tweedie/plan/make_plan.hpp"
#include "tweedie/run/rows.hpp"

namespace tweedie {

/// What an error is measured against.
enum class Tolerance {
  sum,     ///< atol + rtol max(|x|, |x_new|)
  larger,  ///< max(atol, rtol max(|low|, |low before|)) with the lower method's states, as DPM-Solver
};

/// Trial steps of a solver's text that calls c.estimate(error), in time or in lambda as its clock
/// says: each is the program of a plan of one interval, run on a copy of the state. A trial that is
/// rejected keeps the evaluation at its start for the next. Planning costs some microseconds.
template <class X, class M>
class TracedTrial {
 public:
  using T = typename X::Scalar;
  using Index = Eigen::Index;

  TracedTrial(AnyProcess process, M model, AnySolver solver, Tolerance tolerance, Index dim,
              Index count, const AdaptiveOptions& options)
      : process_(std::move(process)),
        model_(std::move(model)),
        solver_(std::move(solver)),
        in_time_(solver_.facts().clock == Clock::time),
        tolerance_(tolerance),
        options_(options),
        workspace_({}, dim, count),
        state_(static_cast<std::size_t>(dim * count)),
        first_(state_.size()),
        low_(state_.size()),
        next_low_(state_.size()) {
    check(error_power() > 0, solver_.facts().name,
          ": its facts must say .error_order, the power of the step with which the error that it "
          "estimates shrinks");
    verbs::reserve<X>(model_, dim, count);
  }

  double clock(const Level& l) const { return in_time_ ? l.t : l.lambda(); }
  Level level(double clock) const {
    return in_time_ ? process_.at(clock) : process_.at_sigma(std::exp(-clock));
  }
  double error_power() const { return solver_.facts().error_order; }
  int evaluations() const { return evaluations_; }
  int evaluations_of_a_step() const { return solver_.facts().evaluations; }
  int evaluations_to_begin() const { return 0; }
  int evaluations_to_data() const { return solver_.facts().evaluations; }
  bool reaches(const Level& l) const { return !l.is_clean_data() && !l.is_pure_noise(); }
  Index rows() const { return workspace_.dim(); }
  Index cols() const { return workspace_.count(); }

  void begin(const T* x, const Level& from) {
    evaluations_ = steps_ = 0;
    renew(x, from);
  }
  void renew(const T* x, const Level&) {
    knows_first_ = false;
    std::copy_n(x, low_.size(), low_.begin());
  }
  double first_step(const T*, const Level& t, const Level& u) const {
    return in_time_ ? std::abs(u.t - t.t) / 20 : 0.05;
  }
  double attempt(const T* x, const Level& t, const Level& u) {
    T* const error = run(x, t, u);
    check(error != nullptr, solver_.facts().name, ": its step calls no estimate(error)");
    const auto norm = [&](double atol, double rtol) {
      return verbs::error_norm(options_.norm, atol, rtol, x, state_.data(), error, rows(), cols());
    };
    if (tolerance_ == Tolerance::sum) return norm(options_.atol, options_.rtol);
    for (std::size_t i = 0; i < state_.size(); ++i) {
      next_low_[i] = state_[i] - error[i];
      const double low = std::max(std::abs(double(next_low_[i])), std::abs(double(low_[i])));
      error[i] = static_cast<T>(double(error[i]) / std::max(options_.atol, options_.rtol * low));
    }
    return norm(1, 0);
  }
  void accept(T* x) {
    std::copy(state_.begin(), state_.end(), x);
    low_.swap(next_low_);
    knows_first_ = false;
    ++steps_;
  }
  void to_data(T* x, const Level& l) {
    run(x, l, process_.at_sigma(0));
    accept(x);
  }

 private:
  using Op = executor::Instruction<T>;

  AnyProcess process_;
  M model_;
  AnySolver solver_;
  bool in_time_;
  Tolerance tolerance_;
  AdaptiveOptions options_;
  executor::Workspace<T> workspace_;
  // The state that is tried; what the model says at the step's start; the lower method's states.
  std::vector<T> state_, first_, low_, next_low_;
  bool knows_first_ = false;
  int evaluations_ = 0, steps_ = 0;

  /// Makes state_ the end of a step from x. Returns its error, null if the step estimates none.
  T* run(const T* x, const Level& t, const Level& u) {
    // Step 0 of two, but to clean data: a last step may leave out its noise.
    const int count = u.is_clean_data() ? 1 : 2;
    const Plan plan = make_plan(process_, solver_,
                                Intervals({{.from = t, .to = u}}).as_part_of(0, count, 0, false));
    for (const Row& row : plan.rows())
      for_each_draw(row, [&](int number) {
        check(plan.clock_of_draw(number).has_value(), plan.solver(),
              ": its noise is no increment of a path, so that its steps cannot be chosen without "
              "bias; take euler_maruyama, sde_heun or dpmpp_sde");
      });
    const auto program = executor::lower<T>(plan, model_.prediction, executor::ErrorRows::kept);
    workspace_ = {program, rows(), cols(), std::move(workspace_).storage()};
    std::copy_n(x, state_.size(), state_.begin());
    workspace_.start(state_.data());
    // One path for all trials of a run, whatever became of them: rejecting a step then favours no
    // noise.
    if (plan.draw_count() > 0)
      run(program, t, BrownianPath(plan, options_.noise));
    else
      run(program, t, options_.noise);
    T* error = nullptr;
    for (const Op& op : program.instructions)
      if (op.role == Role::error) error = workspace_.buffer(op.out);
    return error;
  }
  void run(const executor::Program<T>& program, const Level& from, const auto& noise) {
    bool at_start = true;  // whether buffer 0 holds the state at the start
    for (int k = 0; const Op& op : program.instructions) {
      workspace_.template prepare<Eigen::Map<X>>(k, op, noise);
      if (op.kind == Op::Kind::evaluate)
        evaluate(op, at_start && op.values[0].buffer == 0 && op.level == from);
      else
        executor::run_update(workspace_, k, op, noise);
      at_start = at_start && op.out != 0;
      ++k;
    }
  }
  void evaluate(const Op& op, bool of_first) {
    T* const result = workspace_.buffer(op.out);
    if (of_first && knows_first_) {
      std::copy(first_.begin(), first_.end(), result);
      return;
    }
    const Call call{.level = op.level,
                    .step = steps_,
                    .evaluation = evaluations_++,
                    .first_sample = options_.noise.first_sample,
                    .to = op.to};
    const Eigen::Map<const X> in(workspace_.buffer(op.values[0].buffer), rows(), cols());
    Eigen::Map<X> out(result, rows(), cols());
    model_(in, call, out);
    if (!of_first) return;
    std::copy_n(result, first_.size(), first_.begin());
    knows_first_ = true;
  }
};

}  // namespace tweedie
