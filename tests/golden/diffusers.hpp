// SPDX-License-Identifier: MIT
// huggingface/diffusers, schedulers.
//
// | theirs                       | ours                                                           |
// |------------------------------|----------------------------------------------------------------|
// | beta_schedule                | linear_betas, scaled_linear_betas, cosine_betas, sigmoid_betas |
// | timestep_spacing             | timesteps(leading or trailing or linspace, n, N)               |
// | DDIMScheduler, eta           | DDIM{eta}; each step goes to index t - N/n, also with linspace |
// | DDPMScheduler, variance_type | DDPM{posterior (fixed_small) or forward (fixed_large)}         |
// | Euler, Heun, LMS, EDMEuler   | Euler<InSigma>, Heun<InSigma>, LMS{} on EDM with their sigmas  |
// | EulerDiscrete with s_churn   | not ours: it evaluates before the noise is added, see below    |
// | EulerAncestralDiscrete       | Ancestral{Euler<InSigma>}                                      |
// | FlowMatchEulerDiscrete       | Euler<InTime> on Flow, t = sigma                               |
// | KDPM2Discrete                | DPMSolver2{} on EDM with their sigmas                          |
// | DPMSolverMultistep           | DPMSolverMultistep<on, order>{d2_factor = 1, below(15)} on VP  |
// | ... sde-dpmsolver++          | the same with eta = 1                                          |
// | ... sde-dpmsolver            | not ours: more noise than the exact step has, see below        |
// | EDMDPMSolverMultistep        | the same on EDM                                                |
// | DPMSolverSinglestep          | DPMSolver[PP]Singlestep{orders, their grid, inner = midpoint}  |
// | DEISMultistep                | LogRhoAB{order, below(15)}                                     |
// | UniPCMultistep               | UniPC or UniPCEpsilon, peers_always                                  |
// | PNDM, skip_prk_steps         | PNDM{}, WithStarter{IPNDM{}, Heun<InSigma>{}, 1}               |
#pragma once

#include "case.hpp"

#include <tweedie/grid/outer_grid.hpp>
#include <tweedie/grid/timesteps.hpp>
#include <tweedie/process/betas.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/flow.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/solver/ode/dpm_solver_singlestep.hpp>

