// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <ostream>
#include <utility>
#include <vector>

#include "tweedie/training/level_distribution.hpp"

namespace tweedie {

/// Losses by noise level: what figure 5a of Karras et al. 2022 draws, and what tells where training
/// pays. Bins of log sigma between two ends; what lies beyond counts to the outer ones.
class LossHistory {
 public:
  LossHistory(double sigma_min, double sigma_max, int bins = 20)
      : low_(std::log(sigma_min)), high_(std::log(sigma_max)) {
    check(sigma_min > 0 && sigma_min < sigma_max && std::isfinite(sigma_max) && bins >= 1 &&
              bins <= 10'000,
          "LossHistory: ", bins, " bins from sigma = ", sigma_min, " to ", sigma_max,
          "; it must be 0 < sigma_min < sigma_max, and 1 to 10000 bins");
    sums_.resize(static_cast<std::size_t>(bins));
  }

  void add(const Level& level, double loss) {
    Sum& sum = sums_[bin_of(level.sigma())];
    const double count = ++sum.count;
    sum.mean += (loss - sum.mean) / std::min(count, memory);
    sum.square += (loss * loss - sum.square) / std::min(count, memory);
  }

  int bins() const { return static_cast<int>(sums_.size()); }
  double sigma(int bin) const { return std::exp(low_ + (bin + 0.5) * width()); }  ///< its middle
  double mean(int bin) const { return sums_.at(static_cast<std::size_t>(bin)).mean; }
  double count(int bin) const { return sums_.at(static_cast<std::size_t>(bin)).count; }

  /// Levels where the loss varies most, each bin with probability as the root of its mean square
  /// and a tenth shared alike: Nichol & Dhariwal 2021, arXiv:2102.09672, eq. 18. Until each bin has
  /// ten losses, all alike. Weigh a loss by importance(level), and its mean is that of log-uniform
  /// levels.
  LevelDistribution distribution(AnyProcess process) const {
    std::vector<double> ends = cumulative();
    const LossHistory history = *this;
    return LevelDistribution([=](double z) {
      const double part = LevelDistribution::part(z);
      const auto found = std::upper_bound(ends.begin(), ends.end() - 1, part);
      const auto bin = static_cast<std::size_t>(found - ends.begin());
      const double before = bin == 0 ? 0 : ends[bin - 1];
      const double inside = (part - before) / (ends[bin] - before);
      return process.at_sigma(std::exp(history.low_ + (double(bin) + inside) * history.width()));
    });
  }
  double importance(const Level& level) const {
    const std::vector<double> ends = cumulative();
    const std::size_t bin = bin_of(level.sigma());
    const double probability = ends[bin] - (bin == 0 ? 0 : ends[bin - 1]);
    return 1 / (probability * bins());
  }

  /// A line a bin: its sigma, mean loss, deviation, how many, and a bar.
  friend std::ostream& operator<<(std::ostream& out, const LossHistory& history) {
    double most = 0;
    for (const Sum& sum : history.sums_) most = std::max(most, sum.mean);
    for (int bin = 0; bin < history.bins(); ++bin) {
      const Sum& sum = history.sums_[static_cast<std::size_t>(bin)];
      const double deviation = std::sqrt(std::max(0.0, sum.square - sum.mean * sum.mean));
      out << sentence({"sigma ", history.sigma(bin), ": ", sum.mean, " +- ", deviation, " of ",
                       sum.count, "  "})
          << std::string(static_cast<std::size_t>(most > 0 ? 40 * sum.mean / most : 0), '*')
          << "\n";
    }
    return out;
  }

 private:
  struct Sum {
    double count = 0, mean = 0, square = 0;
  };
  static constexpr double memory = 1000;  // later means forget what the network was
  double low_, high_;
  std::vector<Sum> sums_;

  double width() const { return (high_ - low_) / bins(); }
  std::size_t bin_of(double sigma) const {
    const double place = (std::log(sigma) - low_) / width();
    return static_cast<std::size_t>(std::clamp(place, 0.0, bins() - 1.0));
  }
  /// The ends of the bins' probabilities.
  std::vector<double> cumulative() const {
    const bool known =
        std::all_of(sums_.begin(), sums_.end(), [](const Sum& sum) { return sum.count >= 10; });
    double total = 0;
    std::vector<double> ends;
    for (const Sum& sum : sums_) total += known ? std::sqrt(sum.square) : 1;
    for (const Sum& sum : sums_) {
      const double own = known ? std::sqrt(sum.square) / total : 1 / total;
      ends.push_back((ends.empty() ? 0 : ends.back()) + 0.9 * own + 0.1 / bins());
    }
    ends.back() = 1;
    return ends;
  }
};

}  // namespace tweedie
