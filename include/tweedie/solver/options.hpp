// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "tweedie/error.hpp"

namespace tweedie {

/// Options of a solver by the names of its members, for settings files and user interfaces:
/// {{"eta", 0.6}, {"s_noise", 1.1}}. Switches are 0 or 1.
using SolverOptions = std::vector<std::pair<std::string, double>>;

namespace verbs {

/// Calls visit(name, member) for each number and switch among a solver's options; a wrapper's own
/// come before those of the solver inside.
template <class S>
void for_each_option(S& solver, auto&& visit) {
  const auto offer = [&](std::string_view name, auto& member) {
    if constexpr (std::is_arithmetic_v<std::remove_cvref_t<decltype(member)>>) visit(name, member);
  };
  if constexpr (requires { solver.alpha; }) offer("alpha", solver.alpha);
  if constexpr (requires { solver.amount; }) offer("amount", solver.amount);
  if constexpr (requires { solver.corrections; }) offer("corrections", solver.corrections);
  if constexpr (requires { solver.corrector; }) offer("corrector", solver.corrector);
  if constexpr (requires { solver.d2_factor; }) offer("d2_factor", solver.d2_factor);
  if constexpr (requires { solver.eta; }) offer("eta", solver.eta);
  if constexpr (requires { solver.gamma; }) offer("gamma", solver.gamma);
  if constexpr (requires { solver.in_time; }) offer("in_time", solver.in_time);
  if constexpr (requires { solver.last_noise; }) offer("last_noise", solver.last_noise);
  if constexpr (requires { solver.lower_order.at_end_below; }) {
    offer("lower_order_at_end_below", solver.lower_order.at_end_below);
    offer("lower_order_where_unstable", solver.lower_order.where_unstable);
  }
  if constexpr (requires { solver.order; }) offer("order", solver.order);
  if constexpr (requires { solver.p; }) offer("p", solver.p);
  if constexpr (requires { solver.pece; }) offer("pece", solver.pece);
  if constexpr (requires { solver.predictor; }) offer("predictor", solver.predictor);
  if constexpr (requires { solver.probability_flow; })
    offer("probability_flow", solver.probability_flow);
  if constexpr (requires { solver.r; }) offer("r", solver.r);
  if constexpr (requires { solver.r1; }) offer("r1", solver.r1);
  if constexpr (requires { solver.r2; }) offer("r2", solver.r2);
  if constexpr (requires { solver.s_max; }) offer("s_max", solver.s_max);
  if constexpr (requires { solver.s_min; }) offer("s_min", solver.s_min);
  if constexpr (requires { solver.s_noise; }) offer("s_noise", solver.s_noise);
  if constexpr (requires { solver.sigma_min; }) offer("sigma_min", solver.sigma_min);
  if constexpr (requires { solver.snr; }) offer("snr", solver.snr);
  if constexpr (requires { solver.tau; }) offer("tau", solver.tau);
  if constexpr (requires { solver.tau_max; }) offer("tau_max", solver.tau_max);
  if constexpr (requires { solver.tau_min; }) offer("tau_min", solver.tau_min);
  if constexpr (requires { solver.terms; }) offer("terms", solver.terms);
  if constexpr (requires { solver.solver; }) verbs::for_each_option(solver.solver, visit);
}

/// The solver with these options. Throws Error for one that it has not.
template <class S>
S with_options(S solver, std::string_view name, const SolverOptions& options) {
  for (const auto& entry : options) {
    const std::string& option = entry.first;
    const double value = entry.second;
    bool known = false;
    std::string all;
    verbs::for_each_option(solver, [&](std::string_view own, auto& member) {
      using T = std::remove_cvref_t<decltype(member)>;
      all += (all.empty() ? "" : ", ") + std::string(own);
      if (known || own != option) return;
      known = true;
      if constexpr (std::same_as<T, bool>)
        check(value == 0 || value == 1, name, ": ", option, " = ", value, " is a switch, 0 or 1");
      else if constexpr (std::integral<T>)
        check(value == std::nearbyint(value) && std::abs(value) < 2e9, name, ": ", option, " = ",
              value, " must be a whole number");
      member = static_cast<T>(value);
    });
    check(known, name, " has no option \"", option, "\"; it has ", all.empty() ? "none" : all);
  }
  return solver;
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
