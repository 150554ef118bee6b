// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numbers>
#include <utility>
#include <vector>

#include "tweedie/noise/noise.hpp"
#include "tweedie/process/process.hpp"
#include "tweedie/process/tabulated_vp.hpp"

namespace tweedie {

/// At which levels a network is trained: a function from a standard normal z to a level, so that a
/// level is drawn as noise is, by seed, draw and sample, whatever the batch and the threads.
class LevelDistribution {
 public:
  explicit LevelDistribution(std::function<Level(double z)> level) : level_(std::move(level)) {}

  Level operator()(double z) const { return level_(z); }

  /// t uniform: score_sde from t_min on, flow matching.
  static LevelDistribution uniform_time(AnyProcess process) {
    return LevelDistribution([process = std::move(process)](double z) {
      return process.at(process.t_min + (process.t_max - process.t_min) * part(z));
    });
  }
  /// log sigma normal: EDM, Karras et al. 2022, arXiv:2206.00364, table 1.
  static LevelDistribution log_normal_sigma(AnyProcess process, double mean = -1.2,
                                            double deviation = 1.2) {
    check(std::isfinite(mean) && deviation > 0, "log_normal_sigma: mean = ", mean,
          " must be finite and deviation = ", deviation, " positive");
    return LevelDistribution(
        [=](double z) { return process.at_sigma(std::exp(mean + deviation * z)); });
  }
  /// log sigma uniform.
  static LevelDistribution log_uniform_sigma(AnyProcess process, double least, double most) {
    check(least > 0 && least < most && std::isfinite(most), "log_uniform_sigma: from ", least,
          " to ", most, "; it must be 0 < least < most");
    return LevelDistribution(
        [=](double z) { return process.at_sigma(least * std::pow(most / least, part(z))); });
  }
  /// arctan sigma uniform, as under the cosine schedule without offset: Nichol & Dhariwal 2021,
  /// arXiv:2102.09672; `shift` multiplies sigma, for larger pictures.
  static LevelDistribution cosine(AnyProcess process, double shift = 1) {
    check(shift > 0, "cosine: the shift ", shift, " must be positive");
    return LevelDistribution([=](double z) {
      return process.at_sigma(shift * std::tan(std::numbers::pi / 2 * part(z)));
    });
  }
  /// logit t normal: SD3, Esser et al. 2024, arXiv:2403.03206, section 3.1.
  static LevelDistribution logit_normal_time(AnyProcess process, double mean = 0,
                                             double deviation = 1) {
    check(deviation > 0, "logit_normal_time: the deviation ", deviation, " must be positive");
    return LevelDistribution(
        [=](double z) { return process.at(1 / (1 + std::exp(-(mean + deviation * z)))); });
  }
  /// The entries of a table, alike.
  static LevelDistribution entries(TabulatedVP table) {
    return LevelDistribution([table = std::move(table)](double z) {
      const auto N = static_cast<double>(table.size());
      return table.at(table.time_of_index(std::min(std::floor(part(z) * N), N - 1)));
    });
  }

  /// The part of standard normals below z: uniform in (0, 1) where z is normal.
  static double part(double z) {
    return std::clamp(std::erfc(-z / std::numbers::sqrt2) / 2, 1e-16, 1 - 1e-16);
  }

 private:
  std::function<Level(double z)> level_;
};

namespace verbs {

/// Levels for a batch: that of sample k is a function of the noise's seed, the draw (the training
/// step, say) and k alone.
inline std::vector<Level> draw_levels(const LevelDistribution& distribution, std::int64_t count,
                                      const Noise& noise, int draw = 0) {
  check(count >= 1, "draw_levels: ", count, " levels asked for; at least 1 is possible");
  std::vector<double> z(static_cast<std::size_t>(count));
  noise.stream("levels").fill(draw, 1, 0, count, z.data());
  std::vector<Level> levels;
  for (const double one : z) levels.push_back(distribution(one));
  return levels;
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
