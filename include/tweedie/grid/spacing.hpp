// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "tweedie/grid/grid.hpp"
#include "tweedie/math/whole.hpp"

namespace tweedie {

/// The noise levels that a grid covers, each end as a time or as a sigma; by default the process's
/// own t_max and t_min. What is given may go beyond them. The last step goes from the lower end to
/// sigma = 0, clean data; without to_zero the lower end is the last level, and its noise stays in
/// the samples.
struct NoiseRange {
  std::optional<double> t_max = {}, t_min = {}, sigma_max = {}, sigma_min = {};
  bool to_zero = true;
};

namespace verbs {

/// The levels between which a range runs. Throws Error if it does not fall.
inline std::pair<Level, Level> ends(const AnyProcess& process, const NoiseRange& range) {
  const auto check_once = [](const char* end, const auto& t, const auto& sigma) {
    check(!t || !sigma, "grid: give t_", end, " = ", t.value_or(0), " or sigma_", end, " = ",
          sigma.value_or(0), ", not both");
  };
  check_once("max", range.t_max, range.sigma_max);
  check_once("min", range.t_min, range.sigma_min);
  check(std::isfinite(range.t_max.value_or(0)) && std::isfinite(range.t_min.value_or(0)),
        "grid: t_max = ", range.t_max.value_or(0), " or t_min = ", range.t_min.value_or(0),
        " is not finite");
  check(!range.sigma_max || *range.sigma_max > 0, "grid: sigma_max = ", range.sigma_max.value_or(0),
        " must be positive");
  check(!range.sigma_min || *range.sigma_min > 0, "grid: sigma_min = ", range.sigma_min.value_or(0),
        " must be positive; a last step goes on to sigma = 0 by itself");
  const Level top = range.sigma_max ? process.at_sigma(*range.sigma_max)
                                    : process.at(range.t_max.value_or(process.t_max));
  const Level bottom = range.sigma_min ? process.at_sigma(*range.sigma_min)
                                       : process.at(range.t_min.value_or(process.t_min));
  check(top.sigma() > bottom.sigma(), "grid: the range runs from sigma = ", top.sigma(), " to ",
        bottom.sigma(), "; it must fall");
  return std::pair(top, bottom);
}

/// `steps` steps over the range, equidistant in coordinate(level); level_at is its inverse. Every
/// spacing of the library is a choice of that coordinate. The ends are hit exactly.
inline Grid spaced(const AnyProcess& process, math::Whole steps, const NoiseRange& range,
                   auto coordinate, auto level_at) {
  check(steps >= 1 && steps <= 10'000'000, "grid: ", int{steps},
        " steps asked for; 1 to 10 million are possible");
  const auto [top, bottom] = ends(process, range);
  const bool goes_on = range.to_zero && !bottom.is_clean_data();
  const int gaps = steps - (goes_on ? 1 : 0);
  const double first = coordinate(top), last = coordinate(bottom);
  check(std::isfinite(first),
        "grid: this spacing needs finite ends, but starts at sigma = ", top.sigma(),
        ", t = ", top.t, "; give a NoiseRange with a finite sigma_max");
  check(std::isfinite(last), "grid: this spacing does not reach sigma = ", bottom.sigma(),
        ", t = ", bottom.t,
        "; give t_min or sigma_min, from which a last step goes on to clean data");
  std::vector<Level> levels{top};
  for (int k = 1; k < gaps; ++k) levels.push_back(level_at(first + (last - first) * k / gaps));
  if (gaps > 0) levels.push_back(bottom);
  if (goes_on) levels.push_back(process.at_sigma(0));
  return Grid(std::move(levels));
}

/// Equidistant in t^(1/exponent): dense at low noise for exponent > 1. 2 is the quadratic grid of
/// DDIM and DPM-Solver, the family is DEIS's t-power (Zhang & Chen 2022, arXiv:2204.13902).
inline Grid power(const AnyProcess& process, math::Whole steps, double exponent,
                  const NoiseRange& range = {}) {
  check(exponent >= 0.01 && exponent <= 100, "power: the exponent ", exponent,
        " must lie from 0.01 to 100; usual is 2");
  const double low = ends(process, range).second.t;
  check(exponent == 1 || low >= 0,
        "power: a power of t needs times from 0, but the range ends at t = ", low,
        "; take uniform");
  return spaced(
      process, steps, range, [&](const Level& l) { return std::pow(l.t, 1 / exponent); },
      [&](double value) { return process.at(std::pow(value, exponent)); });
}

/// t_max - (t_max - t_min) r^2 with r equidistant: dense at high noise, the opposite of power(2).
inline Grid quadratic_from_noise(const AnyProcess& process, math::Whole steps,
                                 const NoiseRange& range = {}) {
  const auto both = ends(process, range);
  const double high = both.first.t, low = both.second.t;
  return spaced(
      process, steps, range, [&](const Level& l) { return std::sqrt((high - l.t) / (high - low)); },
      [&](double r) { return process.at(high - (high - low) * r * r); });
}

/// Equidistant in t.
inline Grid uniform(const AnyProcess& process, math::Whole steps, const NoiseRange& range = {}) {
  return power(process, steps, 1, range);
}

/// Equidistant in sigma^(1/rho). Karras et al. 2022, arXiv:2206.00364, eq. 5.
inline Grid karras(const AnyProcess& process, math::Whole steps, const NoiseRange& range = {},
                   double rho = 7) {
  check(rho >= 0.1 && rho <= 1000, "karras: rho = ", rho,
        " must lie from 0.1 to 1000; usual is 7, and log_snr is its limit");
  return spaced(
      process, steps, range,
      [&](const Level& l) {  // down to 0 it would spend its steps on sigmas of 1e-10 and less
        return l.is_clean_data() ? -HUGE_VAL : std::pow(l.sigma(), 1 / rho);
      },
      [&](double value) { return process.at_sigma(std::pow(value, rho)); });
}

/// Equidistant in lambda = -log sigma: "logSNR" in DPM-Solver, "exponential" in k-diffusion.
inline Grid log_snr(const AnyProcess& process, math::Whole steps, const NoiseRange& range = {}) {
  return spaced(
      process, steps, range, [](const Level& l) { return l.lambda(); },
      [&](double lambda) { return process.at_sigma(std::exp(-lambda)); });
}

/// log sigma = log sigma_min + (1 - r)^rho (log sigma_max - log sigma_min), r equidistant:
/// k-diffusion's polyexponential. rho = 1 is log_snr.
inline Grid polyexponential(const AnyProcess& process, math::Whole steps, double rho,
                            const NoiseRange& range = {}) {
  check(rho >= 0.01 && rho <= 100, "polyexponential: rho = ", rho,
        " must lie from 0.01 to 100; usual is 1");
  const auto both = ends(process, range);
  const Level top = both.first, bottom = both.second;
  const double span = bottom.lambda() - top.lambda();
  return spaced(
      process, steps, range,
      [&](const Level& l) { return std::pow((bottom.lambda() - l.lambda()) / span, 1 / rho); },
      [&](double part) {
        return process.at_sigma(bottom.sigma() * std::exp(std::pow(part, rho) * span));
      });
}

/// Equidistant in arctan(sigma), the angle between noise and data: Align Your Steps' optimum for a
/// Gaussian (Sabour et al. 2024, arXiv:2404.14507, theorem 3.1). It may start from pure noise.
inline Grid kl_optimal(const AnyProcess& process, math::Whole steps, const NoiseRange& range = {}) {
  return spaced(
      process, steps, range, [](const Level& l) { return std::atan(l.sigma()); },
      [&](double angle) { return process.at_sigma(std::tan(angle)); });
}

/// Geometric in sigma, which is log_snr under the name that it has with VE.
inline Grid geometric(const AnyProcess& process, math::Whole steps, const NoiseRange& range = {}) {
  return log_snr(process, steps, range);
}

/// Of the discrete noise levels u_j of iDDPM, as EDM uses them, those inside the range, chosen
/// evenly by index. Karras et al. 2022, arXiv:2206.00364, table 1 and eq. 153; M = 1000, C_1 =
/// 0.001, C_2 = 0.008 there.
inline Grid iddpm(const AnyProcess& process, math::Whole steps, const NoiseRange& range = {},
                  int M = 1000, double C_1 = 1e-3, double C_2 = 8e-3) {
  check(steps >= 1 && M >= 1 && C_1 > 0 && C_1 < 1 && C_2 > 0 && std::isfinite(C_2),
        "iddpm: ", int{steps}, " steps, M = ", M, ", C_1 = ", C_1, ", C_2 = ", C_2,
        "; steps and M must be at least 1, C_1 in (0, 1), C_2 positive");
  const auto [top, bottom] = ends(process, range);
  const auto alpha_bar = [&](int j) {
    const double sine = std::sin(std::acos(-1.0) / 2 * j / M / (C_2 + 1));
    return sine * sine;
  };
  std::vector<double> u;  // inside the range, u_M first
  double sigma = 0;
  for (int j = M; j >= 1; --j) {
    sigma = std::sqrt((sigma * sigma + 1) / std::max(alpha_bar(j - 1) / alpha_bar(j), C_1) - 1);
    if (sigma >= bottom.sigma() && sigma <= top.sigma()) u.push_back(sigma);
  }
  const bool goes_on = range.to_zero && !bottom.is_clean_data();
  const int points = steps + (goes_on ? 0 : 1), found = static_cast<int>(u.size());
  check(found >= points, "iddpm: only ", found, " of the levels lie from sigma = ", top.sigma(),
        " to ", bottom.sigma(), "; ", points, " are needed, so take fewer steps or a larger M");
  std::vector<double> sigmas;
  for (int k = 0; k < points; ++k)
    sigmas.push_back(math::element(
        u, found - 1 -
               static_cast<int>(std::nearbyint(double(found - 1) / std::max(points - 1, 1) * k))));
  return from_sigmas(process, sigmas, {.to_zero = goes_on});
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
