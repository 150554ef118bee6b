// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "tweedie/formats/json_reader.hpp"
#include "tweedie/grid/shift.hpp"
#include "tweedie/grid/spacing_in_time.hpp"
#include "tweedie/process/betas.hpp"
#include "tweedie/process/flow.hpp"

// The tables and the grids of diffusers' schedulers, as their classes make them from a
// scheduler_config.json.

namespace tweedie::verbs {

/// The table; `first` and `last` are the class's own beta_start and beta_end.
inline TabulatedVP diffusers_table(JsonReader& config, double first, double last) {
  const int N = static_cast<int>(config.number("num_train_timesteps", 1000));
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
  if (!config.flag("rescale_betas_zero_snr", false)) return table;
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

/// The entries that a multistep class (n + 1 of them without the last) or one of the others goes to.
inline std::vector<double> diffusers_entries(const std::string& spacing, int n, int N, int offset,
                                             bool multistep) {
  const auto known = spacing == "leading" || spacing == "trailing" || spacing == "linspace";
  check(known, "scheduler config: timestep_spacing \"", spacing,
        "\" is not one of leading, trailing and linspace");
  check(n >= 1 && n < N, "scheduler config: ", n, " steps of ", N, " entries; 1 to ", N - 1,
        " are possible");
  std::vector<double> entries;
  const int gaps = multistep ? n : std::max(n - 1, 1), stride = multistep ? N / (n + 1) : N / n;
  for (int k = 0; k < n; ++k) {
    const int up = multistep ? n - k : n - 1 - k;
    const double even = double(N - 1) * (multistep ? n - k : gaps - k) / gaps;
    entries.push_back(spacing == "trailing"  ? std::nearbyint(N - double(N) * k / n) - 1
                      : spacing == "leading" ? up * stride + offset
                      : multistep            ? std::nearbyint(even)
                                             : even);
  }
  return entries;
}

/// The grid of the classes that work on sigmas.
inline Grid diffusers_sigma_grid(JsonReader& config, const TabulatedVP& table, int n,
                                 const char* default_spacing, bool multistep, bool ends_at_zero) {
  const int N = static_cast<int>(table.size()),
            offset = static_cast<int>(config.number("steps_offset", 0));
  std::vector<double> sigmas;
  for (const double entry :
       diffusers_entries(config.text("timestep_spacing", default_spacing), n, N, offset, multistep))
    sigmas.push_back(sigma_at_entry(table, entry));
  const double largest = multistep ? sigma_at_entry(table, N - 1) : sigmas.front(),
               smallest = multistep ? sigma_at_entry(table, 0) : sigmas.back();
  const bool to_zero =
      config.text("final_sigmas_type", ends_at_zero ? "zero" : "sigma_min") == "zero";
  const NoiseRange whole{.sigma_max = largest, .sigma_min = smallest, .to_zero = false};
  Grid grid = from_sigmas(table, {largest, smallest});
  const bool karras_grid = config.flag("use_karras_sigmas", false),
             exponential = config.flag("use_exponential_sigmas", false),
             lu = config.flag("use_lu_lambdas", false),
             flow = config.flag("use_flow_sigmas", false),
             beta = config.flag("use_beta_sigmas", false);
  check(!flow && !beta, "scheduler config: use_", flow ? "flow" : "beta",
        "_sigmas is not supported; make the grid with ",
        flow ? "shifted(Flow{}, ...)" : "grid_named(table, \"beta\", n)");
  if (karras_grid || exponential || lu) {
    grid = karras_grid ? karras(table, n - 1, whole) : log_snr(table, n - 1, whole);
    std::vector<Level> levels = grid.levels();
    if (to_zero) levels.push_back(table.at(table.time_of_sigma(0)));
    return Grid(std::move(levels));
  }
  const double last = to_zero ? 0 : sigma_at_entry(table, 0);
  if (sigmas.back() > last) sigmas.push_back(last);
  return from_sigmas(table, sigmas);
}

/// The grid of the classes that step from entry to entry: DDIM, DDPM and PNDM.
inline Grid diffusers_table_grid(JsonReader& config, const TabulatedVP& table, int n, bool to_one) {
  const std::string spacing = config.text("timestep_spacing", "leading");
  const int offset = static_cast<int>(config.number("steps_offset", 0));
  std::vector<Level> levels;
  for (const double entry :
       diffusers_entries(spacing, n, static_cast<int>(table.size()), offset, false))
    levels.push_back(table.at(table.time_of_index(std::nearbyint(entry))));
  const Level first_entry = table.at(table.time_of_index(0));
  if (to_one) levels.push_back(table.at(table.time_of_sigma(0)));
  if (!to_one && levels.back() != first_entry) levels.push_back(first_entry);
  return Grid(std::move(levels));
}

/// The grid of FlowMatchEulerDiscreteScheduler. `mu` is what its pipelines make of the size of the
/// picture, where the config asks for a dynamic shift.
inline Grid diffusers_flow_grid(JsonReader& config, int n, double mu) {
  const double N = config.number("num_train_timesteps", 1000), shift = config.number("shift", 1);
  const bool dynamic = config.flag("use_dynamic_shifting", false);
  const std::string kind = config.text("time_shift_type", "exponential");
  check(!dynamic || mu != 0,
        "scheduler config: use_dynamic_shifting needs mu, as log(flux_shift(width, height)) is");
  check(kind == "exponential" || kind == "linear", "scheduler config: time_shift_type \"", kind,
        "\" is neither exponential nor linear");
  const double factor = !dynamic ? shift : kind == "exponential" ? std::exp(mu) : mu;
  check(factor > 0, "scheduler config: the shift ", factor, " must be positive");
  const auto moved = [](double t, double by) { return by * t / (1 + (by - 1) * t); };
  const double low = dynamic ? 1 / N : moved(1 / N, shift);
  std::vector<double> times;
  for (int k = 0; k < n; ++k)
    times.push_back(moved(n == 1 ? 1 : 1 + (low - 1) * k / (n - 1), factor));
  const Grid grid = from_times(Flow{}, times, {.to_zero = true});
  const double terminal = config.number("shift_terminal", 0);
  return terminal == 0 ? grid : stretched(Flow{}, grid, terminal);
}

}  // namespace tweedie::verbs
