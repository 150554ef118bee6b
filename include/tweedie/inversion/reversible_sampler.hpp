// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cstdint>
#include <utility>

#include "tweedie/grid/grid.hpp"
#include "tweedie/inversion/reversible_methods.hpp"
#include "tweedie/model/predict.hpp"
#include "tweedie/state.hpp"

namespace tweedie {

/// A method of reversible_methods.hpp on a grid of finite levels above clean data: it decodes noise
/// into data, and encodes data into noise that decodes to them, for any model, but for roundings and
/// what the method makes of them. The second state goes with the first.
///
///     tw::ReversibleSampler sampler(grid, model, x);              ReversibleHeun, or another method
///     MatrixXd latent = picture;
///     MatrixXd second = sampler.encode(latent);                    edit latent, if you like
///     sampler.decode(latent, second);                              the picture again
///
/// Memory is made at construction; one thread uses one.
template <class X, class M, class Method = ReversibleHeun>
class ReversibleSampler {
 public:
  ReversibleSampler(Grid grid, M model, const X& like, Method method = {})
      : grid_(std::move(grid)), model_(std::move(model)), method_(method), e_(like), in_(like) {
    static_assert(verbs::require_predictor<M>());
    static_assert(verbs::require_state<X>());
    check(grid_.direction() == Grid::Direction::falling && !grid_.back().is_clean_data() &&
              !grid_.front().is_pure_noise(),
          "ReversibleSampler: the grid must fall, from a finite sigma to one above 0: {.to_zero = "
          "false}");
    method_.validate(grid_.steps());
    verbs::reserve<X>(model_, like.rows(), like.cols());
  }

  /// x at the grid's first level becomes a state of the last one. Returns the second state, which
  /// encode needs to undo it.
  X decode(X& x) { return begin(x, false); }
  /// The same with the second state that encode has left.
  void decode(X& x, X& second) { run(x, second, false); }
  /// x at the grid's last level becomes a state of the first one. Returns the second state, which
  /// decode needs to undo it.
  X encode(X& x) { return begin(x, true); }
  void encode(X& x, X& second) { run(x, second, true); }

  std::int64_t first_sample = 0;  ///< column 0 is this sample, for models that ask

  /// Of the network, in all runs so far.
  int evaluations() const { return evaluations_; }

 private:
  Grid grid_;
  M model_;
  Method method_;
  X e_, in_;
  int evaluations_ = 0;

  ReversibleStep step(int k) const {
    return {.before = grid_[k > 0 ? k - 1 : 0], .t = grid_[k], .u = grid_[k + 1]};
  }
  void check_states(const X& x) const {
    verbs::check_shape("ReversibleSampler: the state is", x, "the sampler's", e_);
  }
  /// The asked slope, epsilon of the network, in step `index`.
  auto slope(const int& index, bool up) {
    return [this, &index, up](const X& y, const Level& l, X& e) {
      using T = typename X::Scalar;
      in_ = static_cast<T>(l.scale) * y;
      Eigen::Map<X> out(e.data(), e.rows(), e.cols());
      const Call call{.level = l,
                      .step = index,
                      .evaluation = evaluations_++,
                      .first_sample = first_sample,
                      .to = up ? step(index).t : step(index).u};
      verbs::predict(model_, Prediction::epsilon, verbs::view_of(in_), call, out);
    };
  }
  X begin(X& x, bool up) {
    check_states(x);
    using T = typename X::Scalar;
    const int index = up ? grid_.steps() - 1 : 0;
    const T scale = static_cast<T>((up ? grid_.back() : grid_.front()).scale);
    X second = x;
    const X y = x / scale;
    auto ask = slope(index, up);
    method_.begin(ask, y, second, e_, step(index), up);
    second *= scale;
    run(x, second, up);
    return second;
  }
  void run(X& x, X& second, bool up) {
    using T = typename X::Scalar;
    check_states(x);
    check_states(second);
    check(x.data() != second.data(), "ReversibleSampler: x and its second state are one");
    const int last = grid_.steps() - 1;
    int index = 0;
    auto ask = slope(index, up);
    const Level &from = up ? grid_.back() : grid_.front(), &to = up ? grid_.front() : grid_.back();
    x /= static_cast<T>(from.scale);
    second /= static_cast<T>(from.scale);
    bool known = false;
    for (int k = 0; k <= last; ++k) {
      index = up ? last - k : k;
      if (up)
        method_.up(ask, x, second, e_, known, step(index));
      else
        method_.down(ask, x, second, e_, known, step(index));
    }
    x *= static_cast<T>(to.scale);
    second *= static_cast<T>(to.scale);
  }
};

template <class M, class X>
ReversibleSampler(Grid, M, const X&) -> ReversibleSampler<X, M>;
template <class M, class X, class Method>
ReversibleSampler(Grid, M, const X&, Method) -> ReversibleSampler<X, M, Method>;

}  // namespace tweedie
