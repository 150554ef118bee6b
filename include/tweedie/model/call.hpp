// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <concepts>
#include <cstdint>

#include "tweedie/error.hpp"
#include "tweedie/model/output.hpp"
#include "tweedie/state.hpp"

namespace tweedie {

/// Where in a run a model is called: for conditioning per time, per evaluation and per sample.
struct Call {
  Level level;                    ///< of x
  int step = 0;                   ///< index of the step that asks
  int evaluation = 0;             ///< how many evaluations came before
  std::int64_t first_sample = 0;  ///< column 0 of x is this sample of the whole run
  Level to = {};                  ///< where the step goes that asks
};

template <class M>
concept Predictor = requires(M& model) {
  { model.prediction } -> std::convertible_to<Output>;
};
template <class M, class Plain>
concept CalledWith = requires(M& model, const Eigen::Map<const Plain>& x, const Call& call,
                              Eigen::Map<Plain>& out) {
  model(x, call, out);
};
/// A callable that takes a state x (dim x count, one sample per column) and writes what it predicts
/// into out (same shape), all of it, keeping no reference to either. Made by predicts_epsilon and
/// its siblings. Copied into a Sampler: one thread uses one copy.
template <class M, class Plain = Samples<double>>
concept Model = Predictor<M> && CalledWith<M, Plain>;

/// A model that can be called for two outputs, if its prediction says so: see
/// Output::data_and_epsilon.
template <class M, class X, class Out>
concept MayGiveBoth = requires(M& model, const X& x, const Call& call, Out& out) {
  model(x, call, out, out);
};
/// A model that offers out = J^T v, with J the Jacobian of its own output (of two: of the data).
template <class M, class X, class V, class Out>
concept OffersVJP = requires(M& model, const X& x, const Call& call, const V& v, Out& out) {
  model.vjp(x, call, v, out);
};

namespace verbs {

/// Says at compile time that a model says what it predicts.
template <class M>
consteval bool require_predictor() {
  static_assert(Predictor<M>, "wrap the network as predicts_epsilon(f), predicts_data(f), ...");
  return Predictor<M>;
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
