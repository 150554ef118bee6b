// SPDX-License-Identifier: MIT
#pragma once

// Reads a diffusers scheduler_config.json; needs nlohmann-json, which the rest of the library does
// not.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tweedie/formats/diffusers_levels.hpp"
#include "tweedie/formats/diffusers_solver.hpp"
#include "tweedie/model/label.hpp"
#include "tweedie/model/output.hpp"
#include "tweedie/plan/make_plan.hpp"
#include "tweedie/solver/ode/adams_bashforth.hpp"
#include "tweedie/solver/ode/ddim.hpp"
#include "tweedie/solver/ode/dpm_solver.hpp"
#include "tweedie/solver/ode/ipndm.hpp"
#include "tweedie/solver/ode/pndm.hpp"
#include "tweedie/solver/ode/runge_kutta.hpp"
#include "tweedie/solver/sde/ddpm.hpp"
#include "tweedie/solver/wrap/ancestral.hpp"

namespace tweedie {

/// What a scheduler_config.json says, in this library's words:
///
///     const auto config = tw::from_scheduler_config(json, 30);
///     auto model = tw::predicts(config.output, unet, config.label);    unet(x, timestep, out)
///     tw::Sampler sampler(config.plan(), model, x);
///
/// If clip_sample is set, the class limits the predicted data and leaves epsilon as it was: wrap
/// the model in clipped(model, -limit, limit, ClippedEpsilon::of_network). Runs have the class's numbers, but for DEIS on
/// Karras's sigmas, where the class makes a last step of no length, with which its order falls.
struct SchedulerConfig {
  AnyProcess process;
  Grid grid;
  AnySolver solver;
  Output output;
  Label label;
  std::optional<double> clip_sample;
  std::vector<std::string> ignored;  ///< members of the file that the class does not have

