// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "tweedie/error.hpp"

namespace tweedie {

/// Checks a solver's options, in sentences that begin with its name.
class OptionCheck {
 public:
  explicit OptionCheck(std::string solver) : solver_(std::move(solver)) {}

  template <class... Words>
  void operator()(bool ok, const Words&... words) const {
    verbs::check(ok, solver_, ": ", words...);
  }
  void at_least_0(std::string_view option, double value) const {
    (*this)(value >= 0 && std::isfinite(value), option, " = ", value,
            " must be at least 0 and finite");
  }
  /// Of a multistep method.
  void order(int value, int most = 4) const {
    (*this)(value >= 1 && value <= most, "order = ", value, " must lie from 1 to ", most,
            "; higher orders are not stable");
  }
  /// Where a stage lies, as a part of its step.
  void part_of_a_step(std::string_view option, double value) const {
    (*this)(value >= 1e-4 && value <= 1, option, " = ", value,
            " must lie in (0, 1], and not below 0.0001");
  }
  /// For wrappers that add noise.
  void remembers_nothing(int remembers) const {
    (*this)(remembers == 0,
            "a multistep method, whose history does not fit fresh noise; take a single-step "
            "solver, or one with an eta of its own");
  }

 private:
  std::string solver_;
};

}  // namespace tweedie