namespace golden {

inline Numbers diffusers_betas(const std::string& name, const Case& options) {
  const int N = static_cast<int>(number(options, "num_train_timesteps", 1000));
  const double first = number(options, "beta_start", 1e-4),
               last = number(options, "beta_end", 0.02);
  if (name == "scaled_linear") return tw::scaled_linear_betas(N, first, last);
  if (name == "squaredcos_cap_v2") return tw::cosine_betas(N);
  if (name == "sigmoid") return tw::sigmoid_betas(N, first, last);
  return tw::linear_betas(N, first, last);
}

inline tw::TimestepSpacing diffusers_spacing(const std::string& name) {
  return name == "trailing"   ? tw::TimestepSpacing::trailing
         : name == "linspace" ? tw::TimestepSpacing::linspace
                              : tw::TimestepSpacing::leading;
}

/// EulerDiscreteScheduler's churn: epsilon is that of the state before the noise was added.
struct StaleChurn {
  double amount, s_min, s_max, s_noise;
  tw::Facts facts() const { return {.name = "diffusers' Euler with churn", .draws = 1}; }
  template <class X>
  X step(auto& c, const tw::Interval& s, const X& x) const {
    const double sigma = s.from.sigma();
    const double gamma =
        s_min <= sigma && sigma <= s_max ? std::min(amount / s.count, std::sqrt(2.0) - 1) : 0;
    const double raised = (1 + gamma) * sigma;
    return x + (s.to.sigma() - raised) * c.epsilon(x, s.from) +
           s_noise * std::sqrt(raised * raised - sigma * sigma) * c.normal();
  }
};

/// Their "sde-dpmsolver": DPM-Solver on epsilon with eta = 1, deprecated there.
template <int order>
struct SDEDPMSolver {
  tw::Facts facts() const {
    return {.name = "diffusers' sde-dpmsolver", .order = order, .draws = 1, .remembers = order - 1};
  }
  int points() const { return order; }
  template <class X>
  X value(auto& c, const X& x, const tw::Level& l) const {
    return c.epsilon(x, l);
  }
  template <class X>
  X step(auto& c, const tw::Interval& s, const X& x, tw::History<X>& m) const {
    const double h = s.to.lambda() - s.from.lambda(), weight = -s.to.std * std::expm1(h);
    X y = s.to.scale / s.from.scale * x + 2 * weight * m[0];
    const bool lower = s.last() && s.count < 15;
    if (m.size() == 2 && !lower) y = y + weight * h * m.first_difference();
    return y + s.to.std * std::sqrt(std::expm1(2 * h)) * c.normal();
  }
};

template <tw::Prediction on>
tw::AnySolver multistep(int order, double eta, tw::DifferenceWeight weight, tw::LowerOrder lower) {
  if (order == 1) return tw::DPMSolverMultistep<on, 1>{eta, 1, weight, 1, lower};
  if (order == 2) return tw::DPMSolverMultistep<on, 2>{eta, 1, weight, 1, lower};
  return tw::DPMSolverMultistep<on, 3>{eta, 1, weight, 1, lower};
}

inline std::optional<tw::AnySolver> diffusers_multistep(const std::string& name,
                                                        const Case& options) {
  const std::string algorithm = text(options, "algorithm_type", "dpmsolver++"),
                    type = text(options, "solver_type");
  const int order = static_cast<int>(number(options, "solver_order", 2));
  const bool lower = options.value("lower_order_final", true);
  const auto few = lower ? tw::LowerOrder{15, false} : tw::LowerOrder::never();
  if (name == "DEISMultistepScheduler") return tw::LogRhoAB{order, few};
  if (name == "UniPCMultistepScheduler") {
    const auto variant = type == "bh1" ? tw::UniPCVariant::bh1 : tw::UniPCVariant::bh2;
    const auto all = lower ? peers_always : tw::LowerOrder::never();
    if (options.value("predict_x0", true)) return tw::UniPC{order, variant, all};
    return tw::UniPCEpsilon{order, variant, all};
  }
  const tw::DifferenceWeight weight =
      type == "heun" ? tw::DifferenceWeight::taylor : tw::DifferenceWeight::midpoint;
  if (algorithm == "dpmsolver") return multistep<tw::Prediction::epsilon>(order, 0, weight, few);
  if (algorithm == "dpmsolver++") return multistep<tw::Prediction::data>(order, 0, weight, few);
  if (algorithm == "sde-dpmsolver++") return multistep<tw::Prediction::data>(order, 1, weight, few);
  if (algorithm == "sde-dpmsolver" && weight == tw::DifferenceWeight::midpoint && order <= 2)
    return order == 1 ? tw::AnySolver(SDEDPMSolver<1>{}) : tw::AnySolver(SDEDPMSolver<2>{});
  return {};
}

/// DPMSolverSinglestepScheduler: its grid holds the inner nodes.
inline Difference diffusers_singlestep(const Case& c) {
  const Case& options = c["constructor"];
  const tw::Grid grid = tw::from_sigmas(tw::VP{}, c["sigmas"]);
  const int order = static_cast<int>(number(options, "solver_order", 2)), n = grid.steps();
  std::vector<int> orders = tw::singlestep_orders(n, order);
  if (options.value("lower_order_final", false) || n % order != 0 || grid.back().std == 0) {
    if (order == 2 && n % 2 == 0) orders.back() = 1, orders.push_back(1);
  } else {
    orders.assign(static_cast<std::size_t>(n / order), order);
  }
  const tw::DifferenceWeight weight = text(options, "solver_type") == "heun"
                                          ? tw::DifferenceWeight::taylor
                                          : tw::DifferenceWeight::midpoint;
  const tw::AnySolver solver = text(options, "algorithm_type", "dpmsolver++") == "dpmsolver++"
                                   ? tw::AnySolver(tw::DPMSolverPPSinglestep{
                                         orders, grid, weight, tw::DifferenceWeight::midpoint})
                                   : tw::AnySolver(tw::DPMSolverSinglestep{
                                         orders, grid, weight, tw::DifferenceWeight::midpoint});
  return run(c, tw::make_plan(tw::VP{}, solver, tw::outer_grid(grid, orders)));
}

/// PNDMScheduler: steps of N/n entries of the table, the last one to entry 0 again unless
/// set_alpha_to_one.
inline Difference diffusers_pndm(const Case& c) {
  const Case &options = c["constructor"], &p = c["parameters"];
  const Numbers betas = diffusers_betas(text(options, "beta_schedule", "linear"), options);
  const tw::TabulatedVP table = tw::TabulatedVP::from_betas(betas);
  const int N = static_cast<int>(betas.size()), n = p["num_inference_steps"];
  const tw::IPNDM ipndm{4, tw::LowerOrder::never()};
  const bool skip = options.value("skip_prk_steps", false);
  if (!skip && N / n % 2 != 0) return {};  // it evaluates beside the levels that it goes to
  std::vector<tw::Interval> all;
  for (int index : tw::timesteps(tw::TimestepSpacing::leading, n, N,
                                 static_cast<int>(number(options, "steps_offset", 0)))) {
    const int to = index - N / n;
    const double end =
        options.value("set_alpha_to_one", false) ? table.time_of_sigma(0) : table.time_of_index(0);
    all.push_back({.from = table.at(table.time_of_index(index)),
                   .to = table.at(to >= 0 ? table.time_of_index(to) : end)});
  }
  const tw::AnySolver solver =
      skip ? tw::AnySolver(tw::WithStarter{ipndm, tw::Heun<tw::InSigma>{}, 1})
           : tw::AnySolver(tw::PNDM{.solver = ipndm});
  return run(c, tw::make_plan(table, solver, all));
}

/// DDIM and DDPM: steps between entries of the table.
inline Difference diffusers_table(const Case& c, bool ddim) {
  const Case &options = c["constructor"], &p = c["parameters"];
  if (options.value("clip_sample", true) || options.value("thresholding", false) ||
      options.contains("trained_betas") || options.value("rescale_betas_zero_snr", false))
    return {};
  const Numbers betas = diffusers_betas(text(options, "beta_schedule", "linear"), options);
  const tw::TabulatedVP table = tw::TabulatedVP::from_betas(betas);
  const int N = static_cast<int>(betas.size()), n = p["num_inference_steps"];
  const auto level = [&](int index) {
    if (index >= 0) return table.at(table.time_of_index(index));
    const bool to_one =
        !options.contains("set_alpha_to_one") || options["set_alpha_to_one"].get<bool>();
    return ddim && !to_one ? table.at(table.time_of_index(0)) : table.at(table.time_of_sigma(0));
  };
  const std::vector<int> from =
      tw::timesteps(diffusers_spacing(text(options, "timestep_spacing", "leading")), n, N,
                    static_cast<int>(number(options, "steps_offset", 0)));
  std::vector<tw::Interval> all;
  for (std::size_t k = 0; k < from.size(); ++k) {
    const int to = ddim ? from[k] - N / n : k + 1 < from.size() ? from[k + 1] : -1;
    all.push_back({.from = level(from[k]), .to = level(to)});
    if (from[k] == 0 || ddim || to >= 0) continue;
    // A step to clean data from an index above 0 gets noise of variance 1e-20 there.
    all.back().to.std = 1e-10;
  }
  const std::string variance = text(options, "variance_type", "fixed_small");
  tw::AnySolver solver = tw::DDIM{number(p, "eta", 0)};
  if (!ddim) {
    if (variance != "fixed_small" && variance != "fixed_small_log" && variance != "fixed_large")
      return {};
    solver = tw::DDPM{variance == "fixed_large" ? tw::Variance::forward : tw::Variance::posterior};
  }
  return run(c, tw::make_plan(table, solver, all, tw::Levels::as_given));
}

inline Difference diffusers_schedule(const Case& c) {
  double most = 0;
  for (const std::string name : {"linear", "scaled_linear", "squaredcos_cap_v2", "sigmoid"}) {
    const Numbers betas = diffusers_betas(name, Case::object());
    const tw::TabulatedVP table = tw::TabulatedVP::from_betas(betas);
    const auto alpha_bar = [&](int k) {
      return std::pow(table.at(table.time_of_index(k)).scale, 2);
    };
    Numbers some, products;
    for (std::size_t k = 0; k < betas.size(); k += 50)
      some.push_back(betas[k]), products.push_back(alpha_bar(static_cast<int>(k)));
    most = std::max({most, largest_difference(some, c["betas_" + name + "_every_50"]),
                     largest_difference(products, c["alphas_cumprod_" + name + "_every_50"]),
                     largest_difference({alpha_bar(999)},
                                        {c["alphas_cumprod_" + name + "_last"].get<double>()})});
  }
  for (const auto& [key, value] : c.items()) {
    int n = 0;
    char spacing[16] = {};
    if (std::sscanf(key.c_str(), "timesteps_%15[a-z]_n%d", spacing, &n) != 2) continue;
    const std::vector<int> chosen = tw::timesteps(diffusers_spacing(spacing), n, 1000);
    most = std::max(most, largest_difference(Numbers(chosen.begin(), chosen.end()), value));
  }
  return most;
}

inline Difference diffusers(const Case& c) {
  const std::string function = c["function"], name = function.substr(function.rfind('.') + 1);
  if (c["kind"] == "schedule") return diffusers_schedule(c);
  if (function == "DDIMScheduler._get_variance") {
    const tw::TabulatedVP table =
        tw::TabulatedVP::from_betas(diffusers_betas("linear", c["constructor"]));
    double most = 0;
    for (const Numbers row : c["rows"]) {  // t, t_prev, variance at eta = 1
      const auto level = [&](double t) {
        return t < 0 ? table.at(table.time_of_sigma(0)) : table.at(table.time_of_index(t));
      };
      const tw::Plan plan =
          tw::make_plan(table, tw::DDIM{1},
                        std::vector<tw::Interval>{{.from = level(row[0]), .to = level(row[1])}});
      double variance = 0;
      for (const tw::Term& term : std::get<tw::Update>(plan.rows().back()).terms)
        if (term.operand.is_draw()) variance = term.weight * term.weight;
      most = std::max(most, std::abs(variance - row[2]));
    }
    return most;
  }
  if (c["kind"] != "sampler") return {};
  if (name == "DDIMScheduler") return diffusers_table(c, true);
  if (name == "DDPMScheduler") return diffusers_table(c, false);
  if (name == "PNDMScheduler") return diffusers_pndm(c);
  if (name == "DPMSolverSinglestepScheduler") return diffusers_singlestep(c);
  if (name.find("MultistepScheduler") != std::string::npos) {
    const auto solver = diffusers_multistep(name, c["constructor"]);
    if (!solver || c["constructor"].value("thresholding", false)) return {};
    const tw::AnyProcess process =
        name.find("EDM") == 0 ? tw::AnyProcess(tw::EDM{}) : tw::AnyProcess(tw::VP{});
    std::vector<tw::Interval> all;  // DEIS on Karras' sigmas ends with a step of no length
    for (const double sigma : c["sigmas"].get<Numbers>()) {
      if (!all.empty()) all.back().to = process.at_sigma(sigma);
      all.push_back({.from = process.at_sigma(sigma), .to = {}});
    }
    all.pop_back();
    return run(c, tw::make_plan(process, *solver, all));
  }

  const Case& p = c["parameters"];
  std::optional<tw::AnySolver> solver;
  if (name == "EulerDiscreteScheduler")
    solver = StaleChurn{number(p, "s_churn", 0), number(p, "s_tmin", 0),
                        number(p, "s_tmax", std::numeric_limits<double>::infinity()),
                        number(p, "s_noise", 1)};
  if (name == "EDMEulerScheduler") solver = tw::Euler<tw::InSigma>{};
  if (name == "KDPM2DiscreteScheduler") solver = tw::DPMSolver2{};
  if (name == "HeunDiscreteScheduler") solver = tw::Heun<tw::InSigma>{};
  if (name == "LMSDiscreteScheduler")
    solver = tw::LMS{static_cast<int>(number(p, "order", 4)), tw::LowerOrder::never(), true};
  if (name == "EulerAncestralDiscreteScheduler") solver = tw::Ancestral<tw::Euler<tw::InSigma>>{};
  const bool flow = name == "FlowMatchEulerDiscreteScheduler";
  if (flow) solver = tw::Euler<tw::InTime>{};
  if (!solver) return {};
  const tw::AnyProcess process = flow ? tw::AnyProcess(tw::Flow{}) : tw::AnyProcess(tw::EDM{});
  Numbers sigmas = c["sigmas"];  // Heun lists each inner one twice
  sigmas.erase(std::unique(sigmas.begin(), sigmas.end()), sigmas.end());
  return run(c, tw::make_plan(process, *solver, tw::from_times(process, sigmas)));
}

}  // namespace golden
