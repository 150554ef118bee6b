// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tweedie/names.hpp"
#include "tweedie/process/cosine.hpp"
#include "tweedie/process/edm.hpp"
#include "tweedie/process/flow.hpp"
#include "tweedie/process/sub_vp.hpp"
#include "tweedie/process/trig_flow.hpp"
#include "tweedie/process/ve.hpp"
#include "tweedie/process/vp.hpp"

namespace tweedie::verbs {

/// The list of the processes that need no table and no functions: calls visit(name, process).
void for_each_process(auto&& visit) {
  visit("vp", VP{});
  visit("ve", VE{});
  visit("sub_vp", SubVP{});
  visit("edm", EDM{});
  visit("cosine", Cosine{});
  visit("flow", Flow{});
  visit("trig_flow", TrigFlow{});
}

inline std::vector<std::string> process_names() {
  std::vector<std::string> names;
  for_each_process([&](std::string_view name, const auto&) { names.emplace_back(name); });
  return names;
}

/// The process of that name, with options by the names of its members: process_named("vp",
/// {{"beta_max", 12}}). Throws Error with the nearest names if there is none.
inline AnyProcess process_named(std::string_view name, const Options& options = {}) {
  const std::string wanted = lower_case(name);
  std::optional<AnyProcess> found;
  std::vector<std::string_view> known;
  for_each_process([&](std::string_view own, const auto& process) {
    known.push_back(own);
    if (own != wanted) return;
    const auto for_each = [](auto& its, auto&& visit) {
      if constexpr (requires { its.beta_min; }) visit("beta_min", its.beta_min);
      if constexpr (requires { its.beta_max; }) visit("beta_max", its.beta_max);
      if constexpr (requires { its.sigma_min; }) visit("sigma_min", its.sigma_min);
      if constexpr (requires { its.sigma_max; }) visit("sigma_max", its.sigma_max);
      if constexpr (requires { its.offset; }) visit("offset", its.offset);
      visit("t_min", its.t_min), visit("t_max", its.t_max);
    };
    found = AnyProcess(verbs::with_options(process, own, options, for_each));
  });
  if (!found) unknown_name("process", name, known);
  return *found;
}

}  // namespace tweedie::verbs

namespace tweedie {
using namespace verbs;
}
