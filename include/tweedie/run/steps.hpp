// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

#include "tweedie/run/sampler.hpp"

namespace tweedie {

/// A step that has just been made. x is a view of the run's state: what is written to it goes into
/// the steps that follow, and the next step changes it; keep a copy as MatrixXd(step.x). It need
/// not lie in the caller's matrix until the last step.
template <class View>
struct Step {
  int index, count;
  Level from, to;
  View x;

  Step(const Interval& s, View view)
      : index(s.index), count(s.count), from(s.from), to(s.to), x(view) {}
  Step(const Step&) = default;
  Step& operator=(const Step&) = delete;  // would copy elements, not the view
};

/// The steps of a run, made one by one as a range-for asks for them.
template <class S, class Source>
class Steps {
 public:
  Steps(S& sampler, Source&& noise)
      : sampler_(sampler), noise_(std::forward<Source>(noise)), run_(sampler.runs_) {}

  class Iterator {
   public:
    using difference_type = std::ptrdiff_t;
    using value_type = Step<typename S::View>;

    explicit Iterator(Steps& steps) : steps_(&steps) {}
    value_type operator*() const { return steps_->current(); }
    Iterator& operator++() {
      steps_->advance();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return steps_->done_; }

   private:
    Steps* steps_;
  };

  Iterator begin() {
    check(step_ == -1 && !done_,
          "steps: this run was walked before; ask the sampler for its steps "
          "again");
    advance();
    return Iterator(*this);
  }
  std::default_sentinel_t end() const { return {}; }

 private:
  S& sampler_;
  Source noise_;  // a reference if it was given as one
  int run_, next_ = 0, step_ = -1, buffer_ = 0;
  bool done_ = false;

  void advance() {
    check(run_ == sampler_.runs_,
          "steps: the sampler began another run in the meantime; a copy of it "
          "can make one");
    if (next_ == sampler_.rows()) {
      done_ = true;
      sampler_.finish(noise_);
      return;
    }
    while (!sampler_.row(next_).commits) sampler_.run(next_++, noise_);
    buffer_ = sampler_.row(next_).out;
    sampler_.run(next_++, noise_);
    ++step_;
  }
  Step<typename S::View> current() const {
    return {sampler_.intervals_[step_], sampler_.view(buffer_)};
  }
};

namespace verbs {

/// All states of a run, the start among them: steps + 1 copies. x ends as after sampler(x, noise).
template <State X>
std::vector<PlainOf<X>> trajectory(auto& sampler, X&& x, auto&& noise) {
  std::vector<PlainOf<X>> states{PlainOf<X>(x)};
  for (auto step : sampler.steps(x, noise)) states.emplace_back(step.x);
  return states;
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
