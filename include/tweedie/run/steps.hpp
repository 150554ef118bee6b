// SPDX-License-Identifier: MIT
#pragma once

#include <utility>
#include <vector>

#include "tweedie/run/sampler.hpp"
#include "tweedie/run/step_iterator.hpp"

namespace tweedie {

/// A step that has just been made. x is a view of the run's state: what is written to it goes into
/// the steps that follow, and the next step changes it; keep a copy as MatrixXd(step.x). It lies in
/// the caller's matrix after the last step, or once the loop is left; until then that is memory of
/// the run, so write to step.x, as in `step.x = step.data(); break;`. A model that throws leaves it
/// undefined.
template <class Sampler>
class Step {
 public:
  using Plain = typename Sampler::Plain;

  int index, count;  ///< the step's number, from 0, and how many the run has
  int evaluations;   ///< of the model, in the run so far
  Level from, to;
  Eigen::Map<Plain> x;

  Step(const Interval& s, int evaluations_so_far, Eigen::Map<Plain> view, const Sampler& sampler)
      : index(s.index),
        count(s.count),
        evaluations(evaluations_so_far),
        from(s.from),
        to(s.to),
        x(view),
        sampler_(&sampler) {}
  Step(const Step&) = default;
  Step& operator=(const Step&) = delete;  // would copy elements, not the view

  /// The clean data that the newest evaluation predicts, for previews and for who leaves early: a
  /// view, until the next step. Throws Error where the model's prediction says nothing of them.
  Eigen::Map<const Plain> data() const { return sampler_->data_of_steps(evaluations); }

 private:
  const Sampler* sampler_;
};

/// The steps of a run, made one by one as a range-for asks for them.
template <class S, class Source>
class Steps {
 public:
  Steps(S& sampler, Source&& noise)
      : sampler_(sampler), noise_(std::forward<Source>(noise)), run_(sampler.runs_) {}
  ~Steps() {
    if (run_ == sampler_.runs_ && at_a_state_) sampler_.put_state_into_x(buffer_);
  }
  Steps(const Steps&) = delete;
  Steps& operator=(const Steps&) = delete;

  StepIterator<Steps> begin() {
    check(step_ == -1 && !done_,
          "steps: this run was walked before; ask the sampler for its steps "
          "again");
    advance();
    return StepIterator(*this);
  }
  std::default_sentinel_t end() const { return {}; }

 private:
  friend class StepIterator<Steps>;

  S& sampler_;
  Source noise_;  // a reference if it was given as one
  int run_, next_ = 0, step_ = -1, buffer_ = 0, evaluations_ = 0;
  bool done_ = false, at_a_state_ = false;

  void advance() {
    check(run_ == sampler_.runs_,
          "steps: the sampler began another run in the meantime; a copy of it "
          "can make one");
    if (next_ == sampler_.rows()) {
      done_ = true;
      sampler_.finish(noise_);
      return;
    }
    at_a_state_ = false;
    while (!sampler_.row(next_).commits()) run_row();
    buffer_ = sampler_.row(next_).out;
    run_row();
    at_a_state_ = true;
    ++step_;
  }
  void run_row() {
    sampler_.run(next_, noise_);
    if (const auto& op = sampler_.row(next_++); op.kind == S::Kind::evaluate) {
      sampler_.keep_data(op);
      evaluations_ = op.evaluation + 1;
    }
  }
  Step<S> current() const {
    return {sampler_.intervals_[step_], evaluations_, sampler_.view(buffer_), sampler_};
  }
};

namespace verbs {

/// All states of a run, the start among them: steps + 1 copies. x ends as after sampler(x, noise).
template <class X>
std::vector<PlainOf<X>> trajectory(auto& sampler, X&& x, auto&& noise) {
  std::vector<PlainOf<X>> states{PlainOf<X>(x)};
  for (auto step : sampler.steps(x, noise)) states.emplace_back(step.x);
  return states;
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
