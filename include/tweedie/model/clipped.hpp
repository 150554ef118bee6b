// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "tweedie/model/wrapped.hpp"

namespace tweedie {

/// Which epsilon goes with clipped data into a step: that which belongs to them, as in DPM-Solver++
/// and DDPM, or the network's own, as in diffusers' DDIM with clip_sample: an output of its own.
enum class ClippedEpsilon { of_clipped_data, of_network };

template <class L>
concept PassesBack = requires(L& limit, Eigen::ArrayXd& column) {
  limit.vjp(column, column);
};

/// The data prediction changed by limit(column), for each sample. A limit that has
/// vjp(column, v), v = J^T v for the column before, passes that on.
template <class Limit>
struct LimitedData {
  Limit limit;
  ClippedEpsilon epsilon;
  std::array<Scratch, 1> memory = {};
  static constexpr bool makes_both = true;

  Output output(const Output&) const {
    return epsilon == ClippedEpsilon::of_network ? Output::data_and_epsilon() : Prediction::data;
  }
  void operator()(auto& model, const auto& x, const Call& call, auto& out) {
    verbs::predict(model, Prediction::data, x, call, out);
    limit_all(out);
  }
  void operator()(auto& model, const auto& x, const Call& call, auto& data, auto& of_network) {
    verbs::predict_both(model, x, call, data, of_network);
    limit_all(data);
  }
  template <class X, class V, class Out>
  requires PassesBack<Limit>
  void vjp(auto& model, const X& x, const Call& call, const V& v, Out& out) {
    verbs::predict(model, Prediction::data, x, call, out);
    auto passed = memory[0].like(out);
    passed = v;
    for (Eigen::Index k = 0; k < out.cols(); ++k) {
      auto column = passed.matrix().col(k);
      limit.vjp(out.matrix().col(k), column);
    }
    verbs::predict_vjp(model, Prediction::data, x, call, verbs::view_of(passed), out);
  }
  template <class Plain>
  void reserve(Eigen::Index dim, Eigen::Index) {
    using T = typename Plain::Scalar;
    if constexpr (requires { limit.template reserve<T>(dim); }) limit.template reserve<T>(dim);
  }

 private:
  void limit_all(auto& data) {
    for (Eigen::Index k = 0; k < data.cols(); ++k) {
      auto column = data.matrix().col(k);
      limit(column);
    }
  }
};

/// Each number to [least, most].
struct Clip {
  double least, most;

  void operator()(auto& column) const {
    using T = typename std::decay_t<decltype(column)>::Scalar;
    for (auto& value : column)
      value = std::clamp(value, static_cast<T>(least), static_cast<T>(most));
  }
  void vjp(const auto& column, auto& v) const {
    for (Eigen::Index i = 0; i < v.size(); ++i)
      if (!(column[i] > least && column[i] < most)) v[i] = 0;
  }
};

/// Dynamic thresholding, Saharia et al. 2022, arXiv:2205.11487: each sample is clipped to its own
/// quantile of |data|, if that is above `most`, and brought back to `most`.
struct DynamicThreshold {
  double quantile = 0.995, most = 1;
  Scratch sizes = {};

  void operator()(auto& column) {
    using T = typename std::decay_t<decltype(column)>::Scalar;
    const Eigen::Index n = column.size();
    T* const size = sizes.data<T>(n);
    for (Eigen::Index i = 0; i < n; ++i) size[i] = std::abs(column[i]);
    // Between the two next in order, as torch.quantile.
    const double place = quantile * static_cast<double>(n - 1), below = std::floor(place);
    const auto k = static_cast<Eigen::Index>(below);
    std::nth_element(size, size + k, size + n);
    T threshold = size[k];
    if (k + 1 < n)
      threshold +=
          static_cast<T>(place - below) * (*std::min_element(size + k + 1, size + n) - threshold);
    if (!(threshold > static_cast<T>(most))) threshold = static_cast<T>(most);
    const T back = static_cast<T>(most) / threshold;
    for (Eigen::Index i = 0; i < n; ++i)
      column[i] = std::clamp(column[i], -threshold, threshold) * back;
  }
  template <class T>
  void reserve(Eigen::Index dim) {
    sizes.data<T>(dim);
  }
};

namespace verbs {

/// The data prediction clipped to [least, most], whatever the model predicts.
template <Predictor M>
Wrapped<LimitedData<Clip>, M> clipped(M model, double least = -1, double most = 1,
                                      ClippedEpsilon epsilon = ClippedEpsilon::of_clipped_data) {
  check(least < most, "clipped: least = ", least, " must lie below most = ", most);
  LimitedData<Clip> idea{{least, most}, epsilon};
  return verbs::wrapped(std::move(idea), std::move(model));
}
/// The data prediction with dynamic thresholding.
template <Predictor M>
Wrapped<LimitedData<DynamicThreshold>, M> thresholded(
    M model, double quantile = 0.995, double most = 1,
    ClippedEpsilon epsilon = ClippedEpsilon::of_clipped_data) {
  check(quantile > 0 && quantile <= 1, "thresholded: quantile = ", quantile, " must lie in (0, 1]");
  check(most > 0 && std::isfinite(most), "thresholded: most = ", most, " must be positive");
  LimitedData<DynamicThreshold> idea{{quantile, most}, epsilon};
  return verbs::wrapped(std::move(idea), std::move(model));
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
