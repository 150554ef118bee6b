// SPDX-License-Identifier: MIT
// A file of its own, so that two cores share the compilation of the demonstration.
#include <tweedie/plan/named.hpp>

std::vector<std::pair<std::string, tweedie::AnySolver>> all_solvers() {
  std::vector<std::pair<std::string, tweedie::AnySolver>> all;
  tweedie::for_each_solver(
      [&](const char* name, const auto& solver) { all.emplace_back(name, solver); });
  return all;
}
