// SPDX-License-Identifier: MIT
#pragma once

#include "tweedie/solver/adams_bashforth.hpp"
#include "tweedie/solver/ddim.hpp"
#include "tweedie/solver/dpm_solver_pp.hpp"
#include "tweedie/solver/euler_maruyama.hpp"
#include "tweedie/solver/runge_kutta.hpp"

namespace tweedie {

/// The list of all solvers, each under its name: calls visit(name, solver) for each. Choice by
/// name, the laws of the tests, the benches and the tables of the documentation run over it; a new
/// solver is one line here.
inline constexpr auto for_each_solver = [](auto&& visit) {
  visit("euler", Euler<InSigma>{});
  visit("heun", Heun<InSigma>{});
  visit("rk4", RK4<InSigma>{});
  visit("euler_time", Euler<InTime>{});
  visit("heun_time", Heun<InTime>{});
  visit("rk4_time", RK4<InTime>{});
  visit("euler_maruyama", EulerMaruyama{});
  visit("ddim", DDIM{});
  visit("ddpm", DDIM{.eta = 1});
  visit("dpmpp_2m", DPMSolverPP2M{});
  visit("lms", LMS{});
  visit("deis", DEIS{});
  visit("ab_lambda", AdamsBashforth<InLambda>{});
};

}  // namespace tweedie
