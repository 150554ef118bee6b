// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tweedie/grid/focused.hpp"
#include "tweedie/grid/spacing_in_time.hpp"
#include "tweedie/names.hpp"

namespace tweedie {

/// What a spacing may be told by name: the ends of its range, and numbers of its own.
struct SpacingOptions {
  NoiseRange range = {};
  double exponent = 2, rho = 7, a = 0.6, b = 0.6, threshold = 0.025;
  Focus focus = {};
};

/// A spacing of any process by its name, which is k-diffusion's or ComfyUI's where they have one, and
/// the names of its own options.
struct NamedSpacing {
  std::string_view name;
  std::vector<std::string_view> own;
  Grid (*make)(const AnyProcess&, int steps, const SpacingOptions&);
  SpacingOptions otherwise = {};
};

namespace verbs {

inline const std::vector<NamedSpacing>& named_spacings() {
  using P = AnyProcess;
  using O = SpacingOptions;
  static const std::vector<NamedSpacing> all{
      {"uniform", {}, [](const P& p, int n, const O& o) { return uniform(p, n, o.range); }},
      {"normal", {}, [](const P& p, int n, const O& o) { return uniform(p, n, o.range); }},
      {"power",
       {"exponent"},
       [](const P& p, int n, const O& o) { return power(p, n, o.exponent, o.range); }},
      {"karras",
       {"rho"},
       [](const P& p, int n, const O& o) { return karras(p, n, o.range, o.rho); }},
      {"log_snr", {}, [](const P& p, int n, const O& o) { return log_snr(p, n, o.range); }},
      {"exponential", {}, [](const P& p, int n, const O& o) { return log_snr(p, n, o.range); }},
      {"polyexponential",
       {"rho"},
       [](const P& p, int n, const O& o) { return polyexponential(p, n, o.rho, o.range); },
       {.rho = 1}},
      {"focused",
       {"centre", "width"},
       [](const P& p, int n, const O& o) { return focused(p, n, o.focus, o.range); }},
      {"kl_optimal", {}, [](const P& p, int n, const O& o) { return kl_optimal(p, n, o.range); }},
      {"sgm_uniform", {}, [](const P& p, int n, const O& o) { return sgm_uniform(p, n, o.range); }},
      {"simple", {}, [](const P& p, int n, const O& o) { return sgm_uniform(p, n, o.range); }},
      {"beta",
       {"a", "b"},
       [](const P& p, int n, const O& o) { return beta_spacing(p, n, o.range, o.a, o.b); }},
      {"beta57",
       {"a", "b"},
       [](const P& p, int n, const O& o) { return beta_spacing(p, n, o.range, o.a, o.b); },
       {.a = 0.5, .b = 0.7}},
      {"linear_quadratic",
       {"threshold"},
       [](const P& p, int n, const O& o) { return linear_quadratic(p, n, o.range, o.threshold); }},
  };
  return all;
}

/// The spacings that choose among a table's entries.
inline constexpr std::string_view named_table_spacings[] = {"leading", "trailing", "linspace",
                                                            "ddim_uniform"};

/// The names of the spacings of any process.
inline std::vector<std::string> spacing_names() {
  std::vector<std::string> names;
  for (const NamedSpacing& one : named_spacings()) names.emplace_back(one.name);
  return names;
}

/// The grid of `steps` steps in the spacing of that name, with options by their names:
/// grid_named(process, "karras", 20, {{"rho", 5}, {"sigma_max", 10}}). Throws Error with the
/// nearest names if there is none.
inline Grid grid_named(const AnyProcess& process, std::string_view name, math::Whole steps,
                       const Options& options = {}) {
  const std::string wanted = lower_case(name);
  std::vector<std::string_view> known;
  for (const NamedSpacing& spacing : named_spacings()) {
    known.push_back(spacing.name);
    if (spacing.name != wanted) continue;
    const auto for_each = [&spacing](SpacingOptions& o, auto&& visit) {
      visit("t_max", o.range.t_max), visit("t_min", o.range.t_min);
      visit("sigma_max", o.range.sigma_max), visit("sigma_min", o.range.sigma_min);
      visit("to_zero", o.range.to_zero);
      for (const std::string_view own : spacing.own) {
        if (own == "exponent") visit(own, o.exponent);
        if (own == "rho") visit(own, o.rho);
        if (own == "a") visit(own, o.a);
        if (own == "b") visit(own, o.b);
        if (own == "threshold") visit(own, o.threshold);
        if (own == "centre") visit(own, o.focus.centre);
        if (own == "width") visit(own, o.focus.width);
      }
    };
    return spacing.make(process, steps,
                        verbs::with_options(spacing.otherwise, name, options, for_each));
  }
  for (const std::string_view of_table : named_table_spacings) {
    known.push_back(of_table);
    check(of_table != wanted, "the spacing \"", name,
          "\" chooses among the entries of a table; give a TabulatedVP, or take sgm_uniform");
  }
  unknown_name("spacing", name, known);
  return Grid({});
}

/// The same on a table (as a TabulatedVP, not as an AnyProcess), where the names of its entries' spacings come first: leading, trailing and
/// linspace as in diffusers; ddim_uniform, simple and beta as in ComfyUI, which drops entries that
/// beta takes twice.
inline Grid grid_named(const TabulatedVP& table, std::string_view name, math::Whole steps,
                       const Options& options = {}) {
  const std::string wanted = lower_case(name);
  const int N = static_cast<int>(table.size());
  struct Own {
    double a = 0, b = 0;  ///< of beta only
    bool to_zero = true;
  };
  const auto through = [&](auto entries, Own own = {}) {
    own = verbs::with_options(own, name, options, [](Own& its, auto&& visit) {
      visit("to_zero", its.to_zero);
      if (its.a > 0) visit("a", its.a), visit("b", its.b);
    });
    return from_timesteps(table, entries(own), {.to_zero = own.to_zero});
  };
  const auto spaced = [&](TimestepSpacing spacing) {
    return through([&, spacing](const Own&) { return timesteps(spacing, steps, N); });
  };
  const auto beta = [&](const Own& own) { return beta_timesteps(steps, N, own.a, own.b); };
  if (wanted == "leading") return spaced(TimestepSpacing::leading);
  if (wanted == "ddim_uniform")
    return through([&](const Own&) { return ddim_uniform_timesteps(steps, N); });
  if (wanted == "trailing") return spaced(TimestepSpacing::trailing);
  if (wanted == "linspace") return spaced(TimestepSpacing::linspace);
  if (wanted == "simple") return through([&](const Own&) { return simple_timesteps(steps, N); });
  if (wanted == "beta") return through(beta, {.a = 0.6, .b = 0.6});
  if (wanted == "beta57") return through(beta, {.a = 0.5, .b = 0.7});
  return verbs::grid_named(AnyProcess(table), name, steps, options);
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
