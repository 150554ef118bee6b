// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

#include "tweedie/adaptive/adaptive_sampler.hpp"
#include "tweedie/adaptive/traced_trial.hpp"
#include "tweedie/solver/pair/dpm_solver.hpp"
#include "tweedie/solver/pair/two_halves.hpp"

namespace tweedie {

/// A pair of DPM-Solvers, in lambda.
template <class Step>
struct DPMSolverPair {
  template <class X, class M>
  TracedTrial<X, M> trial(const AnyProcess& process, M model, Eigen::Index dim, Eigen::Index count,
                          const AdaptiveOptions& options) const {
    return {process, std::move(model), Step{}, Tolerance::larger, dim, count, options};
  }
};

/// The adaptive DPM-Solver of orders 1 and 2, or 2 and 3: Lu et al. 2022, arXiv:2206.00927, appendix
/// C; on data DPM-Solver++'s. Its authors run it at atol 0.0078 and rtol 0.05, with
/// ErrorNorm::worst_sample and StepControl::unlimited(); k-diffusion with StepControl::softened().
template <Prediction on = Prediction::data>
using DPMSolver12 = DPMSolverPair<DPMSolver12Step<on>>;
template <Prediction on = Prediction::data>
using DPMSolver23 = DPMSolverPair<DPMSolver23Step<on>>;

/// Steps of any single-step solver, each compared with its two halves. A stochastic one, such as
/// EulerMaruyama, sees one Brownian path whatever the steps: whole and halves are compared on it, and
/// a step that is rejected is made again on it, which favours no noise (where fresh noise would).
template <class S>
struct StepDoubling {
  S solver = {};

  template <class X, class M>
  TracedTrial<X, M> trial(const AnyProcess& process, M model, Eigen::Index dim, Eigen::Index count,
                          const AdaptiveOptions& options) const {
    return {process, std::move(model), TwoHalves<S>{solver}, Tolerance::sum, dim, count, options};
  }
};
template <class S>
StepDoubling(S) -> StepDoubling<S>;

}  // namespace tweedie
