// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "tweedie/grid/grid.hpp"

namespace tweedie {

/// The part of a process that a grid covers, and how it ends. What is left out is the process's own
/// t_max or t_min; what is given may go beyond them. With to_zero the last step goes from the lower
/// end to sigma = 0, clean data.
struct Range {
  std::optional<double> t_max = {}, t_min = {}, sigma_max = {}, sigma_min = {};
  bool to_zero = false;
};

/// The levels between which a range runs. Throws Error if it does not fall.
inline constexpr auto ends = [](const AnyProcess& process, const Range& range) {
  check(!(range.t_max && range.sigma_max) && !(range.t_min && range.sigma_min),
        "grid: an end of the range is given both as a time and as a sigma");
  check(!range.sigma_min || *range.sigma_min > 0, "grid: sigma_min = ", range.sigma_min.value_or(0),
        " must be positive; to_zero adds a last step to sigma = 0");
  const Level top = range.sigma_max ? process.at_sigma(*range.sigma_max)
                                    : process.at(range.t_max.value_or(process.t_max));
  const Level bottom = range.sigma_min ? process.at_sigma(*range.sigma_min)
                                       : process.at(range.t_min.value_or(process.t_min));
  check(top.sigma() > bottom.sigma(), "grid: the range runs from sigma = ", top.sigma(), " to ",
        bottom.sigma(), "; it must fall");
  return std::pair(top, bottom);
};

/// `steps` steps over the range, equidistant in coordinate(level); level_at is its inverse. Every
/// spacing of the library is a choice of that coordinate. The ends are hit exactly.
inline constexpr auto spaced = [](const AnyProcess& process, int steps, const Range& range,
                                  auto coordinate, auto level_at) {
  check(steps >= 1, "grid: ", steps, " steps asked for; at least 1 is needed");
  const auto [top, bottom] = ends(process, range);
  const int gaps = range.to_zero ? steps - 1 : steps;
  const double first = coordinate(top), last = coordinate(bottom);
  check(std::isfinite(first),
        "grid: this spacing needs finite ends, but starts at sigma = ", top.sigma(),
        ", t = ", top.t, "; give a Range with a finite sigma_max");
  check(std::isfinite(last), "grid: this spacing does not reach sigma = ", bottom.sigma(),
        ", t = ", bottom.t, "; give t_min or sigma_min, and to_zero for a last step to clean data");
  std::vector<Level> levels{top};
  for (int k = 1; k < gaps; ++k) levels.push_back(level_at(first + (last - first) * k / gaps));
  if (gaps > 0) levels.push_back(bottom);
  if (range.to_zero) levels.push_back(process.at_sigma(0));
  return Grid(std::move(levels));
};

/// Equidistant in t^(1/exponent): dense at low noise for exponent > 1. 2 is the quadratic grid of
/// DDIM and DPM-Solver, the family is DEIS's t-power (Zhang & Chen 2022, arXiv:2204.13902).
inline constexpr auto power = [](const AnyProcess& process, int steps, double exponent,
                                 const Range& range = {}) {
  check(exponent > 0, "power: the exponent ", exponent, " must be positive");
  return spaced(
      process, steps, range, [&](const Level& l) { return std::pow(l.t, 1 / exponent); },
      [&](double value) { return process.at(std::pow(value, exponent)); });
};

/// t_max - (t_max - t_min) r^2 with r equidistant: dense at high noise, the opposite of power(2).
inline constexpr auto dense_at_noise = [](const AnyProcess& process, int steps,
                                          const Range& range = {}) {
  const auto both = ends(process, range);
  const double high = both.first.t, low = both.second.t;
  return spaced(
      process, steps, range, [&](const Level& l) { return std::sqrt((high - l.t) / (high - low)); },
      [&](double r) { return process.at(high - (high - low) * r * r); });
};

/// Equidistant in t.
inline constexpr auto uniform = [](const AnyProcess& process, int steps, const Range& range = {}) {
  return power(process, steps, 1, range);
};

/// Equidistant in sigma^(1/rho). Karras et al. 2022, arXiv:2206.00364, eq. 5.
inline constexpr auto karras = [](const AnyProcess& process, int steps, const Range& range = {},
                                  double rho = 7) {
  check(rho > 0, "karras: rho = ", rho, " must be positive");
  return spaced(
      process, steps, range, [&](const Level& l) { return std::pow(l.sigma(), 1 / rho); },
      [&](double value) { return process.at_sigma(std::pow(value, rho)); });
};

/// Equidistant in lambda = -log sigma: "logSNR" in DPM-Solver, "exponential" in k-diffusion.
inline constexpr auto log_snr = [](const AnyProcess& process, int steps, const Range& range = {}) {
  return spaced(
      process, steps, range, [](const Level& l) { return l.lambda(); },
      [&](double lambda) { return process.at_sigma(std::exp(-lambda)); });
};

/// log sigma = log sigma_min + (1 - r)^rho (log sigma_max - log sigma_min), r equidistant:
/// k-diffusion's polyexponential. rho = 1 is log_snr.
inline constexpr auto polyexponential = [](const AnyProcess& process, int steps, double rho,
                                           const Range& range = {}) {
  check(rho > 0, "polyexponential: rho = ", rho, " must be positive");
  const auto both = ends(process, range);
  const Level top = both.first, bottom = both.second;
  const double span = bottom.lambda() - top.lambda();
  return spaced(
      process, steps, range,
      [&](const Level& l) { return std::pow((bottom.lambda() - l.lambda()) / span, 1 / rho); },
      [&](double part) {
        return process.at_sigma(bottom.sigma() * std::exp(std::pow(part, rho) * span));
      });
};

/// Geometric in sigma, which is log_snr under the name that it has with VE.
inline constexpr auto geometric = log_snr;

}  // namespace tweedie
