// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <utility>

#include "tweedie/model/model.hpp"
#include "tweedie/model/scratch.hpp"

namespace tweedie {

/// A model whose score has weight * grad log p(y | x_t) added, whatever it predicts: Dhariwal & Nichol
/// 2021, arXiv:2105.05233. gradient(x, call, out) writes that gradient with respect to x.
template <Predictor M, class G>
class ClassifierGuided {
 public:
  Output prediction;

  ClassifierGuided(M model, G gradient, double weight)
      : prediction(model.prediction),
        model_(std::move(model)),
        gradient_(std::move(gradient)),
        weight_(weight) {
    check(std::isfinite(weight), "classifier_guided: the weight ", weight, " must be finite");
    verbs::check_callable("classifier_guided: the gradient", gradient_);
  }

  template <class Out>
  void operator()(const auto& x, const Call& call, Out& out) {
    model_(x, call, out);
    const Level& l = call.level;
    // With the score the data move by std^2 / scale, and epsilon by -std.
    const PredictionRow row = prediction.row(l);
    const double factor = prediction == Prediction::score
                              ? 1
                              : (row.data * l.std * l.sigma() - row.epsilon * l.std) / row.divisor;
    check(std::isfinite(factor), "classifier_guided: ", prediction.name(),
          " cannot be guided at sigma = infinity; begin a little below, with {.t_max = 0.99}");
    auto gradient = scratch_.like(out);
    gradient_(x, call, gradient);
    out += static_cast<typename Out::Scalar>(weight_ * factor) * gradient;
  }
  template <class Plain>
  void reserve(Eigen::Index dim, Eigen::Index count) {
    scratch_.data<typename Plain::Scalar>(dim * count);
    verbs::reserve<Plain>(model_, dim, count);
  }

 private:
  M model_;
  G gradient_;
  double weight_;
  Scratch scratch_;
};

namespace verbs {

template <Predictor M, class G>
ClassifierGuided<M, G> classifier_guided(M model, G gradient, double weight = 1) {
  return {std::move(model), std::move(gradient), weight};
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
