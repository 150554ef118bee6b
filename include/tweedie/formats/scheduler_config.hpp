// SPDX-License-Identifier: MIT
#pragma once

// Reads a diffusers scheduler_config.json; needs nlohmann-json, which the rest of the library does
// not.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tweedie/formats/diffusers_levels.hpp"
#include "tweedie/model/label.hpp"
#include "tweedie/model/output.hpp"
#include "tweedie/plan/make_plan.hpp"
#include "tweedie/solver/ode/adams_bashforth.hpp"
#include "tweedie/solver/ode/ddim.hpp"
#include "tweedie/solver/ode/dpm_solver.hpp"
#include "tweedie/solver/ode/dpm_solver_multistep.hpp"
#include "tweedie/solver/ode/exponential_ab.hpp"
#include "tweedie/solver/ode/ipndm.hpp"
#include "tweedie/solver/ode/pndm.hpp"
#include "tweedie/solver/ode/runge_kutta.hpp"
#include "tweedie/solver/ode/unipc.hpp"
#include "tweedie/solver/sde/ddpm.hpp"
#include "tweedie/solver/wrap/ancestral.hpp"

namespace tweedie {

/// What a scheduler_config.json says, in this library's words:
///
///     const auto config = tw::from_scheduler_config(json, 30);
///     auto model = tw::predicts(config.output, unet, config.label);    unet(x, timestep, out)
///     tw::Sampler sampler(config.plan(), model, dim, count);
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
  double eta = 0;  ///< of DDIM
  double mu = 0;   ///< of a flow with a dynamic shift
};

