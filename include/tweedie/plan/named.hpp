// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tweedie/plan/make_plan.hpp"
#include "tweedie/solver/names.hpp"

namespace tweedie {

/// The names of all solvers.
inline std::vector<std::string> solver_names() {
  std::vector<std::string> names;
  for_each_solver([&](std::string_view name, const auto&) { names.emplace_back(name); });
  return names;
}

/// The solver of that name. Throws Error with the list of names if there is none.
inline AnySolver solver_named(std::string_view wanted) {
  std::optional<AnySolver> found;
  std::string known;
  for_each_solver([&](std::string_view name, const auto& solver) {
    if (name == wanted) found = AnySolver(solver);
    known += (known.empty() ? "" : ", ") + std::string(name);
  });
  check(found.has_value(), "no solver is called \"", wanted, "\"; known are ", known);
  return *found;
}

}  // namespace tweedie
