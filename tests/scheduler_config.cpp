// SPDX-License-Identifier: MIT
// Scheduler configs of diffusers, against runs of its classes.
#include "support/catch.hpp"

#include <fstream>

#include <tweedie/formats/scheduler_config.hpp>

#include "golden/case.hpp"
#include "support/processes.hpp"

namespace {

namespace tw = tweedie;
using golden::Case;

/// The recorded runs of the classes; each line of the file is a case.
std::vector<Case> recorded() {
  std::ifstream in(TWEEDIE_SOURCE "/tests/golden/selection.jsonl");
  std::vector<Case> cases;
  for (std::string line; std::getline(in, line);) {
    const Case c = Case::parse(line);
    if (c["peer"] == "diffusers" && c["kind"] == "sampler") cases.push_back(c);
  }
  return cases;
}

/// The config that made the case.
Case config_of(const Case& c) {
  const std::string function = c["function"];
  Case config = c["constructor"];
  config["_class_name"] = function.substr(function.rfind('.') + 1);
  return config;
}

/// Classes and values that are refused, or not run to the same numbers, each with its reason.
bool is_covered(const Case& c, const Case& config) {
  const std::string name = config["_class_name"], algorithm = config.value("algorithm_type", "");
  if (name.rfind("EDM", 0) == 0) return false;  // says: unknown
  if (name == "DPMSolverSinglestepScheduler") return false;
  if (name == "DDIMScheduler" && config.value("timestep_spacing", "") == "linspace") return false;
  if (algorithm == "sde-dpmsolver") return false;         // deprecated there
  if (c["parameters"].contains("s_churn")) return false;  // it churns after its evaluation
  // Its last step on Karras's sigmas has no length, and the falling order counts it.
  const bool ends_twice = name == "DEISMultistepScheduler" && config.contains("use_karras_sigmas");
  return !(ends_twice && config.value("solver_order", 2) > 1);
}

}  // namespace

TEST_CASE("scheduler config: runs of diffusers' classes come out from their configs") {
  int covered = 0;
  std::set<std::string> classes;
  for (const Case& c : recorded()) {
    const Case config = config_of(c);
    if (!is_covered(c, config)) continue;
    INFO(c["case"] << " " << config);
    const Case& p = c["parameters"];
    const tw::SchedulerConfig ours = tw::from_scheduler_config(
        config, p["num_inference_steps"].get<int>(), {.eta = golden::number(p, "eta", 0)});
    CHECK(ours.ignored.empty());
    CHECK_FALSE(ours.clip_sample);
    const tw::Level start = ours.grid.front();
    // The network is told the same timesteps; between entries to a fiftieth of one.
    const golden::Numbers timesteps = c["timesteps"];
    CHECK(ours.label(start) == Approx(timesteps[0]).margin(0.02));
    // Some classes keep x / scale.
    Eigen::MatrixXd x = golden::state(c["x_init"]);
    if (c["process"]["name"] == "sigma_scaled") x *= start.scale;
    const golden::Difference difference = golden::compare(c, golden::replay(c, ours.plan(), x));
    // Where DDPM ends above entry 0, it adds noise of deviation 1e-10 to the data.
    CHECK(*difference < (config["_class_name"] == "DDPMScheduler" ? 1e-9 : 1e-10));
    ++covered;
    classes.insert(config["_class_name"]);
  }
  CHECK(covered > 55);
  CHECK(classes.size() == 12);
}

TEST_CASE("scheduler config: that of a file as it is published") {
  const Case sd = Case::parse(R"({
    "_class_name": "PNDMScheduler", "_diffusers_version": "0.6.0", "beta_end": 0.012,
    "beta_schedule": "scaled_linear", "beta_start": 0.00085, "num_train_timesteps": 1000,
    "set_alpha_to_one": false, "skip_prk_steps": true, "steps_offset": 1, "trained_betas": null,
    "clip_sample": false, "interpolation_type": "linear"})");
  const auto config = tw::from_scheduler_config(sd, 50);
  CHECK(config.ignored == std::vector<std::string>{"interpolation_type"});
  CHECK(config.grid.steps() == 50);
  CHECK(config.label(config.grid[0]) == 981);
  CHECK(config.label(config.grid[49]) == 1);
  CHECK(config.label(config.grid[50]) == 0);
  Case trailing = sd;
  trailing["timestep_spacing"] = "trailing";
  CHECK_THAT(error_of([&] { tw::from_scheduler_config(trailing, 30); }),
             Contains("divides 1000"));
  Case ddim = sd;
  ddim["_class_name"] = "DDIMScheduler";
  ddim.erase("clip_sample");
  CHECK(tw::from_scheduler_config(ddim, 50).clip_sample == 1.0);
  Case zero = ddim;
  zero["rescale_betas_zero_snr"] = true, zero["timestep_spacing"] = "trailing";
  zero["prediction_type"] = "v_prediction";
  const auto terminal = tw::from_scheduler_config(zero, 20);
  CHECK(terminal.grid.front().is_pure_noise());
  CHECK(terminal.grid.steps() == 20);
  CHECK(terminal.output == tw::Prediction::v);
  const auto table = tw::TabulatedVP::from_betas(tw::scaled_linear_betas(1000, 0.00085, 0.012));
  CHECK(terminal.process.at(0.001).scale == Approx(table.at(0.001).scale));  // the first stays
}

