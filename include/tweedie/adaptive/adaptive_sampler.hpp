// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <utility>
#include <vector>

#include "tweedie/adaptive/adaptive_steps.hpp"
#include "tweedie/adaptive/embedded_runge_kutta.hpp"

namespace tweedie {

/// A Runge-Kutta pair on the probability-flow ODE, in t, sigma or lambda:
/// EmbeddedPair<InSigma>{tsitouras}.
template <class Frame = InTime>
struct EmbeddedPair {
  EmbeddedTableau tableau = dormand_prince;

  template <class X, class M>
  RungeKuttaTrial<X, M, Frame> trial(const AnyProcess& process, M model, Eigen::Index dim,
                                     Eigen::Index count, const AdaptiveOptions& options) const {
    return {process, std::move(model), tableau, dim, count, options};
  }
};

/// Steps of a length that is chosen by their errors. Memory is made at construction; one thread uses
/// one. The method is an EmbeddedPair, DPMSolver12, DPMSolver23 or StepDoubling.
template <class X, class Trial>
class AdaptiveSampler {
 public:
  AdaptiveSampler(AnyProcess process, Trial trial, const AdaptiveOptions& options)
      : process_(std::move(process)), trial_(std::move(trial)), options_(options) {}

  /// From the range's upper end to its lower one and, with to_zero, on to the predicted data. x is a
  /// state at the upper end.
  AdaptiveRun operator()(X& x) {
    const auto both = ends(process_, options_.range);
    AdaptiveRun run = (*this)(x, both.first, both.second);
    if (options_.range.to_zero && run.stop == AdaptiveRun::Stop::done &&
        !both.second.is_clean_data()) {
      trial_.to_data(x.data(), both.second);
      run.levels.push_back(process_.at_sigma(0));
      run.evaluations = trial_.evaluations();
    }
    return run;
  }
  /// From one level to another, in either direction.
  AdaptiveRun operator()(X& x, const Level& from, const Level& to) {
    auto walk = steps(x, from, to);
    for (auto step : walk) (void)step;
    return walk.run();
  }

  /// The steps of such a run: `for (auto step : sampler.steps(x, from, to))`.
  AdaptiveSteps<X, Trial> steps(X& x, const Level& from, const Level& to) & {
    return {trial_, options_, x, from, to};
  }

 private:
  AnyProcess process_;
  Trial trial_;
  AdaptiveOptions options_;
};

namespace verbs {

/// An adaptive sampler for states of x's shape and kind.
template <class X, class Method, class M>
auto adaptive_sampler(const AnyProcess& process, const Method& method, M model, const X& x,
                      const AdaptiveOptions& options = {}) {
  static_assert(verbs::require_state<X>());
  static_assert(Predictor<M>, "wrap the network as predicts_epsilon(f), predicts_data(f), ...");
  options.validate();
  using Plain = PlainOf<X>;
  auto trial = method.template trial<Plain>(process, std::move(model), x.rows(), x.cols(), options);
  return AdaptiveSampler<Plain, decltype(trial)>(process, std::move(trial), options);
}

/// Takes x, a state at the range's upper end, to clean data by the probability-flow ODE, with steps
/// chosen for a relative and an absolute tolerance; by default with Dormand-Prince's pair in time,
/// as score_sde's ODE sampler.
///
///     const tw::AdaptiveRun run = tw::solve_adaptively(process, model, x, {.rtol = 1e-6});
template <class X, class M>
AdaptiveRun solve_adaptively(const AnyProcess& process, M model, X& x,
                             const AdaptiveOptions& options = {}) {
  return verbs::adaptive_sampler(process, EmbeddedPair<>{}, std::move(model), x, options)(x);
}
/// With another method.
template <class Method, class X, class M>
AdaptiveRun solve_adaptively(const AnyProcess& process, const Method& method, M model, X& x,
                             const AdaptiveOptions& options = {}) {
  return verbs::adaptive_sampler(process, method, std::move(model), x, options)(x);
}

/// Every sample with steps of its own, one after the other: what comes out does not depend on the
/// rest of the batch. The network is called with one column.
template <class X, class M, class Method = EmbeddedPair<>>
std::vector<AdaptiveRun> solve_each_adaptively(const AnyProcess& process, const M& model, X& x,
                                               const AdaptiveOptions& options = {},
                                               const Method& method = {}) {
  using Column = Samples<typename X::Scalar>;
  std::vector<AdaptiveRun> runs;
  Column column(x.rows(), 1);
  for (Eigen::Index k = 0; k < x.cols(); ++k) {
    AdaptiveOptions own = options;
    own.noise.first_sample += k;
    column = x.matrix().col(k);
    runs.push_back(verbs::solve_adaptively(process, method, model, column, own));
    x.matrix().col(k) = column;
  }
  return runs;
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