  Plan plan() const { return make_plan(process, solver, grid); }
};

/// What the file does not hold.
struct SchedulerCall {
  double eta = 0;                   ///< of DDIM
  std::optional<double> mu = {};    ///< of a flow with a dynamic shift
  bool sigmas_of_pipeline = false;  ///< of a flow: from linspace(1, 1/n, n), as Flux's pipeline
};

namespace verbs {

/// What the class tells its network: at the grid's levels the timesteps that it lists, elsewhere
/// the entry by log sigma.
inline Label diffusers_label(const TabulatedVP& table, const Grid& grid, bool rounds) {
  std::vector<std::pair<double, double>> listed;
  for (const Level& level : grid.levels()) {
    if (level.is_clean_data()) continue;
    const double entry = level.is_pure_noise() ? static_cast<double>(table.size()) - 1
                                               : entry_of_sigma(table, level.sigma());
    listed.emplace_back(level.t, rounds ? std::nearbyint(entry) : entry);
  }
  return Label([=](const Level& level) {
    for (const auto& one : listed)
      if (one.first == level.t) return one.second;
    return entry_of_sigma(table, level.sigma());
  });
}

/// Process, grid, solver, prediction and label of a scheduler_config.json for a number of steps.
/// Throws Error for a class, a member or a value that would change the run and is not supported.
inline SchedulerConfig from_scheduler_config(const nlohmann::json& json, math::Whole steps,
                                             const SchedulerCall& call = {}) {
  JsonReader config(json);
  const std::string name = config.text("_class_name", "");
  const int n = steps;
  if (name == "FlowMatchEulerDiscreteScheduler") {
    const Grid grid = diffusers_flow_grid(config, n, call.mu, call.sigmas_of_pipeline);
    const double N = config.number("num_train_timesteps", 1000);
    return {Flow{},         grid, Euler<InTime>{},   Prediction::velocity,
            Label::time(N), {},   config.left_over()};
  }
  const auto is = [&](const char* one) { return name == std::string(one) + "Scheduler"; };
  const bool heun = is("HeunDiscrete"), kdpm2 = is("KDPM2Discrete");
  const bool may_rescale = is("DDIM") || is("DDPM") || is("EulerDiscrete") ||
                           is("EulerAncestralDiscrete") || is("DPMSolverMultistep") ||
                           is("UniPCMultistep");
  const TabulatedVP table = diffusers_table(config, heun || kdpm2 ? 0.00085 : 1e-4,
                                            heun || kdpm2 ? 0.012 : 0.02, may_rescale);
  if (is("DPMSolverMultistep") || is("UniPCMultistep")) config.only("use_flow_sigmas", false);
  const Output output = diffusers_output(config.text("prediction_type", "epsilon"));
  check(!config.flag("thresholding", false),
        "scheduler config: thresholding is on; wrap the model in thresholded(...) and turn it off");
  const auto result = [&](const Grid& grid, AnySolver solver, Label label, bool clips = false) {
    const bool clip = config.flag("clip_sample", clips);
    const double range = config.number("clip_sample_range", 1);
    check(range > 0, "scheduler config: clip_sample_range = ", range, " must be positive");
    return SchedulerConfig{table,
                           grid,
                           std::move(solver),
                           output,
                           std::move(label),
                           clip ? std::optional(range) : std::nullopt,
                           config.left_over()};
  };
  if (is("DDIM"))
    return result(
        diffusers_table_grid(config, table, n, config.flag("set_alpha_to_one", true), true),
        DDIM{call.eta}, Label::entry(table), true);
  if (is("DDPM")) {
    const std::string variance = config.text("variance_type", "fixed_small");
    const bool small = variance == "fixed_small" || variance == "fixed_small_log";
    check(small || variance == "fixed_large", "scheduler config: variance_type \"", variance,
          "\" is not one of fixed_small, fixed_small_log and fixed_large");
    return result(diffusers_table_grid(config, table, n, true, false),
                  DDPM{small ? Variance::posterior : Variance::forward}, Label::entry(table), true);
  }
  if (is("PNDM")) {
    check(n >= 2, "scheduler config: PNDM needs 2 steps at least");
    config.only("set_alpha_to_one", false);
    const IPNDM ipndm{4, LowerOrder::never()};
    const bool plms = config.flag("skip_prk_steps", false);
    const AnySolver solver =
        plms ? AnySolver(WithStarter{ipndm, Heun<InSigma>{}, 1}) : AnySolver(PNDM{.solver = ipndm});
    return result(diffusers_table_grid(config, table, n, false, true), solver,
                  plms ? Label::entry(table) : Label::index(table));
  }
  const auto on_sigmas = [&](const DiffusersClass& of, const AnySolver& solver) {
    const Grid grid = diffusers_sigma_grid(config, table, n, of);
    return result(grid, solver, diffusers_label(table, grid, of.multistep));
  };
  if (is("EulerDiscrete")) {
    config.only("interpolation_type", "linear"), config.only("timestep_type", "discrete");
    config.only("sigma_min", nullptr), config.only("sigma_max", nullptr);
    return on_sigmas({.has_final_sigmas = true}, Euler<InSigma>{});
  }
  if (is("EulerAncestralDiscrete"))
    return on_sigmas({.has_sigma_grids = false}, Ancestral<Euler<InSigma>>{});
  if (heun) return on_sigmas({}, Heun<InSigma>{});
  if (is("LMSDiscrete")) return on_sigmas({}, LMS{4, LowerOrder::never(), true});
  if (kdpm2) return on_sigmas({}, DPMSolver2{});
  const bool deis = is("DEISMultistep");
  check(deis || is("DPMSolverMultistep") || is("UniPCMultistep"), "scheduler config: the class \"",
        name,
        "\" is not known; known are DDIM, DDPM, PNDM, EulerDiscrete, EulerAncestralDiscrete, "
        "HeunDiscrete, LMSDiscrete, KDPM2Discrete, DPMSolverMultistep, UniPCMultistep, "
        "DEISMultistep and FlowMatchEulerDiscrete, each with Scheduler at its end");
  return on_sigmas({.multistep = true, .has_final_sigmas = !deis, .to_zero = !deis},
                   diffusers_multistep(name, config));
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
