// SPDX-License-Identifier: MIT
// A file of its own, so that two cores share the compilation of the demonstration.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tweedie/plan/by_name.hpp>

std::vector<std::pair<std::string, tweedie::AnySolver>> all_solvers() {
  std::vector<std::pair<std::string, tweedie::AnySolver>> all;
  tweedie::for_each_solver(
      [&](std::string_view name, const auto& solver) { all.emplace_back(name, solver); });
  return all;
}
