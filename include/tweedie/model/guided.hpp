// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <utility>

#include "tweedie/model/guidance_weight.hpp"
#include "tweedie/model/model.hpp"
#include "tweedie/model/scratch.hpp"

namespace tweedie {

namespace verbs {

/// out = base + w (out - base) with a weight for each column, and by `rescale` of the way back to
/// the deviation that each column of out had: Lin et al. 2023, arXiv:2305.08891, eq. 14 to 16.
template <class Out>
void guide(Out& out, const auto& base, auto weights, double rescale) {
  using T = typename Out::Scalar;
  const auto deviation = [](const auto& column) {
    return std::sqrt((column.array() - column.mean()).square().mean());
  };
  for (Eigen::Index k = 0; k < out.cols(); ++k) {
    const double w = weights(k);
    auto column = out.matrix().col(k);
    const T before = rescale > 0 ? deviation(column) : T(0);
    column = static_cast<T>(w) * column + static_cast<T>(1 - w) * base.matrix().col(k);
    if (rescale == 0) continue;
    const T after = deviation(column);
    if (after > 0)
      column *= static_cast<T>(rescale) * (before / after) + static_cast<T>(1 - rescale);
  }
}

}  // namespace verbs
using namespace verbs;

/// base + w (model - base) for predictions of one kind, whichever it is. With a model without its
/// condition as the base it is classifier-free guidance, Ho & Salimans 2022, arXiv:2207.12598; with
/// a negative prompt, negative prompting; with a weaker version of the model, autoguidance, Karras
/// et al. 2024, arXiv:2406.02507. Two calls of networks where w is not 1.
template <Predictor M, Predictor B, GuidanceWeight W>
class Guided {
 public:
  Output prediction;

  Guided(M model, B base, W weight, double rescale)
      : prediction(model.prediction),
        model_(std::move(model)),
        base_(std::move(base)),
        weight_(std::move(weight)),
        rescale_(rescale) {
    const Output other = base_.prediction;
    check(prediction.name() == other.name(), "guided: one model predicts ", prediction.name(),
          ", the other ", other.name(), "; they must predict the same");
    check(rescale >= 0 && rescale <= 1, "guided: rescale = ", rescale, " must lie from 0 to 1");
    if constexpr (std::convertible_to<W, double>)
      check(std::isfinite(static_cast<double>(weight_)), "guided: the weight ",
            static_cast<double>(weight_), " must be finite");
  }

  template <class Out>
  void operator()(const auto& x, const Call& call, Out& out) {
    const auto weights = verbs::weights_at(weight_, call);
    model_(x, call, out);
    if (!WeightOfSample<W> && weights(0) == 1) return;
    auto base = scratch_.like(out);
    base_(x, call, base);
    verbs::guide(out, base, weights, rescale_);
  }
  template <class Plain>
  void reserve(Eigen::Index dim, Eigen::Index count) {
    scratch_.data<typename Plain::Scalar>(dim * count);
    verbs::reserve<Plain>(model_, dim, count);
    verbs::reserve<Plain>(base_, dim, count);
  }

 private:
  M model_;
  B base_;
  W weight_;
  double rescale_;
  Scratch scratch_;
};

/// Both predictions in one call of a model on 2 N columns: the first N are to be predicted with the
/// condition, the others without; in batches in_batches(guided_batched(model, w), ...), for the other
/// way round mixes the halves. call.first_sample is the number of column 0, and of column N.
template <Predictor M, GuidanceWeight W>
class GuidedBatched {
 public:
  Output prediction;

  GuidedBatched(M model, W weight, double rescale)
      : prediction(model.prediction),
        model_(std::move(model)),
        weight_(std::move(weight)),
        rescale_(rescale) {
    check(rescale >= 0 && rescale <= 1, "guided: rescale = ", rescale, " must lie from 0 to 1");
  }

  template <class Out>
  void operator()(const auto& x, const Call& call, Out& out) {
    using T = typename Out::Scalar;
    using Both = Samples<T>;
    const Eigen::Index count = x.cols();
    Eigen::Map<Both> in(in_.data<T>(2 * x.size()), x.rows(), 2 * count),
        both(out_.data<T>(2 * x.size()), x.rows(), 2 * count);
    in.leftCols(count) = x.matrix();
    in.rightCols(count) = x.matrix();
    const Eigen::Map<const Both> in_view(in.data(), in.rows(), in.cols());
    model_(in_view, call, both);
    out.matrix() = both.leftCols(count);
    verbs::guide(out, both.rightCols(count), verbs::weights_at(weight_, call), rescale_);
  }
  template <class Plain>
  void reserve(Eigen::Index dim, Eigen::Index count) {
    in_.data<typename Plain::Scalar>(2 * dim * count);
    out_.data<typename Plain::Scalar>(2 * dim * count);
    verbs::reserve<Samples<typename Plain::Scalar>>(model_, dim, 2 * count);
  }

 private:
  M model_;
  W weight_;
  double rescale_;
  Scratch in_, out_;
};

/// rescale, 0 to 1: how far the deviation of each sample is brought back.
struct GuidanceOptions {
  double rescale = 0;
};
namespace verbs {

template <Predictor M, Predictor B, GuidanceWeight W>
Guided<M, B, W> guided(M model, B base, W weight, const GuidanceOptions& options = {}) {
  return {std::move(model), std::move(base), std::move(weight), options.rescale};
}
template <Predictor M, GuidanceWeight W>
GuidedBatched<M, W> guided_batched(M model, W weight, const GuidanceOptions& options = {}) {
  return {std::move(model), std::move(weight), options.rescale};
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
