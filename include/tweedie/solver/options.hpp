// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <type_traits>

#include "tweedie/names.hpp"

namespace tweedie {

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
  if constexpr (requires { solver.data.deviation; }) offer("deviation", solver.data.deviation);
  if constexpr (requires { solver.eta; }) offer("eta", solver.eta);
  if constexpr (requires { solver.full_order_to_zero; })
    offer("full_order_to_zero", solver.full_order_to_zero);
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
S with_options(const S& solver, std::string_view name, const Options& options) {
  return verbs::with_options(solver, name, options,
                             [](S& its, auto&& visit) { verbs::for_each_option(its, visit); });
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
