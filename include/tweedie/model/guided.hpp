// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <array>
#include <cmath>
#include <concepts>
#include <utility>

#include "tweedie/math/sums.hpp"
#include "tweedie/model/guidance_weight.hpp"
#include "tweedie/model/wrapped.hpp"

namespace tweedie {

/// rescale, 0 to 1: how far the deviation of each sample is brought back to that of the prediction
/// that is guided. Lin et al. 2023, arXiv:2305.08891, eq. 14 to 16.
struct GuidanceOptions {
  double rescale = 0;
};

/// out = base + w (out - base) with a weight for each column, and by `rescale` of the way back to
/// the deviation that each column of out had.
template <GuidanceWeight W>
struct Guidance {
  W weight;
  double rescale;
  Output meaning = Prediction::data;  ///< of what is guided: data, if there are two outputs

  /// CFG++ guides the data and takes the base's epsilon.
  static constexpr bool of_data_alone = std::same_as<W, CFGPlusPlus>;

  Output output(const Output& model, const Output& base) {
    const bool both = of_data_alone || model.gives_both() || base.gives_both();
    meaning = both ? Prediction::data : model;
    if (of_data_alone) return Output::data_and_epsilon(Remembered::of_epsilon);
    return base.gives_both() ? base : model;
  }
  /// Whether no column is guided.
  bool is_off(const Call& call) {
    return !WeightOfSample<W> && !of_data_alone && verbs::weights_at(weight, call)(0) == 1;
  }
  template <class Out>
  void operator()(Out& out, const auto& base, const Call& call) {
    using T = typename Out::Scalar;
    const auto weight_of = verbs::weights_at(weight, call);
    for (Eigen::Index k = 0; k < out.cols(); ++k) {
      const double w = weight_of(k);
      auto column = out.matrix().col(k);
      const double before = rescale > 0 ? math::deviation(column) : 0;
      column = static_cast<T>(w) * column + static_cast<T>(1 - w) * base.matrix().col(k);
      if (rescale == 0) continue;
      const double after = math::deviation(column);
      if (after > 0) column *= static_cast<T>(rescale * before / after + 1 - rescale);
    }
  }
  /// The parts of v that go to the two predictions backwards.
  template <class Out>
  void split(const auto& v, const Call& call, Out&& of_model, Out&& of_base) {
    using T = typename std::decay_t<Out>::Scalar;
    check(rescale == 0, "guided: with rescale = ", rescale,
          " there is no vjp; take rescale = 0, or networks that offer none");
    const auto weight_of = verbs::weights_at(weight, call);
    for (Eigen::Index k = 0; k < v.cols(); ++k) {
      const double w = weight_of(k);
      of_model.col(k) = static_cast<T>(w) * v.matrix().col(k);
      of_base.col(k) = static_cast<T>(1 - w) * v.matrix().col(k);
    }
  }
};

/// Guidance of one model by another.
template <GuidanceWeight W>
struct GuidedByAnother {
  Guidance<W> guide;
  std::array<Scratch, 2> memory = {};
  static constexpr bool makes_both = Guidance<W>::of_data_alone;

  Output output(const Output& model, const Output& base) { return guide.output(model, base); }
  void operator()(auto& model, auto& base, const auto& x, const Call& call, auto& out) {
    verbs::predict(model, guide.meaning, x, call, out);
    if (guide.is_off(call)) return;
    auto of_base = memory[0].like(out);
    verbs::predict(base, guide.meaning, x, call, of_base);
    guide(out, of_base, call);
  }
  void operator()(auto& model, auto& base, const auto& x, const Call& call, auto& data,
                  auto& epsilon) {
    auto of_base = memory[0].like(data);
    if constexpr (makes_both) {
      verbs::predict(model, Prediction::data, x, call, data);
      verbs::predict_both(base, x, call, of_base, epsilon);
    } else {
      verbs::predict_both(model, x, call, data, epsilon);
      if (guide.is_off(call)) return;
      auto epsilon_of_base = memory[1].like(data);
      verbs::predict_both(base, x, call, of_base, epsilon_of_base);
      guide(epsilon, epsilon_of_base, call);
    }
    guide(data, of_base, call);
  }
  void vjp(auto& model, auto& base, const auto& x, const Call& call, const auto& v, auto& out) {
    auto part = memory[0].like(out), of_base = memory[1].like(out);
    guide.split(v, call, part.matrix(), of_base.matrix());
    verbs::predict_vjp(model, guide.meaning, x, call, verbs::view_of(part), out);
    part = of_base;
    verbs::predict_vjp(base, guide.meaning, x, call, verbs::view_of(part), of_base);
    out += of_base;
  }
};

namespace verbs {

template <GuidanceWeight W>
Guidance<W> guidance(W weight, const GuidanceOptions& options) {
  check(options.rescale >= 0 && options.rescale <= 1, "guided: rescale = ", options.rescale,
        " must lie from 0 to 1");
  if constexpr (std::convertible_to<W, double>)
    check(std::isfinite(static_cast<double>(weight)), "guided: the weight ",
          static_cast<double>(weight), " must be finite");
  return {std::move(weight), options.rescale};
}

/// base + w (model - base), for predictions of any kind, those of base brought to the model's. With a
/// model without its condition as the base it is classifier-free guidance, Ho & Salimans 2022,
/// arXiv:2207.12598; with a negative prompt, negative prompting; with a weaker version of the model,
/// autoguidance, Karras et al. 2024, arXiv:2406.02507; with cfg_plus_plus(lambda) as the weight, CFG++.
/// Two calls of networks where w is not 1.
template <Predictor M, Predictor B, GuidanceWeight W>
Wrapped<GuidedByAnother<W>, M, B> guided(M model, B base, W weight,
                                         const GuidanceOptions& options = {}) {
  return verbs::wrapped(GuidedByAnother<W>{verbs::guidance(std::move(weight), options)},
                        std::move(model), std::move(base));
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