namespace verbs {

inline Output diffusers_output(const std::string& type) {
  if (type == "epsilon") return Prediction::epsilon;
  if (type == "sample") return Prediction::data;
  check(type == "v_prediction", "scheduler config: prediction_type \"", type,
        "\" is not one of epsilon, sample and v_prediction");
  return Prediction::v;
}

/// diffusers' multistep classes, with the order falling over the last steps as they do.
inline AnySolver diffusers_multistep(const std::string& name, JsonReader& config) {
  const int order = static_cast<int>(config.number("solver_order", 2));
  const bool lower = config.flag("lower_order_final", true);
  check(order >= 1 && order <= 3, "scheduler config: solver_order = ", order, " must be 1, 2 or 3");
  const LowerOrder few{lower ? 15 : 0, false};
  if (name == "DEISMultistepScheduler") return LogRhoAB{order, few};
  if (name == "UniPCMultistepScheduler") {
    const std::string type = config.text("solver_type", "bh2");
    check(type == "bh1" || type == "bh2", "scheduler config: solver_type \"", type,
          "\" is neither bh1 nor bh2");
    const auto variant = type == "bh1" ? UniPCVariant::bh1 : UniPCVariant::bh2;
    const LowerOrder all{lower ? LowerOrder::always_at_end().at_end_below : 0, false};
    if (config.flag("predict_x0", true)) return UniPC{order, variant, all};
    return UniPCEpsilon{order, variant, all};
  }
  const std::string algorithm = config.text("algorithm_type", "dpmsolver++"),
                    type = config.text("solver_type", "midpoint");
  const bool known =
      algorithm == "dpmsolver" || algorithm == "dpmsolver++" || algorithm == "sde-dpmsolver++";
  check(known, "scheduler config: algorithm_type \"", algorithm,
        "\" is not one of dpmsolver, dpmsolver++ and sde-dpmsolver++");
  check(type == "midpoint" || type == "heun", "scheduler config: solver_type \"", type,
        "\" is neither midpoint nor heun");
  const auto weight = type == "heun" ? DifferenceWeight::taylor : DifferenceWeight::midpoint;
  const double eta = algorithm == "sde-dpmsolver++" ? 1 : 0;
  const auto of_order = [&]<Prediction on>() -> AnySolver {
    if (order == 1) return DPMSolverMultistep<on, 1>{eta, 1, weight, 1, few};
    if (order == 2) return DPMSolverMultistep<on, 2>{eta, 1, weight, 1, few};
    return DPMSolverMultistep<on, 3>{eta, 1, weight, 1, few};
  };
  if (algorithm == "dpmsolver") return of_order.template operator()<Prediction::epsilon>();
  return of_order.template operator()<Prediction::data>();
}

/// Process, grid, solver, prediction and label of a scheduler_config.json for a number of steps.
/// Throws Error for a class or a value that it does not know.
inline SchedulerConfig from_scheduler_config(const nlohmann::json& json, math::Whole steps,
                                             const SchedulerCall& call = {}) {
  JsonReader config(json);
  const std::string name = config.text("_class_name", "");
  const int n = steps;
  if (name == "FlowMatchEulerDiscreteScheduler") {
    const Grid grid = diffusers_flow_grid(config, n, call.mu);
    const double N = config.number("num_train_timesteps", 1000);
    return {Flow{},         grid, Euler<InTime>{},   Prediction::velocity,
            Label::time(N), {},   config.left_over()};
  }
  const bool heun = name == "HeunDiscreteScheduler", of_heun = heun || name.rfind("KDPM2", 0) == 0;
  const TabulatedVP table =
      diffusers_table(config, of_heun ? 0.00085 : 1e-4, of_heun ? 0.012 : 0.02);
  const Output output = diffusers_output(config.text("prediction_type", "epsilon"));
  check(!config.flag("thresholding", false),
        "scheduler config: thresholding is on; wrap the model in thresholded(...) and turn it off");
  const auto result = [&](const Grid& grid, AnySolver solver, Label label, bool clips = false) {
    const bool clip = config.flag("clip_sample", clips);
    const double range = config.number("clip_sample_range", 1);
    return SchedulerConfig{table,
                           grid,
                           std::move(solver),
                           output,
                           std::move(label),
                           clip ? std::optional(range) : std::nullopt,
                           config.left_over()};
  };
  const auto table_grid = [&](bool to_one) {
    return diffusers_table_grid(config, table, n, to_one);
  };
  if (name == "DDIMScheduler") {
    check(config.text("timestep_spacing", "leading") != "linspace",
          "scheduler config: DDIM's steps on linspace go to entries from which the next does not "
          "start; take trailing");
    return result(table_grid(config.flag("set_alpha_to_one", true)), DDIM{call.eta},
                  Label::entry(table), true);
  }
  if (name == "DDPMScheduler") {
    const std::string variance = config.text("variance_type", "fixed_small");
    const bool small = variance == "fixed_small" || variance == "fixed_small_log";
    check(small || variance == "fixed_large", "scheduler config: variance_type \"", variance,
          "\" is not one of fixed_small, fixed_small_log and fixed_large");
    return result(table_grid(true), DDPM{small ? Variance::posterior : Variance::forward},
                  Label::entry(table), true);
  }
  if (name == "PNDMScheduler") {
    const IPNDM ipndm{4, LowerOrder::never()};
    const bool plms = config.flag("skip_prk_steps", false);
    const AnySolver solver =
        plms ? AnySolver(WithStarter{ipndm, Heun<InSigma>{}, 1}) : AnySolver(PNDM{.solver = ipndm});
    return result(table_grid(config.flag("set_alpha_to_one", false)), solver,
                  plms ? Label::entry(table) : Label::index(table));
  }
  const auto sigma_grid = [&](const char* spacing, bool multistep, bool to_zero = true) {
    return diffusers_sigma_grid(config, table, n, spacing, multistep, to_zero);
  };
  const Label index = Label::index(table);
  if (name == "EulerDiscreteScheduler")
    return result(sigma_grid("linspace", false), Euler<InSigma>{}, index);
  if (name == "EulerAncestralDiscreteScheduler")
    return result(sigma_grid("linspace", false), Ancestral<Euler<InSigma>>{}, index);
  if (heun) return result(sigma_grid("linspace", false), Heun<InSigma>{}, index);
  if (name == "LMSDiscreteScheduler")
    return result(sigma_grid("linspace", false), LMS{4, LowerOrder::never(), true}, index);
  if (name == "KDPM2DiscreteScheduler")
    return result(sigma_grid("linspace", false), DPMSolver2{}, index);
  const bool deis = name == "DEISMultistepScheduler";
  check(deis || name == "DPMSolverMultistepScheduler" || name == "UniPCMultistepScheduler",
        "scheduler config: the class \"", name,
        "\" is not known; known are DDIM, DDPM, PNDM, EulerDiscrete, EulerAncestralDiscrete, "
        "HeunDiscrete, LMSDiscrete, KDPM2Discrete, DPMSolverMultistep, UniPCMultistep, "
        "DEISMultistep and FlowMatchEulerDiscrete, each with Scheduler at its end");
  return result(sigma_grid("linspace", true, !deis), diffusers_multistep(name, config),
                Label::entry(table));
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
