// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "tweedie/grid/spacing.hpp"
#include "tweedie/grid/timesteps.hpp"
#include "tweedie/math/incomplete_beta.hpp"

// Spacings of the programs that draw pictures, in the time that a network is told. Unlike those of
// spacing.hpp their last step leads from above t_min to clean data; without to_zero it leads to
// t_min.

namespace tweedie::verbs {

/// The grid through t_min + (t_max - t_min) part(r) at r = 0, 1/n, ..., (n - 1)/n, where part falls
/// from 1 to 0; then the end.
inline Grid to_the_end(const AnyProcess& process, math::Whole steps, const NoiseRange& range,
                       auto part) {
  check(steps >= 1 && steps <= 10'000'000, "grid: ", int{steps},
        " steps asked for; 1 to 10 million are possible");
  const auto both = ends(process, range);
  const Level top = both.first, bottom = both.second;
  std::vector<Level> levels{top};
  for (int k = 1; k < steps; ++k)
    levels.push_back(process.at(bottom.t + (top.t - bottom.t) * part(double(k) / steps)));
  levels.push_back(range.to_zero ? process.at_sigma(0) : bottom);
  return Grid(std::move(levels));
}

/// Equidistant in t with t_min left out: sgm's and ComfyUI's "sgm_uniform".
inline Grid sgm_uniform(const AnyProcess& process, math::Whole steps,
                        const NoiseRange& range = {}) {
  return to_the_end(process, steps, range, [](double r) { return 1 - r; });
}

/// t at the quantiles of Beta(a, b): dense at both ends for a, b < 1. Lee et al. 2024,
/// arXiv:2407.12173; ComfyUI's "beta" has a = b = 0.6, its "beta57" 0.5 and 0.7.
inline Grid beta_spacing(const AnyProcess& process, math::Whole steps, const NoiseRange& range = {},
                         double a = 0.6, double b = 0.6) {
  check(a >= 0.1 && a <= 100 && b >= 0.1 && b <= 100, "beta_spacing: a = ", a, " and b = ", b,
        " must lie from 0.1 to 100; usual is 0.6");
  return to_the_end(process, steps, range,
                    [=](double r) { return math::beta_quantile(1 - r, a, b); });
}

/// From pure noise linear in t down to 1 - threshold over half of the steps, and on quadratically,
/// with no bend between: of Mochi and Movie Gen (Polyak et al. 2024, arXiv:2410.13720, 3.4.2), for
/// flows.
inline Grid linear_quadratic(const AnyProcess& process, math::Whole steps,
                             const NoiseRange& range = {}, double threshold = 0.025) {
  check(threshold > 0 && threshold < 1, "linear_quadratic: threshold = ", threshold,
        " must lie in (0, 1); usual is 0.025");
  const double half = steps / 2, rest = steps - half;
  const double slope = half > 0 ? threshold / half : 0;
  const double bend = (1 - threshold - slope * rest) / (rest * rest);
  check(steps == 1 || bend >= 0 || -2 * bend * rest < slope,
        "linear_quadratic: threshold = ", threshold, " is too large for ", int{steps},
        " steps; usual is 0.025");
  return to_the_end(process, steps, range, [=](double r) {
    const double k = std::nearbyint(r * (half + rest)), beyond = std::max(0.0, k - half);
    return 1 - (slope * k + bend * beyond * beyond);
  });
}

/// n steps along a published list of noise levels, largest first and all positive, log-linear
/// between them, and from the last but one to clean data: what Align Your Steps (Sabour et al.
/// 2024, arXiv:2404.14507) prints its tables for. Without to_zero the last step leads to the last.
inline Grid resampled(const AnyProcess& process, const std::vector<double>& sigmas,
                      math::Whole steps, const GridEnd& end = {.to_zero = true}) {
  const int last = static_cast<int>(sigmas.size()) - 1;
  check(last >= 1 && steps >= 1 && steps <= 10'000'000, "resampled: ", int{steps}, " steps along ",
        last + 1, " noise levels; there must be 1 step at least, and 2 levels");
  for (int k = 0; k <= last; ++k)
    check(math::element(sigmas, k) > 0 && std::isfinite(math::element(sigmas, k)),
          "resampled: sigma = ", math::element(sigmas, k),
          " must be positive and finite; the step to 0 comes by itself");
  std::vector<double> chosen;
  for (int k = 0; k < steps + (end.to_zero ? 0 : 1); ++k) {
    const double place = double(k) / steps * last;
    const int low = std::min(static_cast<int>(place), last - 1);
    const double a = math::element(sigmas, low), b = math::element(sigmas, low + 1);
    chosen.push_back(a * std::pow(b / a, place - low));
  }
  return from_sigmas(process, chosen, end);
}

/// Entries of a table by ComfyUI's names: "simple" counts down from the last in equal parts, "beta"
/// takes the quantiles of Beta(a, b), each entry once.
inline std::vector<int> simple_timesteps(int n, int N) {
  check(n >= 1 && n <= N, "simple_timesteps: ", n, " entries of a table of ", N,
        " asked for; 1 to ", N, " are possible");
  std::vector<int> chosen;
  for (int k = 0; k < n; ++k)
    chosen.push_back(N - 1 - static_cast<int>(static_cast<long long>(k) * N / n));
  return chosen;
}
/// "ddim_uniform": 1, 1 + N/n, ... as far as the table goes, which may be a step more or less.
inline std::vector<int> ddim_uniform_timesteps(int n, int N) {
  check(n >= 1 && n < N, "ddim_uniform_timesteps: ", n, " entries of a table of ", N,
        " asked for; 1 to ", N - 1, " are possible");
  std::vector<int> chosen;
  for (int entry = 1; entry < N; entry += N / n) chosen.insert(chosen.begin(), entry);
  return chosen;
}
inline std::vector<int> beta_timesteps(int n, int N, double a = 0.6, double b = 0.6) {
  check(n >= 1 && n <= N && a >= 0.1 && a <= 100 && b >= 0.1 && b <= 100, "beta_timesteps: ", n,
        " entries of a table of ", N, ", a = ", a, ", b = ", b, "; 1 to ", N,
        " are possible, and a and b from 0.1 to 100");
  std::vector<int> chosen;
  for (int k = 0; k < n; ++k) {
    const double part = math::beta_quantile(1 - double(k) / n, a, b);
    const int entry = static_cast<int>(std::nearbyint(part * (N - 1)));
    if (chosen.empty() || entry != chosen.back()) chosen.push_back(entry);
  }
  return chosen;
}

}  // namespace tweedie::verbs

namespace tweedie {
using namespace verbs;
}
