// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

#include "tweedie/math/finite.hpp"
#include "tweedie/model/model.hpp"
#include "tweedie/model/scratch.hpp"

namespace tweedie {

/// A model that throws Error as soon as the inner one writes NaN or infinity, and says where: step,
/// t, evaluation, sample and coordinate. Costs one more pass over the output.
template <Predictor M>
struct Checked {
  M model;
  Output prediction = model.prediction;

  template <class Plain>
  void reserve(Eigen::Index dim, Eigen::Index count) {
    verbs::reserve<Plain>(model, dim, count);
  }
  void operator()(const auto& x, const Call& call, auto& out) {
    model(x, call, out);
    for (Eigen::Index sample = 0; sample < out.cols(); ++sample)
      for (Eigen::Index row = 0; row < out.rows(); ++row)
        check(math::has_finite_bits(out(row, sample)), "model: ", prediction.name(), " is ",
              static_cast<double>(out(row, sample)), " in step ", call.step, ", t = ", call.level.t,
              ", evaluation ", call.evaluation, ", sample ", call.first_sample + sample,
              ", coordinate ", row);
  }
};

namespace verbs {

template <Predictor M>
Checked<M> checked(M model) {
  return {std::move(model)};
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
