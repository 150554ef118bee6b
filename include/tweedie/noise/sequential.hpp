// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <utility>

#include "tweedie/noise/source.hpp"

namespace tweedie {

/// A generator that only goes forward: next() returns one standard normal after the other. Draws
/// are filled whole, in storage order, in the order in which the solver asks for them; a draw that
/// was asked for but has weight 0 is generated and thrown away, as a program that draws in each
/// step would, at the end of a run too. Pass it as an lvalue: the generator goes on from run to
/// run.
template <class Next>
class SequentialNoise {
 public:
  explicit SequentialNoise(Next next) : next_(std::move(next)) {}

  void begin_run(int first_draw) { last_ = first_draw - 1; }
  void fill(int draw, auto&& out) {
    verbs::check_contiguous(out);
    skip((draw - last_ - 1) * out.size());
    fill_next(out);
    last_ = draw;
  }
  /// The next numbers, as no draw of a run.
  void fill_next(auto&& out) {
    verbs::check_contiguous(out);
    using Scalar = typename std::decay_t<decltype(out)>::Scalar;
    for (Eigen::Index k = 0; k < out.size(); ++k) out.data()[k] = static_cast<Scalar>(next_());
  }
  /// After a run, or a part of one, up to draw `draws`, each of `size` numbers.
  void end_run(int draws, Eigen::Index size, bool) {
    skip((draws - last_) * size);
    last_ = 0;
  }

 private:
  Next next_;
  int last_ = 0;

  void skip(Eigen::Index count) {
    for (; count > 0; --count) next_();
  }
};

}  // namespace tweedie
