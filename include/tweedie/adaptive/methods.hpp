// SPDX-License-Identifier: MIT
#pragma once

#include <utility>

#include "tweedie/adaptive/adaptive_sampler.hpp"
#include "tweedie/adaptive/traced_trial.hpp"
#include "tweedie/solver/ode/ddim.hpp"
#include "tweedie/solver/ode/dpm_solver.hpp"

namespace tweedie {

/// The step of DPM-Solver-12, with DPM-Solver-1's as the error's.
template <Prediction on>
struct DPMSolver12Step {
  Facts facts() const {
    return {.name = "DPM-Solver-12", .order = 2, .evaluations = 2, .starts_from_noise = true};
  }
  template <class X>
  X step(auto& c, const Interval& s, const X& x) const {
    const X high = ExponentialRungeKutta2<on>{}.step(c, s, x);
    c.estimate(high - c.mix(x, s.from, s.to.scale, s.to.std));
    return high;
  }
};
/// That of DPM-Solver-23, with DPM-Solver-2's at r = 1/3.
template <Prediction on>
struct DPMSolver23Step {
  Facts facts() const {
    return {.name = "DPM-Solver-23", .order = 3, .evaluations = 3, .starts_from_noise = true};
  }
  template <class X>
  X step(auto& c, const Interval& s, const X& x) const {
    const X high = ExponentialRungeKutta3<on>{}.step(c, s, x);
    c.estimate(high - ExponentialRungeKutta2<on>{.r = 1. / 3}.step(c, s, x));
    return high;
  }
};

/// A pair of DPM-Solvers, in lambda.
template <class Step>
struct DPMSolverPair {
  template <class X, class M>
  TracedTrial<X, M, Step> trial(const AnyProcess& process, M model, Eigen::Index dim,
                                Eigen::Index count, const AdaptiveOptions& options) const {
    return {process, std::move(model), {}, Clock::sigma, Tolerance::larger, dim, count, options};
  }
};

/// The adaptive DPM-Solver of orders 1 and 2, or 2 and 3: Lu et al. 2022, arXiv:2206.00927, appendix
/// C; on data DPM-Solver++'s. Its authors run it at atol 0.0078 and rtol 0.05, with
/// ErrorNorm::worst_sample and StepControl::unlimited(); k-diffusion with StepControl::softened().
template <Prediction on = Prediction::data>
using DPMSolver12 = DPMSolverPair<DPMSolver12Step<on>>;
template <Prediction on = Prediction::data>
using DPMSolver23 = DPMSolverPair<DPMSolver23Step<on>>;

/// Two half steps of any single-step solver of order p, with (two halves - one whole) / (2^p - 1) as
/// the error's: Richardson.
template <class S>
struct TwoHalves {
  S solver = {};

  Facts facts() const {
    Facts facts = solver.facts();
    facts.name = sentence({"two halves of ", facts.name});
    facts.order += 1;  // of the local error, which the length follows
    facts.evaluations *= 3;
    facts.draws *= 3;
    return facts;
  }
  template <class X>
  X step(auto& c, const Interval& s, const X& x) const {
    const Facts own = solver.facts();
    check(own.remembers == 0, "StepDoubling: ", own.name,
          " remembers steps before; it takes single-step solvers, such as ddim, heun, rk4 and "
          "euler_maruyama");
    History<X> none;
    const X whole = verbs::step_of(solver, c, s, x, none);
    Interval first = s, second = s;
    if (s.to.is_clean_data()) return whole;
    first.to = second.from = own.clock == Clock::time ? c.level_at_time((s.from.t + s.to.t) / 2)
                                                      : verbs::level_between(c, s, 0.5);
    const X middle = c.stored(verbs::step_of(solver, c, first, x, none));
    const X halves = verbs::step_of(solver, c, second, middle, none);
    const double factor = 1 / (std::exp2(own.order) - 1);
    c.estimate(factor * halves - factor * whole);
    return halves;
  }
};
/// Steps of any single-step solver, each compared with its two halves. A stochastic one, such as
/// EulerMaruyama, sees one Brownian path whatever the steps: whole and halves are compared on it, and
/// a step that is rejected is made again on it, which favours no noise (where fresh noise would).
template <class S>
struct StepDoubling {
  S solver = {};

  template <class X, class M>
  TracedTrial<X, M, TwoHalves<S>> trial(const AnyProcess& process, M model, Eigen::Index dim,
                                        Eigen::Index count, const AdaptiveOptions& options) const {
    return {
        process, std::move(model), TwoHalves<S>{solver}, solver.facts().clock, Tolerance::sum, dim,
        count,   options};
  }
};
template <class S>
StepDoubling(S) -> StepDoubling<S>;

}  // namespace tweedie