TEST_CASE("scheduler config: one step, all steps, and what a class does not have") {
  const auto with = [](const char* name, Case members) {
    members["_class_name"] = name;
    members["beta_schedule"] = "scaled_linear", members["beta_start"] = 0.00085,
    members["beta_end"] = 0.012;
    return members;
  };
  const Case trailing{{"timestep_spacing", "trailing"}};
  for (const char* name :
       {"EulerDiscreteScheduler", "EulerAncestralDiscreteScheduler", "HeunDiscreteScheduler",
        "LMSDiscreteScheduler", "KDPM2DiscreteScheduler", "DPMSolverMultistepScheduler",
        "UniPCMultistepScheduler", "DDIMScheduler", "DDPMScheduler"}) {
    INFO(name);
    const auto one = tw::from_scheduler_config(with(name, trailing), 1);
    CHECK(one.grid.steps() == 1);
    CHECK(one.label(one.grid[0]) == 999);
    CHECK(one.plan().nfe() >= 1);
  }
  CHECK(tw::from_scheduler_config(with("DDPMScheduler", {}), 1000).grid.steps() == 1000);
  const auto karras = tw::from_scheduler_config(
      with("DPMSolverMultistepScheduler", {{"use_karras_sigmas", true}}), 1);
  CHECK(karras.grid.front().sigma() == Approx(14.6146).epsilon(1e-4));
  // diffusers' EulerAncestral knows nothing of Karras, nor of another end.
  const auto ancestral = tw::from_scheduler_config(
      with("EulerAncestralDiscreteScheduler",
           {{"use_karras_sigmas", true}, {"final_sigmas_type", "sigma_min"}}),
      10);
  CHECK(ancestral.ignored == std::vector<std::string>{"final_sigmas_type", "use_karras_sigmas"});
  CHECK(ancestral.grid.back().is_clean_data());
  // The timesteps that DPMSolverMultistep lists for Karras's sigmas are rounded by log sigma.
  const auto fifty = tw::from_scheduler_config(
      with("DPMSolverMultistepScheduler", {{"use_karras_sigmas", true}}), 50);
  CHECK(fifty.label(fifty.grid[48]) == 1);
}

TEST_CASE("scheduler config: flows, with static and dynamic shift") {
  const Case sd3{{"_class_name", "FlowMatchEulerDiscreteScheduler"}, {"shift", 3.0}};
  const auto config = tw::from_scheduler_config(sd3, 28);
  CHECK(config.grid.front().is_pure_noise());
  CHECK(config.label(config.grid[1]) == Approx(1000 * config.grid[1].t));
  Case flux = sd3;
  flux["use_dynamic_shifting"] = true;
  const double mu = std::log(tw::flux_shift(1024, 1024));
  const auto moved = tw::from_scheduler_config(flux, 4, {.mu = mu});
  const double t = 1 + (0.001 - 1) / 3;  // linspace(1, 1/1000, 4)
  CHECK(moved.grid[1].t == Approx(std::exp(mu) / (std::exp(mu) + 1 / t - 1)));
  // Flux's pipeline begins with linspace(1, 1/n, n): 1, 0.75, 0.5, 0.25 for schnell.
  const auto schnell = tw::from_scheduler_config(
      {{"_class_name", "FlowMatchEulerDiscreteScheduler"}}, 4, {.sigmas_of_pipeline = true});
  for (int k = 0; k < 4; ++k) CHECK(schnell.grid[k].t == Approx(1 - k / 4.0));
  CHECK(tw::from_scheduler_config(flux, 4, {.mu = 0, .sigmas_of_pipeline = true}).grid[1].t ==
        Approx(0.75));
  flux["shift_terminal"] = 0.1;
  CHECK(tw::from_scheduler_config(flux, 4, {.mu = mu}).grid[3].t == Approx(0.1));
}
