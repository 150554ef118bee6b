// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <array>
#include <utility>

#include "tweedie/model/guided.hpp"

namespace tweedie {

/// One model, asked once for 2 N columns: the first N with the condition, the others without.
template <GuidanceWeight W>
struct GuidedInBatch {
  Guidance<W> guide;
  std::array<Scratch, 3> both = {};
  static constexpr bool makes_both = Guidance<W>::of_data_alone;
  template <class Plain>
  using Asks = Samples<typename Plain::Scalar>;
  static Eigen::Index asked(Eigen::Index count) { return 2 * count; }

  Output output(const Output& model) { return guide.output(model, model); }
  void operator()(auto& model, const auto& x, const Call& call, auto& out) {
    auto all = room(1, x);
    verbs::predict(model, guide.meaning, twice(x), call, all);
    out.matrix() = all.leftCols(x.cols());
    guide(out, all.rightCols(x.cols()), call);
  }
  void operator()(auto& model, const auto& x, const Call& call, auto& data, auto& epsilon) {
    auto all = room(1, x), of_noise = room(2, x);
    verbs::predict_both(model, twice(x), call, all, of_noise);
    data.matrix() = all.leftCols(x.cols());
    guide(data, all.rightCols(x.cols()), call);
    epsilon.matrix() = of_noise.rightCols(x.cols());
    if constexpr (makes_both) return;
    epsilon.matrix() = of_noise.leftCols(x.cols());
    guide(epsilon, of_noise.rightCols(x.cols()), call);
  }
  void vjp(auto& model, const auto& x, const Call& call, const auto& v, auto& out) {
    auto parts = room(1, x), all = room(2, x);
    guide.split(v, call, parts.leftCols(x.cols()), parts.rightCols(x.cols()));
    verbs::predict_vjp(model, guide.meaning, twice(x), call, verbs::view_of(parts), all);
    out.matrix() = all.leftCols(x.cols()) + all.rightCols(x.cols());
  }
  template <class Plain>
  void reserve(Eigen::Index dim, Eigen::Index count) {
    for (Scratch& scratch : both) scratch.data<typename Plain::Scalar>(2 * dim * count);
  }

 private:
  template <class X>
  Eigen::Map<Samples<typename X::Scalar>> room(int which, const X& x) {
    return {both[std::size_t(which)].template data<typename X::Scalar>(2 * x.size()), x.rows(),
            2 * x.cols()};
  }
  template <class X>
  Eigen::Map<const Samples<typename X::Scalar>> twice(const X& x) {
    auto in = room(0, x);
    in.leftCols(x.cols()) = x.matrix();
    in.rightCols(x.cols()) = x.matrix();
    return verbs::view_of(in);
  }
};

namespace verbs {

/// Both predictions in one call of a model on 2 N columns: the first N are to be predicted with the
/// condition, the others without. call.first_sample is the number of column 0, and of column N. To
/// split a batch as well, write in_batches(guided_batched(model, w), ...): the other way round would
/// mix the two halves.
template <Predictor M, GuidanceWeight W>
Wrapped<GuidedInBatch<W>, M> guided_batched(M model, W weight,
                                            const GuidanceOptions& options = {}) {
  return verbs::wrapped(GuidedInBatch<W>{verbs::guidance(std::move(weight), options)},
                        std::move(model));
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
