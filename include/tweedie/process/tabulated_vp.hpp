// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "tweedie/process/process.hpp"

namespace tweedie {

/// A variance-preserving process from a table of N noise levels, as discrete-time networks are
/// trained with: entry k lies at t = (k+1)/N, and log scale = log(alpha_bar)/2 is linear in t
/// between entries, with the end segments continued. Lu et al. 2022, arXiv:2206.00927 (their
/// NoiseScheduleVP "discrete"). Rates are those of the segment that ends at t. If the last entry is
/// pure noise (zero terminal SNR), the scale itself is linear in the last segment.
class TabulatedVP {
 public:
  double t_min, t_max, t_last = 1;

  /// From the forward variances beta_k in (0, 1) of DDPM; the last may be 1.
  static TabulatedVP from_betas(const std::vector<double>& betas) {
    std::vector<double> log_scales;
    double log_scale = 0;
    for (double beta : betas) {
      const bool last = log_scales.size() + 1 == betas.size();
      check(beta > 0 && (beta < 1 || (last && beta == 1)), "TabulatedVP: beta = ", beta,
            " of entry ", log_scales.size(), " must lie in (0, 1); the last may be 1");
      log_scales.push_back(log_scale += std::log1p(-beta) / 2);
    }
    return TabulatedVP(std::move(log_scales));
  }

  /// From alpha_bar_k in (0, 1), strictly decreasing: the squared scale of entry k. The last may be
  /// 0.
  static TabulatedVP from_alpha_bars(const std::vector<double>& alpha_bars) {
    std::vector<double> log_scales;
    for (double alpha_bar : alpha_bars) {
      const bool last = log_scales.size() + 1 == alpha_bars.size();
      check(alpha_bar < 1 && (alpha_bar > 0 || (last && alpha_bar == 0)),
            "TabulatedVP: alpha_bar = ", alpha_bar, " of entry ", log_scales.size(),
            " must lie in (0, 1); the last may be 0");
      log_scales.push_back(std::log(alpha_bar) / 2);
    }
    return TabulatedVP(std::move(log_scales));
  }

  std::size_t size() const { return log_scales_.size(); }
  double time_of_index(double index) const { return (index + 1) / static_cast<double>(size()); }
  /// The entry at a time, between entries a fraction; at the time of an entry exactly its number,
  /// so that static_cast<int> is safe there. Between clean data and the first entry, where a method
  /// may have a stage, it is 0: the nearest that a network knows.
  double index_of_time(double t) const {
    const double last = static_cast<double>(size()) - 1, index = t * (last + 1) - 1,
                 entry = std::nearbyint(index);
    return std::clamp(std::abs(index - entry) < 1e-9 * (last + 1) ? entry : index, 0.0, last);
  }

  /// Throws Error below the time of clean data, where the scale would exceed 1, and beyond the last
  /// entry, of which no network knows anything.
  Level at(double t) const {
    check(t >= t_data_, "TabulatedVP: t = ", t, " lies below ", t_data_,
          ", the time of clean data");
    check(t <= t_last + 0.5 / static_cast<double>(size()), "TabulatedVP: t = ", t,
          " lies beyond the last entry, at t = 1 and sigma = ",
          std::sqrt(std::expm1(-2 * log_scales_.back())),
          "; a network knows nothing there, so begin at or below that sigma");
    const std::size_t k = segment(std::ceil(t * static_cast<double>(size()) - 1));
    if (std::isinf(slopes_[k])) return in_last_segment(std::min(t, 1.0));
    const double log_scale = value(k, t), slope = slopes_[k];
    const double scale = std::exp(log_scale), std = std::sqrt(0 - std::expm1(2 * log_scale));
    return {.t = t,
            .scale = scale,
            .std = std,
            .scale_rate = slope * scale,
            .std_rate = -slope * scale * scale / std,
            .g2 = -2 * slope};
  }
  double time_of_sigma(double sigma) const {
    const double log_scale = sigma < 1e100 ? -std::log1p(sigma * sigma) / 2 : -std::log(sigma);
    const auto after =
        std::lower_bound(log_scales_.begin(), log_scales_.end(), log_scale, std::greater<>());
    const std::size_t k = segment(static_cast<double>(after - log_scales_.begin()));
    if (std::isinf(slopes_[k])) return 1 - 1 / std::hypot(1, sigma) / rate_of_last_segment();
    return anchor(k) + (log_scale - anchor_value(k)) / slopes_[k];
  }

 private:
  std::vector<double> log_scales_, slopes_;  // slopes_[k]: of the segment that ends at entry k
  double t_data_ = 0;

  explicit TabulatedVP(std::vector<double> log_scales)
      : t_min(1.0 / static_cast<double>(log_scales.size())),
        t_max(1),
        log_scales_(std::move(log_scales)) {
    const std::size_t least = log_scales_.empty() || std::isfinite(log_scales_.back()) ? 2 : 3;
    check(size() >= least, "TabulatedVP: the table has ", size(), " entries, at least ", least,
          " are needed");
    slopes_.resize(size());
    for (std::size_t k = 1; k < size(); ++k) {
      slopes_[k] = (log_scales_[k] - log_scales_[k - 1]) * static_cast<double>(size());
      check(slopes_[k] < 0, "TabulatedVP: entry ", k, " of the table does not lie below entry ",
            k - 1, "; alpha_bar must decrease strictly");
    }
    slopes_[0] = slopes_[1];
    t_data_ = t_min - log_scales_[0] / slopes_[0];
  }

  std::size_t segment(double end) const {
    return static_cast<std::size_t>(std::clamp(end, 0.0, static_cast<double>(size() - 1)));
  }
  // The first segments pass through (t_data_, 0): anchored there, sigma keeps its digits down to 0.
  double anchor(std::size_t k) const {
    return k <= 1 ? t_data_ : time_of_index(static_cast<double>(k));
  }
  double anchor_value(std::size_t k) const { return k <= 1 ? 0 : log_scales_[k]; }
  /// Of a table that ends in pure noise, where log scale is infinite.
  double rate_of_last_segment() const {
    return std::exp(log_scales_[size() - 2]) * static_cast<double>(size());
  }
  Level in_last_segment(double t) const {
    const double rate = rate_of_last_segment(), scale = rate * (1 - t);
    const double std = std::sqrt((1 - scale) * (1 + scale));
    return {.t = t,
            .scale = scale,
            .std = std,
            .scale_rate = -rate,
            .std_rate = scale * rate / std,
            .g2 = 2 * rate / scale};
  }
  double value(std::size_t k, double t) const {
    return anchor_value(k) + slopes_[k] * (t - anchor(k));
  }
};

static_assert(Process<TabulatedVP>);

}  // namespace tweedie
