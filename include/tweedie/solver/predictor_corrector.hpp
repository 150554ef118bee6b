// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <functional>
#include <string>

#include "tweedie/error.hpp"
#include "tweedie/solver/context.hpp"

namespace tweedie {

/// No predictor: with a corrector, annealed Langevin dynamics over the levels of the grid.
struct Stay {
  Facts facts() const { return {"no predictor", 0, 0, false}; }
  template <class X>
  X step(auto&, const auto&, const Interval&, const X& x) const {
    return x;
  }
};

/// Langevin steps at the level of x before each step of any solver: Song et al. 2020,
/// arXiv:2011.13456, algorithms 2 to 5. The step size is a = 2 alpha (snr |z| / |score|)^2, or with
/// `annealed` a = 2 alpha (snr std)^2; alpha is 1, or the chain's 1 - beta there. The order
/// declared is the predictor's; corrections of fixed snr leave a bias of their own.
template <class S>
struct PredictorCorrector {
  S predictor = {};
  double snr = 0.16;
  int corrections = 1;
  bool annealed = false;
  LangevinNorms norms = LangevinNorms::per_sample;
  std::function<double(const Level&)> alpha = [](const Level&) { return 1.0; };

  template <class X>
  struct Memory {
    Past<S, X> inner;
  };

  Facts facts() const {
    Facts facts = predictor.facts();
    if (corrections == 0) return facts;
    facts.name = std::to_string(corrections) + " Langevin + " + facts.name;
    facts.evaluations += corrections;
    facts.stochastic = true;
    return facts;
  }

  template <class X>
  X step(auto& c, const auto& process, const Interval& s, const X& x,
         std::optional<Memory<X>>& past) const {
    check_not_negative("PredictorCorrector", "snr", snr);
    check_not_negative("PredictorCorrector", "corrections", corrections);
    if (!past) past.emplace();
    X y = x;
    for (int k = 0; k < corrections; ++k) {
      if (!annealed) {
        y = c.langevin(y, s.t, {snr, alpha(s.t), norms});
        continue;
      }
      const double a = 2 * alpha(s.t) * snr * snr * s.t.std * s.t.std;
      y = c.keep(y + a * c.score(y, s.t) + std::sqrt(2 * a) * c.normal());
    }
    return take_step(predictor, c, process, s, y, past->inner);
  }
};

template <class S>
PredictorCorrector(S) -> PredictorCorrector<S>;
template <class S, class... Options>
PredictorCorrector(S, double, Options...) -> PredictorCorrector<S>;

}  // namespace tweedie
