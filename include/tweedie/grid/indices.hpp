// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "tweedie/grid/grid.hpp"
#include "tweedie/process/tabulated.hpp"

namespace tweedie {

/// How n of the N entries of a table are chosen (Lin et al. 2023, arXiv:2305.08891, table 2):
/// leading 0, N/n, 2 N/n, ...; trailing N - 1, N - 1 - N/n, ...; linspace both ends.
enum class Indices { leading, trailing, linspace };

/// n entries of a table of N, noise first. `offset` shifts the leading ones.
inline constexpr auto indices = [](Indices spacing, int n, int N, int offset = 0) {
  check(n >= 1 && n <= N, "indices: ", n, " entries of a table of ", N, " asked for");
  std::vector<int> chosen;
  for (int k = n - 1; k >= 0; --k) {
    if (spacing == Indices::leading) chosen.push_back(k * (N / n) + offset);
    if (spacing == Indices::trailing)
      chosen.push_back(static_cast<int>(std::nearbyint(double(k + 1) * N / n)) - 1);
    if (spacing == Indices::linspace)
      chosen.push_back(n == 1 ? 0 : static_cast<int>(std::nearbyint(double(N - 1) * k / (n - 1))));
  }
  return chosen;
};

/// A grid through entries of a table, ending with clean data if asked to.
inline constexpr auto from_indices = [](const Tabulated& table, const std::vector<int>& chosen,
                                        bool to_zero = true) {
  const AnyProcess process = table;
  std::vector<Level> levels;
  for (int index : chosen) {
    check(index >= 0 && index < static_cast<int>(table.size()), "from_indices: entry ", index,
          " of a table of ", table.size());
    levels.push_back(process.at(table.time_of_index(index)));
  }
  if (to_zero) levels.push_back(process.at_sigma(0));
  return Grid(std::move(levels));
};

/// The discrete noise levels u_j of iDDPM as EDM uses them, largest first: steps levels chosen
/// evenly by index among those inside the range, then sigma = 0. Karras et al. 2022,
/// arXiv:2206.00364, table 1 and eq. 153; M = 1000, C_1 = 0.001, C_2 = 0.008 there.
inline constexpr auto iddpm = [](const AnyProcess& process, int steps, double sigma_max,
                                 double sigma_min, int M = 1000, double C_1 = 1e-3,
                                 double C_2 = 8e-3) {
  check(steps >= 1, "iddpm: ", steps, " steps asked for; at least 1 is needed");
  const auto alpha_bar = [&](int j) {
    const double sine = std::sin(std::acos(-1.0) / 2 * j / M / (C_2 + 1));
    return sine * sine;
  };
  std::vector<double> u(static_cast<std::size_t>(M) + 1, 0.0);
  for (int j = M; j >= 1; --j) {
    const double after = u[static_cast<std::size_t>(j)];
    u[static_cast<std::size_t>(j) - 1] =
        std::sqrt((after * after + 1) / std::max(alpha_bar(j - 1) / alpha_bar(j), C_1) - 1);
  }
  std::erase_if(u, [&](double sigma) { return sigma < sigma_min || sigma > sigma_max; });
  check(u.size() >= static_cast<std::size_t>(steps), "iddpm: only ", u.size(),
        " of the levels lie from sigma = ", sigma_max, " to ", sigma_min);
  std::vector<double> sigmas;
  for (int k = 0; k < steps; ++k)
    sigmas.push_back(u[static_cast<std::size_t>(
        std::nearbyint(double(u.size() - 1) / std::max(steps - 1, 1) * k))]);
  sigmas.push_back(0);
  return from_sigmas(process, sigmas);
};

}  // namespace tweedie
