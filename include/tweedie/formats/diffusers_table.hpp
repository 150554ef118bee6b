// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "tweedie/formats/json_reader.hpp"
#include "tweedie/process/betas.hpp"
#include "tweedie/process/tabulated_vp.hpp"

namespace tweedie::verbs {

/// The table; `first` and `last` are the class's own beta_start and beta_end.
inline TabulatedVP diffusers_table(JsonReader& config, double first, double last,
                                   bool may_rescale) {
  const int N = config.whole("num_train_timesteps", 1000, 2, 1'000'000);
  const std::string schedule = config.text("beta_schedule", "linear");
  const double from = config.number("beta_start", first), to = config.number("beta_end", last);
  std::vector<double> betas = config.numbers("trained_betas");
  if (!betas.empty()) {
  } else if (schedule == "linear") {
    betas = linear_betas(N, from, to);
  } else if (schedule == "scaled_linear") {
    betas = scaled_linear_betas(N, from, to);
  } else if (schedule == "squaredcos_cap_v2") {
    betas = cosine_betas(N);
  } else if (schedule == "sigmoid") {
    betas = sigmoid_betas(N, from, to);
  } else {
    check(false, "scheduler config: beta_schedule \"", schedule,
          "\" is not one of linear, scaled_linear, squaredcos_cap_v2 and sigmoid");
  }
  const TabulatedVP table = TabulatedVP::from_betas(betas);
  if (!may_rescale || !config.flag("rescale_betas_zero_snr", false)) return table;
  // Lin et al. 2023, arXiv:2305.08891, algorithm 1: the scales moved and stretched to end at 0.
  const auto scale = [&](std::size_t k) { return table.at(table.time_of_index(double(k))).scale; };
  const double highest = scale(0), lowest = scale(table.size() - 1);
  std::vector<double> alpha_bars;
  for (std::size_t k = 0; k < table.size(); ++k)
    alpha_bars.push_back(std::pow((scale(k) - lowest) * highest / (highest - lowest), 2));
  return TabulatedVP::from_alpha_bars(alpha_bars);
}

/// sigma at an entry or, linear in sigma, between two.
inline double sigma_at_entry(const TabulatedVP& table, double entry) {
  const double low = std::floor(entry), part = entry - low;
  const auto sigma = [&](double k) { return table.at(table.time_of_index(k)).sigma(); };
  return part == 0 ? sigma(low) : (1 - part) * sigma(low) + part * sigma(low + 1);
}

/// The entry of a sigma, between entries linear in log sigma.
inline double entry_of_sigma(const TabulatedVP& table, double sigma) {
  const double last = static_cast<double>(table.size()) - 1;
  double low = 0, high = last;
  while (high - low > 1) {
    const double middle = std::floor((low + high) / 2);
    (sigma_at_entry(table, middle) <= sigma ? low : high) = middle;
  }
  const double below = std::log(sigma_at_entry(table, low)),
               above = std::log(sigma_at_entry(table, high));
  return high > low ? std::clamp(low + (std::log(sigma) - below) / (above - below), 0.0, last)
                    : low;
}

}  // namespace tweedie::verbs

namespace tweedie {
using namespace verbs;
}
