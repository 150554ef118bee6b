// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <span>

#include "tweedie/model/output.hpp"
#include "tweedie/state.hpp"

namespace tweedie {

/// What an error of the data prediction costs, as a function of the level.
enum class LossWeight {
  data,             ///< 1: |D - x0|^2
  epsilon,          ///< 1 / sigma^2: the loss of predicted noise, DDPM's "simple", denoising score
                    ///< matching with lambda = std^2
  edm,              ///< 1 / c_out^2 = (sigma^2 + s^2) / (sigma s)^2: Karras et al. 2022, table 1
  min_snr,          ///< min(1 / sigma^2, gamma): Hang et al. 2023, arXiv:2303.09556
  velocity,         ///< of what a flow's network predicts
  score_likelihood  ///< denoising score matching with lambda = g^2: Song et al. 2021, 2101.09258
};

struct LossWeightOptions {
  double sigma_data = 0.5;  ///< s of edm
  double gamma = 5;         ///< of min_snr
};

namespace verbs {

/// The weight of |D - x0|^2.
inline double weight_of_data(LossWeight weight, const Level& l,
                             const LossWeightOptions& options = {}) {
  const double snr = 1 / (l.sigma() * l.sigma()), s = options.sigma_data;
  const Conversion data = conversion(Prediction::data, Prediction::velocity, l);
  switch (weight) {
    case LossWeight::data: return 1;
    case LossWeight::epsilon: return snr;
    case LossWeight::edm: return snr + 1 / (s * s);
    case LossWeight::min_snr: return std::min(snr, options.gamma);
    case LossWeight::velocity: return 1 / (data.output * data.output);
    default: return l.g2 * snr / (l.std * l.std);
  }
}

/// The weight of |output - target|^2 of a network of that output: that of the data prediction times
/// the square of what an error of the output is in it.
inline double weight_of_output(LossWeight weight, const Output& output, const Level& level,
                               const LossWeightOptions& options = {}) {
  const double factor = checked_conversion(Prediction::data, output, level).output;
  return weight_of_data(weight, level, options) * factor * factor;
}

/// What the network's output should be, of data and noise at a level for each column: that which, put
/// through the conversion to data, gives them back.
inline void targets(const Output& output, std::span<const Level> levels, const auto& data,
                    const auto& z, auto& out) {
  using T = typename std::remove_cvref_t<decltype(out)>::Scalar;
  check(static_cast<Eigen::Index>(levels.size()) == out.cols(), "targets: ", levels.size(),
        " levels for ", out.cols(), " columns; each has one");
  verbs::check_shape("targets: the data are", data, "the targets", out);
  verbs::check_shape("targets: the noise is", z, "the targets", out);
  for (Eigen::Index k = 0; k < out.cols(); ++k) {
    const PredictionRow row = output.row(levels[static_cast<std::size_t>(k)]);
    out.col(k) = static_cast<T>(row.data / row.divisor) * data.col(k) +
                 static_cast<T>(row.epsilon / row.divisor) * z.col(k);
  }
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
