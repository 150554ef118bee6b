// SPDX-License-Identifier: MIT
// yang-song/score_sde_pytorch, sampling.py: pc_sampler. Its time grid has N points from 1 to eps,
// but every step is dt = -1/N, and the chains are entered at index trunc(t (N - 1)).
//
// | theirs                  | ours                                                         |
// |-------------------------|--------------------------------------------------------------|
// | VPSDE, subVPSDE, VESDE  | VP, SubVP, VE                                                |
// | euler_maruyama          | EulerMaruyama{}, intervals of length 1/N                     |
// | reverse_diffusion       | ReverseDiffusion{probability_flow, ..., the chain}           |
// | ancestral_sampling, VP  | DDPM{Variance::forward, ..., the chain}                      |
// | ancestral_sampling, VE  | DDPM{Variance::posterior, ..., the chain}                    |
// | corrector langevin, ald | PredictorCorrector, LangevinStep::by_batch_norms, by_std |
// | predictor none          | NoPredictor{}                                                |
// | denoise                 | last_noise = !denoise                                        |
// | continuous = False      | levels of the chain instead of the process's own             |
#pragma once

#include "case.hpp"

#include <tweedie/process/sub_vp.hpp>
#include <tweedie/process/ve.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/solver/wrap/predictor_corrector.hpp>

namespace golden {

struct ScoreSde {
  std::string name;
  tw::AnyProcess process;
  int N;
  double low, high;  // beta or sigma at the ends of the chain

  static ScoreSde of(const Case& p, int N) {
    const std::string name = p["name"];
    if (name == "VESDE")
      return {name, tw::VE{.sigma_min = p["sigma_min"], .sigma_max = p["sigma_max"]}, N,
              p["sigma_min"], p["sigma_max"]};
    const double low = p["beta_min"], high = p["beta_max"];
    if (name == "VPSDE") return {name, tw::VP{.beta_min = low, .beta_max = high}, N, low, high};
    return {name, tw::SubVP{.beta_min = low, .beta_max = high}, N, low, high};
  }

  int index(double t) const { return static_cast<int>(t * (N - 1)); }
  double part(int i) const { return N > 1 ? double(i) / (N - 1) : 0; }
  double beta(int i) const { return (low + (high - low) * part(i)) / N; }
  double sigma(int i) const { return i < 0 ? 0 : low * std::pow(high / low, part(i)); }

  tw::Transition transition(double t) const {
    const int i = index(t);
    if (name == "VPSDE") return {std::sqrt(1 - beta(i)), beta(i)};
    if (name == "VESDE") return {1, sigma(i) * sigma(i) - sigma(i - 1) * sigma(i - 1)};
    const tw::Level l = process.at(t);
    return {1 + l.f() / N, l.g2 / N};
  }

  /// The level at which the network is asked: the process's, or the chain's with its drift.
  tw::Level level(double t, bool continuous) const {
    tw::Level l = process.at(t);
    if (continuous) return l;
    if (name == "VESDE") {
      l.std = sigma(N - 1 - static_cast<int>(std::nearbyint((1 - t) * (N - 1))));
    } else {
      double alpha_bar = 1;
      for (int i = 0; i <= index(t); ++i) alpha_bar *= 1 - beta(i);
      const double f = l.f();
      l.scale = std::sqrt(alpha_bar), l.std = std::sqrt(1 - alpha_bar), l.scale_rate = f * l.scale;
    }
    l.std_rate = l.f() * l.std + l.g2 / (2 * l.std);  // the velocity of the continuous f and g
    return l;
  }
};

inline Difference score_sde_coefficients(const Case& c) {
  const ScoreSde sde = ScoreSde::of(c["process"], 1000);
  double most = 0;
  for (const Numbers row : c["rows"]) {
    const tw::Level l = sde.process.at(row[0]);
    const tw::Transition transition = sde.transition(row[0]);
    const Numbers ours{row[0],
                       l.f(),
                       std::sqrt(l.g2),
                       l.scale,
                       l.std,
                       transition.ratio - 1,
                       std::sqrt(transition.variance)};
    most = std::max(most, largest_difference(ours, row));
  }
  return most;
}

inline Difference score_sde(const Case& c) {
  if (c["kind"] == "coefficients") return score_sde_coefficients(c);
  if (c["function"] != "sampling.get_pc_sampler") return {};  // RK45 and likelihood
  const Case& p = c["parameters"];
  const ScoreSde sde = ScoreSde::of(c["process"], p["N"]);
  const bool continuous = p["continuous"], denoise = p["denoise"];
  const std::string predictor = p["predictor"], corrector = p["corrector"];

  std::vector<tw::Interval> all;
  for (double t : c["times"].get<Numbers>()) {
    tw::Interval s{.from = sde.level(t, continuous), .to = sde.process.at(t)};
    s.to.t = t - 1.0 / sde.N;
    // DDPM's posterior variance asks for the ratio of the chain's sigmas.
    if (sde.name == "VESDE")
      s.to.std = s.from.std * sde.sigma(sde.index(t) - 1) / sde.sigma(sde.index(t));
    all.push_back(s);
  }
  const auto chain = [sde](const tw::Interval& s) { return sde.transition(s.from.t); };
  const auto corrected = [&](auto inner) -> tw::AnySolver {
    tw::PredictorCorrector<decltype(inner)> solver{
        inner, number(p, "snr", 0.16), corrector == "none" ? 0 : p["n_steps"].get<int>(),
        corrector == "ald" ? tw::LangevinStep::by_std : tw::LangevinStep::by_batch_norms};
    if (sde.name == "VPSDE")
      solver.alpha = [sde](const tw::Level& l) { return 1 - sde.beta(sde.index(l.t)); };
    return solver;
  };
  std::optional<tw::AnySolver> solver;
  if (predictor == "euler_maruyama") solver = corrected(tw::EulerMaruyama{.last_noise = !denoise});
  if (predictor == "reverse_diffusion")
    solver = corrected(tw::ReverseDiffusion{p["probability_flow"], !denoise, chain});
  if (predictor == "ancestral_sampling")
    solver = corrected(tw::DDPM{
        sde.name == "VESDE" ? tw::Variance::posterior : tw::Variance::forward, !denoise, chain});
  if (predictor == "none") solver = corrected(tw::NoPredictor{});
  if (!solver) return {};
  return run(c, tw::make_plan(sde.process, *solver, all, tw::Levels::as_given));
}

}  // namespace golden
