// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <type_traits>
#include <utility>
#include <vector>

#include "tweedie/adaptive/adaptive_steps.hpp"
#include "tweedie/adaptive/embedded_runge_kutta.hpp"

namespace tweedie {

namespace verbs {

/// A table's rates jump at its entries, which no error estimate in time sees.
inline void check_smooth(const AnyProcess& process, bool in_time) {
  check(!in_time || std::isinf(process.t_last),
        "adaptive: the rates of a table jump at its entries, so that errors in time cannot be "
        "estimated; take a method in lambda, such as EmbeddedPair<InLambda>{}");
}

}  // namespace verbs

/// A Runge-Kutta pair on the probability-flow ODE, in t, sigma or lambda:
/// EmbeddedPair<InSigma>{tsitouras}.
template <class Frame = InTime>
struct EmbeddedPair {
  EmbeddedTableau tableau = dormand_prince;

  template <class X, class M>
  RungeKuttaTrial<X, M, Frame> trial(const AnyProcess& process, M model, Eigen::Index dim,
                                     Eigen::Index count, const AdaptiveOptions& options) const {
    const auto last = static_cast<std::size_t>(tableau.stages - 1);
    check(tableau.stages >= 2 && tableau.stages <= 7 && tableau.c[last] == 1 && tableau.order >= 2,
          "EmbeddedPair: ", tableau.name,
          " must have 2 to 7 stages, an order of 2 at least, and its weights as the last stage, at "
          "c = 1");
    verbs::check_smooth(process, std::is_same_v<Frame, InTime>);
    return {process, std::move(model), tableau, dim, count, options};
  }
};

/// Steps of a length that is chosen by their errors. Memory is made at construction; one thread uses
/// one. The method is an EmbeddedPair, DPMSolver12, DPMSolver23 or StepDoubling.
template <class X, Trial<typename X::Scalar> T>
class AdaptiveSampler {
 public:
  AdaptiveSampler(AnyProcess process, T trial, const AdaptiveOptions& options)
      : process_(std::move(process)), trial_(std::move(trial)), options_(options) {}

  /// From the range's upper end to its lower one and, with to_zero, on to the predicted data. x is a
  /// state at the upper end. Where the lower end is clean data and the method or the network's
  /// prediction does not go there, the run ends at sigma = 1e-4, and with the data predicted there.
  template <class Y>
  AdaptiveRun operator()(Y&& x) {
    const auto both = ends(process_, options_.range);
    const Level clean = options_.range.to_zero ? process_.at_sigma(0) : both.second;
    const Level bottom = both.second.is_clean_data() && !trial_.reaches(both.second)
                             ? process_.at_sigma(1e-4)
                             : both.second;
    AdaptiveRun run = (*this)(x, both.first, bottom);
    if (clean.is_clean_data() && !bottom.is_clean_data() && run.stop == AdaptiveRun::Stop::done) {
      trial_.to_data(x.data(), bottom);
      run.levels.push_back(clean);
      run.evaluations = trial_.evaluations();
    }
    return run;
  }
  /// From one level to another, in either direction.
  template <class Y>
  AdaptiveRun operator()(Y&& x, const Level& from, const Level& to) {
    auto walk = steps(x, from, to);
    for (auto step : walk) (void)step;
    return walk.run();
  }

  /// The steps of such a run: `for (auto step : sampler.steps(x, from, to))`.
  template <class Y>
  AdaptiveSteps<X, T> steps(Y&& x, const Level& from, const Level& to) & {
    static_assert(verbs::require_state<Y>());
    return {trial_, runs_, options_, Eigen::Map<X>(x.data(), x.rows(), x.cols()), from, to};
  }

 private:
  AnyProcess process_;
  T trial_;
  AdaptiveOptions options_;
  int runs_ = 0;  // begun so far
};

namespace verbs {

/// An adaptive sampler for states of x's shape and kind.
template <class X, class Method, class M>
auto adaptive_sampler(const AnyProcess& process, const Method& method, M model, const X& x,
                      const AdaptiveOptions& options = {}) {
  static_assert(verbs::require_state<X>());
  static_assert(verbs::require_predictor<M>());
  verbs::check_one_output("the slope of an ODE", Output(model.prediction));
  options.validate();
  StepController(options.control, 1);
  using Plain = PlainOf<X>;
  auto trial = method.template trial<Plain>(process, std::move(model), x.rows(), x.cols(), options);
  return AdaptiveSampler<Plain, decltype(trial)>(process, std::move(trial), options);
}

/// Takes x, a state at the range's upper end, to clean data by the probability-flow ODE, with steps
/// chosen for a relative and an absolute tolerance; by default with Dormand-Prince's pair in time,
/// as score_sde's ODE sampler, and in lambda on a table.
///
///     const tw::AdaptiveRun run = tw::solve_adaptively(process, model, x, {.rtol = 1e-6});
template <class X, class M>
AdaptiveRun solve_adaptively(const AnyProcess& process, M model, X& x,
                             const AdaptiveOptions& options = {}) {
  if (std::isfinite(process.t_last))
    return verbs::adaptive_sampler(process, EmbeddedPair<InLambda>{}, std::move(model), x,
                                   options)(x);
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
