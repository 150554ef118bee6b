// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <functional>

#include "tweedie/solver/solve.hpp"

namespace tweedie {

/// No predictor: with a corrector, annealed Langevin dynamics over the levels of the grid.
struct NoPredictor {
  Facts facts() const {
    return {.name = "no predictor",
            .order = 0,
            .evaluations = 0,
            .clock = Clock::time,
            .at_zero = AtZero::own,
            .starts_from_noise = true};
  }
  template <class X>
  X step(auto&, const Interval&, const X& x) const {
    return x;
  }
};

/// Langevin steps at the level of x before each step of any solver: Song et al. 2020,
/// arXiv:2011.13456, algorithms 2 to 5. The step size is a = 2 alpha (snr |z| / |score|)^2, or with
/// `annealed` a = 2 alpha (snr std)^2; alpha is 1, or the chain's 1 - beta there. The order
/// declared is the predictor's; corrections of fixed snr leave a bias of
/// their own, and the norms of few coordinates a large one: in three dimensions use `annealed`.
template <class S>
struct PredictorCorrector {
  S predictor = {};
  double snr = 0.16;
  int corrections = 1;
  bool annealed = false;
  LangevinNorms norms = LangevinNorms::per_sample;
  std::function<double(const Level&)> alpha = [](const Level&) { return 1.0; };

  Facts facts() const {
    Facts facts = predictor.facts();
    if (corrections == 0) return facts;
    facts.name = sentence({corrections, " Langevin + ", facts.name});
    facts.evaluations += corrections;
    facts.draws += corrections;
    return facts;
  }
  void validate(const OptionCheck& require) const {
    verbs::validate(predictor);
    require.at_least_0("snr", snr);
    require.at_least_0("corrections", corrections);
    if constexpr (KeepsValues<S>)
      require(corrections == 0 || predictor.facts().remembers < predictor.points(),
              "a method that keeps the evaluation at the state that it predicted, which a "
              "correction changes; take another predictor, such as dpmpp_2m");
    require(static_cast<bool>(alpha), "alpha is empty; it must be a function of a level");
  }

  template <class X>
  X step(auto& c, const Interval& s, const X& x, History<X>& past) const {
    const Level& t = s.from;
    X y = x;
    for (int k = 0; k < corrections; ++k) {
      if (annealed) {
        const double a = 2 * alpha(t) * snr * snr * t.std * t.std;
        const X score = c.score(y, t);
        y = y + a * score + std::sqrt(2 * a) * c.normal();
      } else {
        y = c.langevin(y, t, {snr, alpha(t), norms});
      }
    }
    return verbs::step_of(predictor, c, s, y, past);
  }
};

template <class S>
PredictorCorrector(S) -> PredictorCorrector<S>;
template <class S, class... Options>
PredictorCorrector(S, double, Options...) -> PredictorCorrector<S>;

}  // namespace tweedie
