// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <functional>

#include "tweedie/solver/options.hpp"
#include "tweedie/solver/solve.hpp"

namespace tweedie {

/// No predictor: with a corrector, annealed Langevin dynamics over the levels of the grid.
struct NoPredictor {
  Facts facts() const {
    return {.name = "no predictor",
            .order = 0,
            .evaluations = 0,
            .evaluations_to_zero = 0,
            .clock = Clock::time,
            .at_zero = AtZero::own,
            .starts_from_noise = true};
  }
  template <class X>
  X step(auto&, const Interval&, const X& x) const {
    return x;
  }
};

/// How long a Langevin step is: a = 2 alpha (snr std)^2, as in annealed Langevin dynamics; or
/// a = 2 alpha (snr |z| / |score|)^2 by the mean norms of the batch, as score_sde has it.
enum class LangevinStep { by_std, by_batch_norms };

/// Langevin steps x <- x + a score + sqrt(2 a) z at the level of x before each step of a
/// single-step solver: Song et al. 2020, arXiv:2011.13456, algorithms 2 to 5. alpha is 1, or the
/// chain's 1 - beta there. Their stationary variance is 1 / (1 - a / 2v) of the marginal's v, 2.6 %
/// more for snr = 0.16 where v is std^2: this bias does not fall with the number of steps, which is
/// what order 0 says. By norms, samples depend on their batch.
template <class S>
struct PredictorCorrector {
  S predictor = {};
  double snr = 0.16;
  int corrections = 1;
  LangevinStep step_size = LangevinStep::by_std;
  std::function<double(const Level&)> alpha = [](const Level&) { return 1.0; };

  static void options(auto& its, auto&& visit) {
    visit("snr", its.snr);
    visit("corrections", its.corrections);
    verbs::for_each_option(its.predictor, visit);
  }
  Facts facts() const {
    Facts facts = predictor.facts();
    if (corrections == 0) return facts;
    facts.name = sentence({corrections, " Langevin + ", facts.name});
    facts.order = 0;
    facts.evaluations += corrections;
    facts.evaluations_to_zero += corrections;
    if (facts.at_zero == AtZero::data) facts.at_zero = AtZero::predicted_data;
    facts.draws += corrections;
    return facts;
  }
  void validate(const OptionCheck& require) const {
    verbs::validate(predictor);
    require(corrections >= 0 && corrections <= 1000, "corrections = ", corrections,
            " must lie from 0 to 1000");
    require(snr > 0 && snr < 1, "snr = ", snr, " must lie between 0 and 1; usual are 0.01 to 0.3");
    if (corrections > 0) require.remembers_nothing(predictor.facts().remembers);
    require(static_cast<bool>(alpha), "alpha is empty; it must be a function of a level");
  }

  template <class X>
  X step(auto& c, const Interval& s, const X& x, History<X>& past) const {
    const Level& t = s.from;
    const double size = alpha(t) * snr * snr;  // a = 2 size std^2 leaves x stable below 1
    check(corrections == 0 || (size > 0 && size < 1), facts().name, ": alpha = ", alpha(t),
          " with snr = ", snr, " in step ", s.index,
          "; alpha must be positive, and alpha snr^2 below 1");
    X y = x;
    for (int k = 0; k < corrections; ++k) {
      if (step_size == LangevinStep::by_batch_norms) {
        y = c.langevin(y, t, {snr, alpha(t)});
      } else {
        const X epsilon = c.epsilon(y, t);
        y = c.stored(y - 2 * size * t.std * epsilon + 2 * std::sqrt(size) * t.std * c.normal());
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
