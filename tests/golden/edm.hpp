// SPDX-License-Identifier: MIT
// NVlabs/edm, generate.py.
//
// | theirs                          | ours                                                        |
// |---------------------------------|-------------------------------------------------------------|
// | edm_sampler                     | Churn{Heun<InSigma>, S_churn, S_min, S_max, S_noise} on EDM |
// | ablation_sampler, solver, alpha | Churn{Euler<InTime> or RungeKutta2<InTime>{alpha}, ...}     |
// | schedule, scaling               | a CustomProcess: sigma(t) and s(t) chosen independently     |
// | discretization = vp             | uniform(VP::reaching(sigma_min, sigma_max), n)              |
// | discretization = ve             | log_snr(EDM{}, n, ...)                                      |
// | discretization = iddpm          | iddpm(EDM{}, n, ..., M, C_1, C_2)                           |
// | discretization = edm            | karras(EDM{}, n, ...)                                       |
// | latents                         | x = latents * std at the first level                        |
#pragma once

#include "case.hpp"

#include <tweedie/grid/spacing.hpp>
#include <tweedie/model/preconditioned.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/solver/wrap/churn.hpp>

namespace golden {

/// sigma(t) of one paper with s(t) of another.
struct Ablation {
  std::string schedule, scaling;
  tw::VP vp;
  double t_min = 1e-3, t_max = 1;

  tw::Level at(double t) const {
    double sigma = t, rate = 1;
    if (schedule == "ve") sigma = std::sqrt(t), rate = 0.5 / sigma;
    if (schedule == "vp") {
      const tw::Level l = vp.at(t);
      sigma = l.sigma();
      rate = l.g2 * (sigma + 1 / sigma) / 2;
    }
    const double s = scaling == "vp" ? 1 / std::sqrt(1 + sigma * sigma) : 1;
    const double s_rate = scaling == "vp" ? -sigma * rate * s * s * s : 0;
    return {t, s, s * sigma, s_rate, s_rate * sigma + s * rate, 2 * s * s * sigma * rate};
  }
  double time_of_sigma(double sigma) const {
    return schedule == "ve" ? sigma * sigma : schedule == "vp" ? vp.time_of_sigma(sigma) : sigma;
  }
};

inline Difference edm_ablation(const Case& c) {
  const Case& p = c["parameters"];
  const int n = p["num_steps"];
  const std::string grid_name = text(p, "discretization", "edm"),
                    solver = text(p, "solver", "heun");
  const double eps = number(p, "epsilon_s", 1e-3);
  // The peer's own defaults of the range, by discretization.
  const tw::VP default_vp{.beta_min = number(p, "beta_min", 0.1),
                          .beta_max = number(p, "beta_min", 0.1) + number(p, "beta_d", 19.9)};
  const double low = number(p, "sigma_min",
                            grid_name == "vp"   ? default_vp.at(eps).sigma()
                            : grid_name == "ve" ? 0.02
                                                : 0.002);
  const double high = number(p, "sigma_max",
                             grid_name == "vp"      ? default_vp.at(1).sigma()
                             : grid_name == "ve"    ? 100
                             : grid_name == "iddpm" ? 81
                                                    : 80);
  const tw::VP vp = tw::VP::reaching(low, high, eps);

  const tw::NoiseRange range{.sigma_max = high, .sigma_min = low};
  const tw::Grid sigmas =
      grid_name == "vp"   ? tw::uniform(vp, n)
      : grid_name == "ve" ? tw::log_snr(tw::EDM{}, n, range)
      : grid_name == "iddpm"
          ? tw::iddpm(tw::EDM{}, n, range, static_cast<int>(number(p, "M", 1000)),
                      number(p, "C_1", 1e-3), number(p, "C_2", 8e-3))
          : tw::karras(tw::EDM{}, n, range, number(p, "rho", 7));
  const tw::AnyProcess process =
      Ablation{text(p, "schedule", "linear"), text(p, "scaling", "none"), vp};
  const tw::Grid grid = tw::from_sigmas(process, sigmas_of(sigmas));

  const auto churn = [&](auto inner) -> tw::AnySolver {
    return tw::Churn<decltype(inner)>{inner, number(p, "S_churn", 0), number(p, "S_min", 0),
                                      number(p, "S_max", std::numeric_limits<double>::infinity()),
                                      number(p, "S_noise", 1)};
  };
  const tw::AnySolver any = solver == "euler"
                                ? churn(tw::Euler<tw::InTime>{})
                                : churn(tw::RungeKutta2<tw::InTime>{number(p, "alpha", 1)});
  const tw::Plan plan = tw::make_plan(process, any, grid);
  return compare(c, replay(c, plan, plan.from().std * state(c["latents"])));
}

/// How F is wrapped: c_skip and c_out as what a plan's coefficients have, c_in and c_noise as what the
/// network sees.
inline Difference edm_preconditioning(const Case& c) {
  const auto differ = [&](const auto& kind) {
    const tw::Output F("F", [&](const tw::Level& l) { return kind.row(l.sigma()); });
    double most = 0;
    for (const Case& row : c["rows"]) {
      const double sigma = row["sigma"];
      const tw::Conversion D = tw::conversion(tw::Prediction::data, F, tw::EDM{}.at(sigma));
      most = std::max(
          most, largest_difference({D.state, D.output, kind.input(sigma), kind.label(sigma)},
                                   {row["c_skip"], row["c_out"], row["c_in"], row["c_noise"]}));
    }
    return most;
  };
  const Case& p = c["parameters"];
  const std::string function = c["function"];
  if (function.ends_with(".EDMPrecond"))
    return differ(tw::EDMPreconditioning{.sigma_data = p["sigma_data"]});
  if (function.ends_with(".VEPrecond")) return differ(tw::VEPreconditioning{});
  if (function.ends_with(".VPPrecond")) {
    const double low = p["beta_min"];
    return differ(tw::VPPreconditioning{low, low + p["beta_d"].get<double>(), p["M"]});
  }
  const tw::IDDPMPreconditioning kind{p["M"], p["C_1"], p["C_2"]};
  Numbers levels(static_cast<std::size_t>(kind.M) + 1), some;
  for (std::size_t j = levels.size() - 1; j > 0; --j)
    levels[j - 1] = kind.above(levels[j], static_cast<int>(j));
  for (std::size_t j = 0; j < levels.size(); j += c["u_j_stride"].get<std::size_t>())
    some.push_back(levels[j]);
  return std::max(differ(kind), largest_difference(some, c["u_j"]));
}

inline Difference edm(const Case& c) {
  if (c["kind"] == "coefficients") return edm_preconditioning(c);
  if (c["function"] == "generate.ablation_sampler") return edm_ablation(c);
  const Case& p = c["parameters"];
  const tw::AnyProcess process = tw::EDM{};
  const tw::Churn<tw::Heun<tw::InSigma>> solver{
      {},
      number(p, "S_churn", 0),
      number(p, "S_min", 0),
      number(p, "S_max", std::numeric_limits<double>::infinity()),
      number(p, "S_noise", 1)};
  const tw::NoiseRange range{.sigma_max = number(p, "sigma_max", 80),
                             .sigma_min = number(p, "sigma_min", 0.002),
                             .to_zero = true};
  const tw::Plan plan = tw::make_plan(
      process, solver, tw::karras(process, p["num_steps"].get<int>(), range, number(p, "rho", 7)));
  return compare(c, replay(c, plan, plan.from().std * state(c["latents"])));
}

}  // namespace golden
