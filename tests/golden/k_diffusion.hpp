// SPDX-License-Identifier: MIT
// crowsonkb/k-diffusion, sampling.py.
//
// | theirs                     | ours                                                            |
// |----------------------------|-----------------------------------------------------------------|
// | x, sigma                   | EDM{}: scale 1, t = sigma                                       |
// | sigmas                     | from_sigmas(EDM{}, sigmas)                                      |
// | get_sigmas_karras          | karras(EDM{}, n, {.sigma_max, .sigma_min}, rho)                 |
// | get_sigmas_exponential     | log_snr(...)                                                    |
// | get_sigmas_polyexponential | polyexponential(..., rho, ...)                                  |
// | get_sigmas_vp              | uniform(VP{beta_min, beta_min + beta_d}, n, ...)                |
// | sample_euler, heun, dpm_2  | Churn{Euler<InSigma>, Heun<InSigma>, DPMSolver2; s_churn, ...}  |
// | euler_ancestral            | Ancestral{Euler<InSigma>{}, eta, s_noise}                       |
// | dpm_2_ancestral            | Ancestral{DPMSolver2{}, eta, s_noise}                           |
// | dpmpp_2s_ancestral         | Ancestral{DPMSolverPP2S{}, eta, s_noise}                        |
// | sample_lms                 | LMS{order}                                                      |
// | sample_dpmpp_2m            | DPMSolverPP2M{}                                                 |
// | sample_dpmpp_2m_sde        | DPMSolverPP2M{eta, s_noise, midpoint or taylor (heun)}          |
// | sample_dpmpp_3m_sde        | DPMSolverPP3M{eta, s_noise, taylor, d2_factor = 1}              |
// | sample_dpmpp_sde           | DPMSolverPPSDE{eta, s_noise, r}; one path in another clock      |
// | sample_dpm_fast            | DPMSolverSinglestep{singlestep_orders(n)} on log_snr, Ancestral |
#pragma once

#include <regex>

#include "case.hpp"

#include <tweedie/grid/spacing.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/solver/ode/dpm_solver_singlestep.hpp>
#include <tweedie/solver/wrap/churn.hpp>

