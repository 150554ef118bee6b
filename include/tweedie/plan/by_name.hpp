// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tweedie/names.hpp"
#include "tweedie/plan/make_plan.hpp"
#include "tweedie/solver/options.hpp"
#include "tweedie/solver/registry.hpp"

namespace tweedie {

namespace verbs {

/// The names of all solvers.
inline std::vector<std::string> solver_names() {
  std::vector<std::string> names;
  for_each_solver([&](std::string_view name, const auto&) { names.emplace_back(name); });
  return names;
}

}  // namespace verbs
using namespace verbs;

/// What other programs call the methods: k-diffusion and diffusers (class names), and
/// stable-diffusion.cpp and ComfyUI (short names). A name stands for the method with the defaults
/// of this library, but for an option that the name itself says; the peers' options are members of the
/// solver's struct, see docs/peers.md. (lcm steps to the data with fresh noise: all of it new, which is
/// the limit of a large eta.)
struct SolverAlias {
  std::string_view theirs, ours, option = {};
  double value = 0;
};
inline constexpr SolverAlias solver_aliases[] = {
    {"sample_euler", "euler"},
    {"sample_euler_ancestral", "euler_ancestral"},
    {"sample_heun", "heun"},
    {"sample_dpm_2", "dpm_2"},
    {"sample_dpm_2_ancestral", "dpm_2_ancestral"},
    {"sample_lms", "lms"},
    {"sample_dpmpp_2s_ancestral", "dpmpp_2s_ancestral"},
    {"sample_dpmpp_sde", "dpmpp_sde"},
    {"sample_dpmpp_2m", "dpmpp_2m"},
    {"sample_dpmpp_2m_sde", "dpmpp_2m_sde"},
    {"sample_dpmpp_3m_sde", "dpmpp_3m_sde"},
    {"DDIMScheduler", "ddim"},
    {"DDPMScheduler", "ddpm"},
    {"EulerDiscreteScheduler", "euler"},
    {"EulerAncestralDiscreteScheduler", "euler_ancestral"},
    {"EDMEulerScheduler", "euler"},
    {"FlowMatchEulerDiscreteScheduler", "euler_time"},
    {"FlowMatchHeunDiscreteScheduler", "heun_time"},
    {"HeunDiscreteScheduler", "heun"},
    {"KDPM2DiscreteScheduler", "dpm_2"},
    {"KDPM2AncestralDiscreteScheduler", "dpm_2_ancestral"},
    {"LMSDiscreteScheduler", "lms"},
    {"PNDMScheduler", "pndm"},
    {"DEISMultistepScheduler", "log_rho_ab"},
    {"DPMSolverMultistepScheduler", "dpmpp_2m"},
    {"EDMDPMSolverMultistepScheduler", "dpmpp_2m"},
    {"DPMSolverSDEScheduler", "dpmpp_sde"},
    {"UniPCMultistepScheduler", "unipc"},
    {"SASolverScheduler", "sa_solver"},
    {"euler_a", "euler_ancestral"},
    {"dpm2", "dpm_2"},
    {"dpm2_a", "dpm_2_ancestral"},
    {"dpm++2s_a", "dpmpp_2s_ancestral"},
    {"dpm++2m", "dpmpp_2m"},
    {"ddim_trailing", "ddim"},
    {"uni_pc", "unipc"},
    {"exp_heun_2_x0", "exponential_heun"},
    {"IPNDMScheduler", "ipndm"},
    {"DDIMInverseScheduler", "ddim"},
    {"LCMScheduler", "euler_ancestral", "eta", 1e9},
    {"FlowMatchLCMScheduler", "euler_ancestral", "eta", 1e9},
    {"TCDScheduler", "tcd"},
    {"lcm", "euler_ancestral", "eta", 1e9},
    {"uni_pc_bh2", "unipc"},
    {"ipndm_v", "lms", "order", 3},
    {"res_multistep", "exponential_ab", "order", 2},
    {"deis_2m", "deis", "order", 2},
    {"deis_3m", "deis", "order", 3},
    {"deis_4m", "deis", "order", 4},
    {"sa_solver_pece", "sa_solver", "pece", 1},
    {"dpm++2m_sde", "dpmpp_2m_sde"},
    {"dpm++3m_sde", "dpmpp_3m_sde"},
    {"dpm++_sde", "dpmpp_sde"},
    {"euler_ge", "gradient_estimation"},
    {"euler_ancestral_RF", "euler_ancestral", "in_time", 1},
    {"dpm_2_ancestral_RF", "dpm_2_ancestral", "in_time", 1},
    {"dpmpp_2s_ancestral_RF", "dpmpp_2s_ancestral", "in_time", 1},
};

namespace verbs {

/// The solver of that name, the library's own or a peer's, with options by the names of its members:
/// solver_named("euler_ancestral", {{"eta", 0.6}}). Throws Error with the nearest names and the list
/// of all if there is none. A template, so that a program that names none does not compile them all.
template <class Name>
AnySolver solver_named(const Name& name, const Options& options) {
  std::string wanted = lower_case(name);
  Options all_options;
  for (const auto& [theirs, ours, option, value] : solver_aliases)
    if (lower_case(theirs) == wanted) {
      if (!option.empty()) all_options.emplace_back(option, value);
      wanted = ours;
      break;
    }
  all_options.insert(all_options.end(), options.begin(), options.end());
  std::optional<AnySolver> found;
  std::vector<std::string_view> known;
  for_each_solver([&](std::string_view own, const auto& solver) {
    if (own == wanted) found = AnySolver(verbs::with_options(solver, own, all_options));
    known.push_back(own);
  });
  if (found) return *found;
  for (const std::string_view grid : {" karras", " exponential", "_karras"})
    check(!wanted.ends_with(grid), "no solver is called \"", std::string_view(name),
          "\": it is a solver and a grid; take the solver's name, and karras(process, n) or "
          "log_snr(process, n) as the grid");
  for (const SolverAlias& alias : solver_aliases) known.push_back(alias.theirs);
  unknown_name("solver", std::string_view(name), known);
  return *found;
}
/// With its own options.
template <class Name>
AnySolver solver_named(const Name& name) {
  return verbs::solver_named(std::string_view(name), Options{});
}

}  // namespace verbs

}  // namespace tweedie
