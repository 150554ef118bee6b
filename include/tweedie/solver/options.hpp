// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

#include "tweedie/names.hpp"

namespace tweedie::verbs {

/// Calls visit(name, member) for each option that a solver names, in
///
///     static void options(auto& its, auto&& visit) { visit("eta", its.eta); ... }
///
/// which serves settings files and choice by name; a wrapper's own come before those of the solver
/// inside, which it names by this function.
template <class S>
void for_each_option(S& solver, auto&& visit) {
  if constexpr (requires { S::options(solver, visit); }) S::options(solver, visit);
}

/// The solver with these options. Throws Error for one that it has not.
template <class S>
S with_options(const S& solver, std::string_view name, const Options& options) {
  return verbs::with_options(solver, name, options,
                             [](S& its, auto&& visit) { verbs::for_each_option(its, visit); });
}

}  // namespace tweedie::verbs

namespace tweedie {
using namespace verbs;
}
