// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <array>
#include <tuple>
#include <utility>

#include "tweedie/model/predict.hpp"
#include "tweedie/model/scratch.hpp"

namespace tweedie {

/// A model of models: an Idea, which says what it does, and the models that it asks. What all of
/// them have in common is written here: what they predict, reserve, offer and pass on. An Idea is a
/// struct with
///
///     Output output(const Output& inner...) const         what it predicts, of what those predict
///     void operator()(auto& inner..., x, call, auto&... outs)
///
/// called with one `out`, or with `data` and `epsilon` if output() gives both (model/predict.hpp
/// asks the inner models in either way); and, as it needs them,
///
///     static constexpr bool makes_both = true             gives two outputs of models of one
///     std::array<Scratch, n> memory                       arrays of the state's size
///     template <class Plain> void reserve(dim, count)     room of other sizes
///     template <class Plain> using Asks = ...             states that the inner models are given,
///     Index asked(Index count) const                      and how many, where they are others
///     void vjp(auto& inner..., x, call, v, out)           out = J^T v, by those of the inner models
template <class Idea, Predictor... Ms>
class Wrapped {
 public:
  Output prediction;

  explicit Wrapped(Idea idea, Ms... models)
      : prediction(idea.output(Output(models.prediction)...)),
        idea_(std::move(idea)),
        models_(std::move(models)...) {}

  void operator()(const auto& x, const Call& call, auto& out) {
    with_models([&](auto&... models) { idea_(models..., x, call, out); });
  }
  template <class X, class Out>
  requires(requires { Idea::makes_both; } || (MayGiveBoth<Ms, X, Out> || ...)) &&
      requires(Idea& idea, Ms&... models, const X& x, const Call& call, Out& out) {
    idea(models..., x, call, out, out);
  }
  void operator()(const X& x, const Call& call, Out& data, Out& epsilon) {
    with_models([&](auto&... models) { idea_(models..., x, call, data, epsilon); });
  }
  template <class X, class V, class Out>
  requires(OffersVJP<Ms, X, V, Out>&&...) &&
      requires(Idea& idea, Ms&... models, const X& x, const Call& call, const V& v, Out& out) {
    idea.vjp(models..., x, call, v, out);
  }
  void vjp(const X& x, const Call& call, const V& v, Out& out) {
    with_models([&](auto&... models) { idea_.vjp(models..., x, call, v, out); });
  }

  template <class Plain>
  void reserve(Eigen::Index dim, Eigen::Index count) {
    if constexpr (requires { idea_.memory; })
      for (Scratch& scratch : idea_.memory) scratch.data<typename Plain::Scalar>(dim * count);
    if constexpr (requires { idea_.template reserve<Plain>(dim, count); })
      idea_.template reserve<Plain>(dim, count);
    if constexpr (requires { idea_.asked(count); }) count = idea_.asked(count);
    with_models([&](auto&... models) {
      if constexpr (requires { typename Idea::template Asks<Plain>; })
        (verbs::reserve<typename Idea::template Asks<Plain>>(models, dim, count), ...);
      else
        (verbs::reserve<Plain>(models, dim, count), ...);
    });
  }

 private:
  Idea idea_;
  std::tuple<Ms...> models_;

  void with_models(auto&& f) { std::apply(f, models_); }
};

namespace verbs {

template <class Idea, Predictor... Ms>
Wrapped<Idea, Ms...> wrapped(Idea idea, Ms... models) {
  return Wrapped<Idea, Ms...>(std::move(idea), std::move(models)...);
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
