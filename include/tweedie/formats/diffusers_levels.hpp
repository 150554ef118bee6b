// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tweedie/formats/diffusers_table.hpp"
#include "tweedie/grid/shift.hpp"
#include "tweedie/grid/spacing_in_time.hpp"
#include "tweedie/process/flow.hpp"

// The grids of diffusers' schedulers, as their classes make them from a
// scheduler_config.json.

namespace tweedie::verbs {

/// What a class of diffusers knows of grids.
struct DiffusersClass {
  const char* spacing = "linspace";  ///< by default
  bool multistep = false;            ///< n of n + 1 entries, rounded
  bool has_sigma_grids = true;       ///< use_karras_sigmas and its kin
  bool has_final_sigmas = false;     ///< final_sigmas_type; without it the end is `to_zero`
  bool to_zero = true;
};

/// The entries that a class goes to, from noise to data.
inline std::vector<double> diffusers_entries(JsonReader& config, const DiffusersClass& of, int n,
                                             int N) {
  const std::string spacing = config.text("timestep_spacing", of.spacing);
  const int offset = config.whole("steps_offset", 0, 0, N - 1);
  const bool known = spacing == "leading" || spacing == "trailing" || spacing == "linspace";
  check(known, "scheduler config: timestep_spacing \"", spacing,
        "\" is not one of leading, trailing and linspace");
  check(n >= 1 && n <= N, "scheduler config: ", n, " steps of ", N, " entries; 1 to ", N,
        " are possible");
  check(n > 1 || of.multistep || spacing == "trailing", "scheduler config: the one step of ",
        spacing, " would begin at the table's clean end; set timestep_spacing to trailing");
  std::vector<double> entries;
  const int stride = of.multistep ? N / (n + 1) : N / n;
  for (int k = 0; k < n; ++k) {
    const int up = of.multistep ? n - k : n - 1 - k;
    const double even = double(N - 1) * up / (of.multistep ? n : std::max(n - 1, 1));
    entries.push_back(spacing == "trailing"  ? std::nearbyint(N - double(N) * k / n) - 1
                      : spacing == "leading" ? double(up) * stride + offset
                      : of.multistep         ? std::nearbyint(even)
                                             : even);
  }
  check(entries.front() < N && entries.back() >= 0, "scheduler config: steps_offset = ", offset,
        " leads to entry ", entries.front(), " of ", N);
  return entries;
}

/// The grid of the classes that work on sigmas.
inline Grid diffusers_sigma_grid(JsonReader& config, const TabulatedVP& table, int n,
                                 const DiffusersClass& of) {
  const int N = static_cast<int>(table.size());
  std::vector<double> sigmas;
  for (const double entry : diffusers_entries(config, of, n, N))
    sigmas.push_back(sigma_at_entry(table, entry));
  bool to_zero = of.to_zero;
  if (of.has_final_sigmas) {
    const std::string final_sigma = config.text("final_sigmas_type", "zero");
    check(final_sigma == "zero" || final_sigma == "sigma_min",
          "scheduler config: final_sigmas_type \"", final_sigma,
          "\" is neither zero nor sigma_min");
    to_zero = final_sigma == "zero";
  }
  const double smallest = sigma_at_entry(table, 0);
  if (of.has_sigma_grids) {
    config.only("use_beta_sigmas", false), config.only("use_flow_sigmas", false);
    const bool by_rho = config.flag("use_karras_sigmas", false),
               even = config.flag("use_exponential_sigmas", false),
               lu = of.multistep && config.flag("use_lu_lambdas", false);
    check(by_rho + even + lu <= 1,
          "scheduler config: only one of use_karras_sigmas, use_exponential_sigmas and "
          "use_lu_lambdas can be true");
    if (by_rho || even || lu) {
      const double top = of.multistep ? sigma_at_entry(table, N - 1) : sigmas.front(),
                   bottom = of.multistep ? smallest : sigmas.back();
      check(std::isfinite(top),
            "scheduler config: rescale_betas_zero_snr begins at sigma = infinity, which the grids "
            "in sigma cannot");
      const NoiseRange whole{.sigma_max = top, .sigma_min = bottom, .to_zero = false};
      sigmas = {top};
      if (n > 1) {
        const Grid grid = by_rho ? karras(table, n - 1, whole) : log_snr(table, n - 1, whole);
        for (int k = 1; k < n; ++k) sigmas.push_back(grid[k].sigma());
      }
    }
  }
  const double last = to_zero ? 0 : smallest;
  if (sigmas.back() > last * (1 + 1e-12)) sigmas.push_back(last);
  return from_sigmas(table, sigmas);
}

/// The grid of the classes that step from entry to entry: DDIM, DDPM and PNDM. Each step goes to the
/// entry N/n below, which `steps_join` asks to be the next one.
inline Grid diffusers_table_grid(JsonReader& config, const TabulatedVP& table, int n, bool to_one,
                                 bool steps_join) {
  const int N = static_cast<int>(table.size());
  std::vector<Level> levels;
  double before = 0;
  for (const double exact : diffusers_entries(config, {.spacing = "leading"}, n, N)) {
    const double entry = std::nearbyint(exact);
    check(!steps_join || levels.empty() || before - entry == N / n,
          "scheduler config: steps of this class go ", N / n,
          " entries down, which is not where the next one begins; take leading, or a number of "
          "steps that divides ",
          N);
    levels.push_back(table.at(table.time_of_index(entry)));
    before = entry;
  }
  const Level first_entry = table.at(table.time_of_index(0));
  if (to_one) levels.push_back(table.at(table.time_of_sigma(0)));
  if (!to_one && levels.back() != first_entry) levels.push_back(first_entry);
  return Grid(std::move(levels));
}

/// The grid of FlowMatchEulerDiscreteScheduler. `mu` is what its pipelines make of the size of the
/// picture, where the config asks for a dynamic shift; of_pipeline: from linspace(1, 1/n, n), as
/// Flux's pipeline tells the class, and not down to 1/N.
inline Grid diffusers_flow_grid(JsonReader& config, int n, const std::optional<double>& mu,
                                bool of_pipeline) {
  const int N = config.whole("num_train_timesteps", 1000, 2, 1'000'000);
  check(n >= 1 && n <= N, "scheduler config: ", n, " steps; 1 to ", N, " are possible");
  const double shift = config.number("shift", 1);
  const bool dynamic = config.flag("use_dynamic_shifting", false);
  const std::string kind = config.text("time_shift_type", "exponential");
  for (const char* name : {"use_karras_sigmas", "use_exponential_sigmas", "use_beta_sigmas",
                           "invert_sigmas", "stochastic_sampling"})
    config.only(name, false);
  check(!dynamic || mu,
        "scheduler config: use_dynamic_shifting needs mu, which Flux's pipeline takes from the "
        "picture's size: log(flux_shift(width, height))");
  check(kind == "exponential" || kind == "linear", "scheduler config: time_shift_type \"", kind,
        "\" is neither exponential nor linear");
  const double factor = !dynamic ? shift : kind == "exponential" ? std::exp(*mu) : *mu;
  check(factor > 0 && std::isfinite(factor), "scheduler config: the shift ", factor,
        " must be positive and finite");
  const auto moved = [](double t, double by) { return by * t / (1 + (by - 1) * t); };
  const double low = of_pipeline ? 1.0 / n : dynamic ? 1.0 / N : moved(1.0 / N, shift);
  std::vector<double> times;
  for (int k = 0; k < n; ++k)
    times.push_back(moved(n == 1 ? 1 : 1 + (low - 1) * k / (n - 1), factor));
  const Grid grid = from_times(Flow{}, times, {.to_zero = true});
  const double terminal = config.number("shift_terminal", 0);
  return terminal == 0 ? grid : stretched(Flow{}, grid, terminal);
}

}  // namespace tweedie::verbs
