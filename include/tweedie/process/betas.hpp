// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "tweedie/process/process.hpp"

namespace tweedie {

// The customary tables of forward variances beta_k, k = 0 .. N-1, for TabulatedVP::from_betas.
namespace verbs {

/// Equidistant from first to last: Ho et al. 2020, arXiv:2006.11239, with N = 1000.
inline std::vector<double> linear_betas(int N, double first = 1e-4, double last = 0.02) {
  check(N >= 1 && std::isfinite(first) && std::isfinite(last), "betas: N = ", N, " values from ",
        first, " to ", last, "; N must be at least 1, and the ends finite");
  std::vector<double> betas;
  for (int k = 0; k < N; ++k) betas.push_back(first + (last - first) * k / std::max(N - 1, 1));
  return betas;
}

/// Equidistant in sqrt(beta): latent diffusion, Rombach et al. 2022, arXiv:2112.10752.
inline std::vector<double> scaled_linear_betas(int N, double first = 1e-4, double last = 0.02) {
  std::vector<double> betas = linear_betas(N, std::sqrt(first), std::sqrt(last));
  for (double& beta : betas) beta *= beta;
  return betas;
}

/// A logistic curve over [-6, 6] between first and last: Xu et al. 2022, arXiv:2203.02923.
inline std::vector<double> sigmoid_betas(int N, double first = 1e-4, double last = 0.02) {
  check(std::isfinite(first) && std::isfinite(last), "sigmoid_betas: the ends ", first, " and ",
        last, " must be finite");
  std::vector<double> betas = linear_betas(N, -6, 6);
  for (double& beta : betas) beta = first + (last - first) / (1 + std::exp(-beta));
  return betas;
}

/// 1 - F((k+1)/N) / F(k/N), at most 0.999, with F = cos^2 of the cosine schedule: Nichol & Dhariwal
/// 2021, arXiv:2102.09672; "squaredcos_cap_v2" in diffusers.
inline std::vector<double> cosine_betas(int N, double most = 0.999) {
  check(N >= 1 && most > 0 && most <= 1, "cosine_betas: N = ", N, " values of at most ", most,
        "; N must be at least 1, and the largest value in (0, 1]");
  const auto F = [](double t) {
    const double cosine = std::cos((t + 0.008) / 1.008 * std::numbers::pi / 2);
    return cosine * cosine;
  };
  std::vector<double> betas;
  for (int k = 0; k < N; ++k)
    betas.push_back(std::min(1 - F(double(k + 1) / N) / F(double(k) / N), most));
  return betas;
}

/// The same table, but with no signal left in its last entry: sqrt(alpha_bar) is shifted and scaled
/// so that the first one stays and the last one is 0; its beta is 1. Lin et al. 2023,
/// arXiv:2305.08891, algorithm 1. The network has to be trained with it, and to predict v.
inline std::vector<double> rescaled_to_zero_terminal_snr(std::vector<double> betas) {
  check(betas.size() >= 2, "rescaled_to_zero_terminal_snr: the table has ", betas.size(),
        " entries, at least 2 are needed");
  std::vector<double> scales;
  double scale = 1;
  for (const double beta : betas) {
    check(beta > 0 && beta < 1, "rescaled_to_zero_terminal_snr: beta = ", beta,
          " must lie in (0, 1)");
    scales.push_back(scale *= std::sqrt(1 - beta));
  }
  for (std::size_t k = 1; k < betas.size(); ++k) {
    const double ratio = (scales[k] - scale) / (scales[k - 1] - scale);
    betas[k] = (1 - ratio) * (1 + ratio);
  }
  return betas;
}

/// The chain of N transitions that a continuous process makes at t = (k+1)/N t_max:
/// beta_k = 1 - (scale_k / scale_{k-1})^2. To first order in 1/N it is beta(t)/N, where
/// beta = -d log alpha_bar/dt, not twice that.
inline std::vector<double> betas_of(const AnyProcess& process, int N) {
  check(N >= 1, "betas_of: N = ", N, " must be at least 1");
  std::vector<double> betas;
  double before = process.at_sigma(0).scale;
  for (int k = 1; k <= N; ++k) {
    const double scale = process.at(process.t_max * k / N).scale, ratio = scale / before;
    betas.push_back((1 - ratio) * (1 + ratio));
    before = scale;
  }
  return betas;
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
