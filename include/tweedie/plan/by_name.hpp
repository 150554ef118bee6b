// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tweedie/plan/make_plan.hpp"
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
/// of this library; the peers' options are members of the solver's struct, see docs/peers.md.
inline constexpr std::pair<std::string_view, std::string_view> solver_aliases[] = {
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
};

namespace verbs {

/// The solver of that name, the library's own or a peer's. Throws Error with the list of names if
/// there is none. A template, so that a program that names none does not compile them all.
template <class Name>
AnySolver solver_named(const Name& name) {
  std::string_view wanted = name;
  for (const auto& [theirs, ours] : solver_aliases)
    if (theirs == name) wanted = ours;
  std::optional<AnySolver> found;
  std::string known;
  for_each_solver([&](std::string_view own, const auto& solver) {
    if (own == wanted) found = AnySolver(solver);
    known += (known.empty() ? "" : ", ") + std::string(own);
  });
  for (const auto& [theirs, ours] : solver_aliases) known += ", " + std::string(theirs);
  check(found.has_value(), "no solver is called \"", wanted, "\"; known are ", known);
  return *found;
}

}  // namespace verbs

}  // namespace tweedie