namespace golden {

template <class S>
tw::AnySolver churned(S solver, const Case& p) {
  return tw::Churn<S>{solver, number(p, "s_churn", 0), number(p, "s_tmin", 0),
                      number(p, "s_tmax", std::numeric_limits<double>::infinity()),
                      number(p, "s_noise", 1)};
}
template <class S>
tw::AnySolver ancestral(S solver, const Case& p) {
  return tw::Ancestral<S>{solver, number(p, "eta", 1), number(p, "s_noise", 1)};
}

inline std::optional<tw::AnySolver> k_diffusion_solver(const std::string& name, const Case& p) {
  if (name == "sample_euler") return churned(tw::Euler<tw::InSigma>{}, p);
  if (name == "sample_heun") return churned(tw::Heun<tw::InSigma>{}, p);
  if (name == "sample_dpm_2") return churned(tw::DPMSolver2{}, p);
  if (name == "sample_euler_ancestral") return ancestral(tw::Euler<tw::InSigma>{}, p);
  if (name == "sample_dpm_2_ancestral") return ancestral(tw::DPMSolver2{}, p);
  if (name == "sample_dpmpp_2s_ancestral") return ancestral(tw::DPMSolverPP2S{}, p);
  if (name == "sample_lms")
    return tw::LMS{static_cast<int>(number(p, "order", 4)), tw::LowerOrder::never(), true};
  if (name == "sample_dpmpp_2m") return tw::DPMSolverPP2M{.lower_order = tw::LowerOrder::never()};
  const double eta = number(p, "eta", 1), s_noise = number(p, "s_noise", 1);
  if (name == "sample_dpmpp_2m_sde")
    return tw::DPMSolverPP2M{eta, s_noise,
                             text(p, "solver_type", "midpoint") == "heun"
                                 ? tw::DifferenceWeight::taylor
                                 : tw::DifferenceWeight::midpoint,
                             2, tw::LowerOrder::never()};
  if (name == "sample_dpmpp_3m_sde")
    return tw::DPMSolverPP3M{eta, s_noise, tw::DifferenceWeight::taylor, 1,
                             tw::LowerOrder::never()};
  // The files were recorded with independent normals instead of the peer's tree.
  if (name == "sample_dpmpp_sde")
    return tw::DPMSolverPPSDE{eta, s_noise, number(p, "r", 0.5), tw::StageNoise::independent};
  return {};
}

/// A schedule from the peer's call, e.g. "get_sigmas_karras(10,0.02,80.0,rho=7.0)".
inline tw::Grid k_diffusion_grid(const std::string& call) {
  Numbers a;
  const std::regex figure("[(,=]([0-9][0-9.eE+-]*)");
  for (std::sregex_iterator k(call.begin(), call.end(), figure), end; k != end; ++k)
    a.push_back(std::stod((*k)[1]));
  const int n = static_cast<int>(a.at(0));
  const auto is = [&](const char* name) { return call.find(name) != std::string::npos; };
  if (is("_vp"))
    return tw::uniform(tw::VP{.beta_min = a.at(2), .beta_max = a.at(2) + a.at(1)}, n,
                       {.t_min = a.at(3)});
  const tw::NoiseRange range{.sigma_max = a.at(2), .sigma_min = a.at(1)};
  const bool has_rho = a.size() > 3;
  if (is("_karras")) return tw::karras(tw::EDM{}, n, range, has_rho ? a[3] : 7);
  if (is("_polyexponential")) return tw::polyexponential(tw::EDM{}, n, has_rho ? a[3] : 1, range);
  return tw::log_snr(tw::EDM{}, n, range);
}

/// sample_dpm_fast, which makes its own grid; with its bounds exchanged it encodes.
inline Difference dpm_fast(const Case& c) {
  const Case& p = c["parameters"];
  const std::vector<int> orders = tw::singlestep_orders(p["n"]);
  const double from = p["sigma_max"], to = p["sigma_min"], eta = number(p, "eta", 0);
  const tw::Grid falling = tw::log_snr(
      tw::EDM{}, static_cast<int>(orders.size()),
      {.sigma_max = std::max(from, to), .sigma_min = std::min(from, to), .to_zero = false});
  const tw::DPMSolverSinglestep solver{orders};
  const tw::AnySolver any = eta == 0 ? tw::AnySolver(solver)
                                     : tw::AnySolver(tw::Ancestral<tw::DPMSolverSinglestep>{
                                           solver, eta, number(p, "s_noise", 1), to});
  return run(c, tw::make_plan(tw::EDM{}, any, from > to ? falling : tw::reversed(falling)));
}

inline Difference k_diffusion(const Case& c) {
  const std::string function = c["function"], name = function.substr(function.rfind('.') + 1);
  const tw::AnyProcess edm = tw::EDM{};
  if (c["kind"] == "schedule")
    return largest_difference(sigmas_of(k_diffusion_grid(c["call"])), c["sigmas"]);
  if (name == "get_ancestral_step") {
    double most = 0;
    for (const Numbers row : c["rows"]) {  // sigma_from, sigma_to, eta, sigma_down, sigma_up
      const tw::Plan plan = tw::make_plan(edm, tw::Ancestral<tw::Euler<tw::InSigma>>{{}, row[2]},
                                          tw::from_sigmas(edm, {row[0], row[1]}));
      double up = 0, towards = 0;
      for (const tw::Row& r : tw::lowering::fold(plan.rows(), tw::Prediction::epsilon))
        if (const auto* update = std::get_if<tw::Update>(&r))
          for (const tw::Term& term : update->terms) {
            if (term.operand.is_draw()) up = term.weight;
            if (term.operand.is_value() && term.operand.index == 1) towards = term.weight;
          }
      most = std::max({most, std::abs(up - row[4]), std::abs(row[0] + towards - row[3])});
    }
    return most;
  }
  if (name == "linear_multistep_coeff") {
    const auto ours = history_weights(
        tw::make_plan(edm, tw::LMS{c["order"].get<int>(), tw::LowerOrder::never(), true},
                      tw::from_sigmas(edm, c["sigmas"])));
    double most = 0;
    for (std::size_t k = 0; k < c["coefficients"].size(); ++k)
      most = std::max(most, largest_difference(ours.at(k), c["coefficients"][k]));
    return most;
  }
  if (c["kind"] != "sampler") return {};
  if (name == "sample_dpm_fast") return dpm_fast(c);
  const auto solver = k_diffusion_solver(name, c["parameters"]);
  if (!solver) return {};
  return run(c, tw::make_plan(edm, *solver, tw::from_sigmas(edm, c["sigmas"])));
}

}  // namespace golden
