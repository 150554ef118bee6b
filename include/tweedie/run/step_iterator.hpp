// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <iterator>
#include <utility>

namespace tweedie {

/// The iterator of steps that are made one by one as a range-for asks for them. Steps has, for this
/// friend, advance(), current() and done_.
template <class Steps>
class StepIterator {
 public:
  using difference_type = std::ptrdiff_t;
  using value_type = decltype(std::declval<const Steps&>().current());

  explicit StepIterator(Steps& steps) : steps_(&steps) {}
  value_type operator*() const { return steps_->current(); }
  StepIterator& operator++() {
    steps_->advance();
    return *this;
  }
  void operator++(int) { ++*this; }
  bool operator==(std::default_sentinel_t) const { return steps_->done_; }

 private:
  Steps* steps_;
};

}  // namespace tweedie
