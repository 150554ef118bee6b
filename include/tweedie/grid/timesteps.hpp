// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <utility>
#include <vector>

#include "tweedie/grid/grid.hpp"
#include "tweedie/process/tabulated_vp.hpp"

namespace tweedie {

/// How n of the N entries of a table are chosen (Lin et al. 2023, arXiv:2305.08891, table 2):
/// leading 0, N/n, 2 N/n, ...; trailing N - 1, N - 1 - N/n, ...; linspace both ends.
enum class TimestepSpacing { leading, trailing, linspace };

namespace verbs {

/// n entries of a table of N, noise first. `offset` shifts the leading ones.
inline std::vector<int> timesteps(TimestepSpacing spacing, int n, int N, int offset = 0) {
  check(n >= 1 && n <= N, "timesteps: ", n, " entries of a table of ", N, " asked for; 1 to ", N,
        " are possible");
  check(spacing == TimestepSpacing::leading || spacing == TimestepSpacing::trailing ||
            spacing == TimestepSpacing::linspace,
        "timesteps: there is no spacing number ", static_cast<int>(spacing));
  check(n > 1 || spacing == TimestepSpacing::trailing,
        "timesteps: one entry of this spacing would be 0, the clean end; take trailing");
  const int first = (n - 1) * (N / n) + offset;
  check(spacing != TimestepSpacing::leading || 5 * (first + 1) >= 4 * N, "timesteps: leading ", n,
        " of ", N, " would begin at entry ", first,
        ", far from pure noise, which a run from noise needs; take trailing");
  const auto rounded = [](double value) { return static_cast<int>(std::nearbyint(value)); };
  std::vector<int> chosen;
  for (int k = n - 1; k >= 0; --k) {
    if (spacing == TimestepSpacing::leading) chosen.push_back(k * (N / n) + offset);
    if (spacing == TimestepSpacing::trailing) chosen.push_back(rounded(double(k + 1) * N / n) - 1);
    if (spacing == TimestepSpacing::linspace)
      chosen.push_back(rounded(double(N - 1) * k / (n - 1)));
  }
  return chosen;
}

/// A grid through entries of a table, noise first, and on to clean data.
inline Grid from_timesteps(const TabulatedVP& table, const std::vector<int>& chosen,
                           const GridEnd& end = {.to_zero = true}) {
  std::vector<Level> levels;
  for (int index : chosen) {
    check(index >= 0 && index < static_cast<int>(table.size()), "from_timesteps: entry ", index,
          " asked for; 0 to ", table.size() - 1, " are possible");
    levels.push_back(table.at(table.time_of_index(index)));
  }
  return from_levels(table, std::move(levels), end);
}

/// The same with n entries in one of the spacings.
inline Grid from_timesteps(const TabulatedVP& table, TimestepSpacing spacing, int n,
                           const GridEnd& end = {.to_zero = true}) {
  return verbs::from_timesteps(table, timesteps(spacing, n, static_cast<int>(table.size())), end);
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
