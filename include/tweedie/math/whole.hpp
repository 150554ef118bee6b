// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <limits>
#include <type_traits>

#include "tweedie/error.hpp"

namespace tweedie::math {

/// A whole number as an argument: of any integral type, and not a fraction that would be cut.
class Whole {
 public:
  template <std::integral I>
  Whole(I value) : value_(static_cast<int>(value)) {
    verbs::check(static_cast<I>(value_) == value && (value_ < 0) == (value < I{0}),
                 "a number of ", value, " is asked for; at most ", std::numeric_limits<int>::max(),
                 " is possible");
  }
  template <std::floating_point F>
  Whole(F) {
    static_assert(!std::is_floating_point_v<F>, "this is a whole number: 20, not 20.7");
  }
  operator int() const { return value_; }

 private:
  int value_ = 0;
};

}  // namespace tweedie::math
