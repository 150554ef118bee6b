// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <utility>

#include "tweedie/noise/source.hpp"

namespace tweedie {

/// A generator that only goes forward: next() returns one standard normal after the other. Draws
/// are filled whole, in storage order, in the order in which the solver asks for them; a draw that
/// was asked for but has weight 0 is generated and thrown away, as a program that draws in each
/// step would. A draw number that is not above the one before starts a new run. Pass it as an
/// lvalue: the state of the generator goes on from run to run.
template <class Next>
class SequentialNoise {
 public:
  explicit SequentialNoise(Next next) : next_(std::move(next)) {}

  void fill(int draw, auto&& out) {
    const int first = draw > last_ ? last_ + 1 : (draw > 0 ? 1 : 0);
    using Scalar = typename std::decay_t<decltype(out)>::Scalar;
    for (int number = first; number <= draw; ++number)
      for (Eigen::Index k = 0; k < out.size(); ++k) out.data()[k] = static_cast<Scalar>(next_());
    last_ = draw;
  }

 private:
  Next next_;
  int last_ = 0;
};

}  // namespace tweedie
