// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <utility>

#include "tweedie/model/model.hpp"
#include "tweedie/model/scratch.hpp"

namespace tweedie {

/// What a step does with epsilon when the data are clipped: takes that which belongs to them, or,
/// as diffusers' DDIM with clip_sample, keeps the network's, which fits the step of DDIM and Euler.
enum class ClippedEpsilon { of_clipped_data, of_network };

/// A model of the data from any other, changed by `limit`, which is called as limit(column) for each
/// sample's data.
template <Predictor M, class Limit>
class LimitedData {
 public:
  Prediction prediction = Prediction::data;

  LimitedData(M model, Limit limit, ClippedEpsilon epsilon)
      : model_(std::move(model)), limit_(std::move(limit)), epsilon_(epsilon) {}

  template <class Out>
  void operator()(const auto& x, const Call& call, Out& out) {
    using T = typename Out::Scalar;
    const Conversion c = verbs::checked_conversion(Prediction::data, model_.prediction, call.level);
    model_(x, call, out);
    // The network's epsilon with clipped data is another data prediction's step, for the step from
    // sigma to sigma_to: D + (1 + r) (clipped - D) with r = sigma_to / (sigma - sigma_to).
    const double part = call.to.sigma() / call.level.sigma();
    const bool keeps = epsilon_ == ClippedEpsilon::of_network && part < 1;
    const double reach = keeps ? 1 / (1 - part) : 1;
    T* const before = keeps ? scratch_.data<T>(out.rows()) : nullptr;
    for (Eigen::Index k = 0; k < out.cols(); ++k) {
      auto column = out.matrix().col(k);
      column *= static_cast<T>(c.output);
      if (c.state != 0) column += static_cast<T>(c.state) * x.matrix().col(k);
      if (keeps) std::copy_n(column.data(), column.size(), before);
      limit_(column);
      if (!keeps) continue;
      for (Eigen::Index i = 0; i < column.size(); ++i)
        column[i] = before[i] + static_cast<T>(reach) * (column[i] - before[i]);
    }
  }
  template <class Plain>
  void reserve(Eigen::Index dim, Eigen::Index count) {
    using T = typename Plain::Scalar;
    scratch_.data<T>(dim);
    if constexpr (requires { limit_.template reserve<T>(dim); }) limit_.template reserve<T>(dim);
    verbs::reserve<Plain>(model_, dim, count);
  }

 private:
  M model_;
  Limit limit_;
  ClippedEpsilon epsilon_;
  Scratch scratch_;
};

/// Each number to [least, most].
struct Clip {
  double least, most;

  void operator()(auto& column) const {
    for (auto& value : column) {
      using T = std::decay_t<decltype(value)>;
      value = std::clamp(value, static_cast<T>(least), static_cast<T>(most));
    }
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
LimitedData<M, Clip> clipped(M model, double least = -1, double most = 1,
                             ClippedEpsilon epsilon = ClippedEpsilon::of_clipped_data) {
  check(least < most, "clipped: least = ", least, " must lie below most = ", most);
  return {std::move(model), Clip{least, most}, epsilon};
}
/// The data prediction with dynamic thresholding.
template <Predictor M>
LimitedData<M, DynamicThreshold> thresholded(M model, double quantile = 0.995, double most = 1) {
  check(quantile > 0 && quantile <= 1, "thresholded: quantile = ", quantile, " must lie in (0, 1]");
  check(most > 0 && std::isfinite(most), "thresholded: most = ", most, " must be positive");
  return {std::move(model), DynamicThreshold{quantile, most}, ClippedEpsilon::of_clipped_data};
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
