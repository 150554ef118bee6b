// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <utility>

#include "tweedie/model/wrapped.hpp"

namespace tweedie {

/// weight * gradient added to the score: the data move by std^2 / scale of it, epsilon by -std.
template <class G>
struct ClassifierGuidance {
  G gradient;
  double weight;
  Output given = Prediction::data;
  std::array<Scratch, 1> memory = {};

  Output output(const Output& inner) { return given = inner; }
  template <class Out>
  void operator()(auto& model, const auto& x, const Call& call, Out& out) {
    model(x, call, out);
    auto added = memory[0].like(out);
    gradient(x, call, added);
    out += static_cast<typename Out::Scalar>(weight_of_output(call.level)) * added;
  }
  template <class Out>
  void operator()(auto& model, const auto& x, const Call& call, Out& data, Out& epsilon) {
    using T = typename Out::Scalar;
    verbs::predict_both(model, x, call, data, epsilon);
    auto added = memory[0].like(data);
    gradient(x, call, added);
    data += static_cast<T>(weight_in({1, 0}, call.level)) * added;
    epsilon += static_cast<T>(weight_in({0, 1}, call.level)) * added;
  }
  template <class X, class V, class Out>
  requires OffersVJP<G, X, V, Out>
  void vjp(auto& model, const X& x, const Call& call, const V& v, Out& out) {
    model.vjp(x, call, v, out);
    auto added = memory[0].like(out);
    gradient.vjp(x, call, v, added);
    out += static_cast<typename Out::Scalar>(weight_of_output(call.level)) * added;
  }

 private:
  double weight_of_output(const Level& l) const {
    return given == Prediction::score ? weight : weight_in(given.row(l), l);
  }
  double weight_in(const PredictionRow& row, const Level& l) const {
    const double factor = (row.data * l.std * l.sigma() - row.epsilon * l.std) / row.divisor;
    check(std::isfinite(factor), "classifier_guided: ", given.name(),
          " cannot be guided at sigma = infinity; begin a little below, with {.t_max = 0.99}");
    return weight * factor;
  }
};

namespace verbs {

/// A model whose score has weight * grad log p(y | x_t) added, whatever it predicts: Dhariwal & Nichol
/// 2021, arXiv:2105.05233. gradient(x, call, out) writes that gradient with respect to x.
template <Predictor M, class G>
Wrapped<ClassifierGuidance<G>, M> classifier_guided(M model, G gradient, double weight = 1) {
  check(std::isfinite(weight), "classifier_guided: the weight ", weight, " must be finite");
  verbs::check_callable("classifier_guided: the gradient", gradient);
  return verbs::wrapped(ClassifierGuidance<G>{std::move(gradient), weight}, std::move(model));
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
