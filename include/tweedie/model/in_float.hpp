// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <utility>

#include "tweedie/model/model.hpp"
#include "tweedie/model/scratch.hpp"

namespace tweedie {

/// A network of floats as a model of states in double: for what is computed in double whatever the
/// network is, as likelihoods, adaptive steps and tuning.
template <Predictor M>
class InFloat {
 public:
  Output prediction;

  explicit InFloat(M model) : prediction(model.prediction), model_(std::move(model)) {}

  template <class Out>
  void operator()(const auto& x, const Call& call, Out& out) {
    float* const given = in_.data<float>(x.size());
    Eigen::Map<Samples<float>> to(given, x.rows(), x.cols()),
        result(out_.data<float>(x.size()), x.rows(), x.cols());
    to = x.matrix().template cast<float>();
    const Eigen::Map<const Samples<float>> from(given, x.rows(), x.cols());
    model_(from, call, result);
    out.matrix() = result.template cast<typename Out::Scalar>();
  }
  template <class Plain>
  void reserve(Eigen::Index dim, Eigen::Index count) {
    in_.data<float>(dim * count);
    out_.data<float>(dim * count);
    verbs::reserve<Samples<float>>(model_, dim, count);
  }

 private:
  M model_;
  Scratch in_, out_;
};

namespace verbs {

template <Predictor M>
InFloat<M> in_float(M model) {
  return InFloat<M>(std::move(model));
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
