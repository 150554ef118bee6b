// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "tweedie/formats/json_reader.hpp"
#include "tweedie/model/output.hpp"
#include "tweedie/plan/any_solver.hpp"
#include "tweedie/solver/ode/dpm_solver_multistep.hpp"
#include "tweedie/solver/ode/exponential_ab.hpp"
#include "tweedie/solver/ode/unipc.hpp"

namespace tweedie::verbs {

inline Output diffusers_output(const std::string& type) {
  if (type == "epsilon") return Prediction::epsilon;
  if (type == "sample") return Prediction::data;
  check(type == "v_prediction", "scheduler config: prediction_type \"", type,
        "\" is not one of epsilon, sample and v_prediction");
  return Prediction::v;
}

/// diffusers' multistep classes, with the order falling over the last steps as they do.
inline AnySolver diffusers_multistep(const std::string& name, JsonReader& config) {
  const int order = config.whole("solver_order", 2, 1, 3);
  const bool lower = config.flag("lower_order_final", true);
  const LowerOrder few{lower ? 15 : 0, false};
  if (name == "DEISMultistepScheduler") return LogRhoAB{order, few};
  if (name == "UniPCMultistepScheduler") {
    config.only("disable_corrector", nlohmann::json::array());
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
  for (const char* option : {"euler_at_final", "use_flow_sigmas"}) config.only(option, false);
  config.only("lambda_min_clipped", nullptr), config.only("variance_type", nullptr);
  check(algorithm != "dpmsolver" || config.text("final_sigmas_type", "zero") == "sigma_min",
        "scheduler config: algorithm_type dpmsolver needs final_sigmas_type sigma_min");
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

}  // namespace tweedie::verbs

namespace tweedie {
using namespace verbs;
}
