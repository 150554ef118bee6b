// SPDX-License-Identifier: MIT
#pragma once

#include "tweedie/solver/ode/adams_bashforth.hpp"
#include "tweedie/solver/ode/ddim.hpp"
#include "tweedie/solver/ode/dpm_solver.hpp"
#include "tweedie/solver/ode/dpm_solver_multistep.hpp"
#include "tweedie/solver/ode/exponential_ab.hpp"
#include "tweedie/solver/ode/gradient_estimation.hpp"
#include "tweedie/solver/ode/ipndm.hpp"
#include "tweedie/solver/ode/pndm.hpp"
#include "tweedie/solver/ode/runge_kutta.hpp"
#include "tweedie/solver/ode/unipc.hpp"
#include "tweedie/solver/sde/ddpm.hpp"
#include "tweedie/solver/sde/dpm_solver_sde.hpp"
#include "tweedie/solver/sde/er_sde.hpp"
#include "tweedie/solver/sde/euler_maruyama.hpp"
#include "tweedie/solver/sde/reverse_diffusion.hpp"
#include "tweedie/solver/sde/sa_solver.hpp"
#include "tweedie/solver/sde/sde_heun.hpp"
#include "tweedie/solver/sde/seeds.hpp"
#include "tweedie/solver/sde/tcd.hpp"
#include "tweedie/solver/wrap/ancestral.hpp"
#include "tweedie/solver/wrap/churn.hpp"
#include "tweedie/solver/wrap/predictor_corrector.hpp"

namespace tweedie::verbs {

/// The list of all solvers, each under its name: calls visit(name, solver) for each. Choice by
/// name, the laws of the tests, the benches and the tables of the documentation run over it; a new
/// solver is one line here.
void for_each_solver(auto&& visit) {
  visit("euler", Euler<InSigma>{});
  visit("heun", Heun<InSigma>{});
  visit("kutta3", RungeKutta<tableau::kutta3, InSigma>{});
  visit("heun3", RungeKutta<tableau::heun3, InSigma>{});
  visit("ralston3", RungeKutta<tableau::ralston3, InSigma>{});
  visit("houwen3", RungeKutta<tableau::houwen3, InSigma>{});
  visit("ssp3", RungeKutta<tableau::ssp3, InSigma>{});
  visit("rk4", RK4<InSigma>{});
  visit("euler_time", Euler<InTime>{});
  visit("heun_time", Heun<InTime>{});
  visit("rk4_time", RK4<InTime>{});
  visit("euler_maruyama", EulerMaruyama{});
  visit("sde_heun", SDEHeun{});
  visit("reverse_diffusion", ReverseDiffusion{});
  visit("ddim", DDIM{});
  visit("ddpm", DDPM{});
  visit("euler_ancestral", Ancestral<Euler<InSigma>>{});
  visit("dpm_2", DPMSolver2{});
  visit("dpm_2_ancestral", Ancestral<DPMSolver2>{});
  visit("dpm_3", DPMSolver3{});
  visit("dpmpp_2s", DPMSolverPP2S{});
  visit("dpmpp_2s_ancestral", Ancestral<DPMSolverPP2S>{});
  visit("dpmpp_3s", DPMSolverPP3S{});
  visit("exponential_heun", DPMSolverPP2S{.r = 1, .difference_weight = DifferenceWeight::taylor});
  visit("dpm_2m", DPMSolver2M{});
  visit("dpm_3m", DPMSolver3M{});
  visit("dpmpp_2m", DPMSolverPP2M{});
  visit("dpmpp_3m", DPMSolverPP3M{});
  visit("unipc", UniPC{});
  visit("unipc_epsilon", UniPCEpsilon{});
  visit("lms", LMS{});
  visit("deis", DEIS{});
  visit("log_rho_ab", LogRhoAB{});
  visit("exponential_ab", ExponentialAB{});
  visit("reab", REAB{});
  visit("ipndm", IPNDM{});
  visit("pndm", PNDM{});
  visit("gradient_estimation", GradientEstimation{});
  visit("dpmpp_sde", DPMSolverPPSDE{});
  visit("dpmpp_2m_sde", DPMSolverPP2M{.eta = 1});
  visit("dpmpp_3m_sde", DPMSolverPP3M{.eta = 1, .difference_weight = DifferenceWeight::taylor});
  visit("seeds_2", SEEDS2{});
  visit("seeds_3", SEEDS3{});
  visit("sa_solver", SASolver{});
  visit("er_sde", ERSDE{});
  visit("tcd", TCD{});
  visit("heun_churn", Churn<Heun<InSigma>>{.amount = 40});
  visit("predictor_corrector", PredictorCorrector<ReverseDiffusion>{});
  visit("annealed_langevin", PredictorCorrector<NoPredictor>{});
}

}  // namespace tweedie::verbs

namespace tweedie {
using namespace verbs;
}
