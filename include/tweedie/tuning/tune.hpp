// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tweedie/forward/prior.hpp"
#include "tweedie/solver/ode/dpm_solver_multistep.hpp"
#include "tweedie/solver/ode/unipc.hpp"
#include "tweedie/tuning/fit_rows.hpp"
#include "tweedie/tuning/tuned.hpp"
#include "tweedie/tuning/universal.hpp"

namespace tweedie {

struct TuneOptions {
  int nfe = 10;                  ///< evaluations of the plan, one a step
  Eigen::Index dim = 0;          ///< coordinates of a state
  int pilots = 64, checks = 64;  ///< starts to fit to, and others to judge by
  int reference = 160;           ///< evaluations of a fine run, about
  NoiseRange range = {};
  std::vector<FitOptions> fits = verbs::with_ridges();  ///< each is tried, and judged
  std::vector<NamedPlan> rivals = {};  ///< that compete too: another day's plan, a universal one
  Noise noise = {.seed = 1};           ///< its stream "tuning" gives pilots, and then checks
  /// Writes starts into x (dim x pilots, then dim x checks) from the noise; by default they are the
  /// process's.
  std::function<void(const Level&, Samples<double>& x, const Noise&)> starts = {};
  /// Told what is being done, and what part of all evaluations is.
  std::function<void(const std::string& what, double part)> progress = {};

  void validate() const {
    check(nfe >= 2 && nfe <= 100, "tune: nfe = ", nfe, " must lie from 2 to 100");
    check(dim >= 1, "tune: dim = ", dim, " must be at least 1");
    check(pilots >= 2, "tune: pilots = ", pilots, " must be at least 2");
    check(checks >= 1, "tune: checks = ", checks, " must be at least 1");
    check(reference >= 4 * nfe, "tune: reference = ", reference, " levels for nfe = ", nfe,
          " must be at least 4 times as many");
    check(!fits.empty(), "tune: fits is empty; it must have one way to fit at least");
  }
};

namespace verbs {

/// Untuned solvers on the focused grid and on the usual ones that such a range allows, with as many
/// evaluations.
inline std::vector<NamedPlan> untuned_rivals(const AnyProcess& process, const Grid& focused,
                                             const NoiseRange& range) {
  const int steps = focused.steps();
  const auto [top, bottom] = ends(process, range);
  std::vector<std::pair<const char*, Grid>> grids{{"focused", focused},
                                                  {"uniform", uniform(process, steps, range)}};
  if (!top.is_pure_noise() && !bottom.is_clean_data()) {
    grids.emplace_back("karras", karras(process, steps, range));
    grids.emplace_back("log_snr", log_snr(process, steps, range));
  }
  const std::pair<const char*, AnySolver> solvers[] = {
      {"dpmpp_2m", DPMSolverPP2M{}}, {"unipc", UniPC{}}, {"reab", REAB{.order = 2}}};
  std::vector<NamedPlan> rivals;
  for (const auto& [where, grid] : grids)
    for (const auto& [who, solver] : solvers)
      rivals.push_back(
          {sentence({who, ", ", where}), make_plan(process, solver, grid), PlanKind::untuned});
  return rivals;
}

/// A plan of few evaluations fitted to this network: its rows by least squares to fine runs from
/// `pilots` starts, on a grid focused by where they end. Untuned solvers on the same grid and on the
/// usual ones compete on `checks` other starts, and the best comes first. It is a Plan like any
/// other. A fitted plan belongs to its network, as it was called: guided, if it was. For a network
/// of floats, with 16 columns at a time, on threads: tune(process, in_batches(in_float(model), 16,
/// threads), ...).
///
///     const tw::Tuned tuned = tw::tune(process, model, {.nfe = 8, .dim = 3072, .pilots = 16});
///     std::cout << tuned;
///     std::ofstream("cats-8.plan") << tw::text(tuned.plan(), tw::to_string(tuned));
///     tw::Sampler sampler(tuned.plan(), model, x);
template <class M>
Tuned tune(const AnyProcess& process, const M& model, const TuneOptions& options) {
  static_assert(verbs::require_predictor<M>());
  options.validate();
  const int n = options.nfe, rough_steps = std::min(20, options.reference);
  Tuned tuned;
  std::string doing;
  double expected = 1;
  M inner = model;
  auto counted = predicts(model.prediction, [&](const auto& x, const Call& call, auto& out) {
    inner(x, call, out);
    tuned.evaluations += x.cols();
    if (options.progress)
      options.progress(doing, std::min(double(tuned.evaluations) / expected, 1.0));
  });
  const Noise noise = options.noise.stream("tuning"),
              others = noise.from_sample(noise.first_sample + options.pilots);
  const Level bottom = ends(process, options.range).second;
  const auto fine = [&](const Grid& grid, int steps, Samples<double> start, const Noise& own,
                        double centre) {
    doing = sentence({"a run of ", start.cols(), " starts through ", steps, " levels"});
    Pilots states = fine_run(process, counted, grid, start, own,
                             {.steps = steps, .focus = {centre, 3}, .sigma_min = bottom.sigma()});
    check(states.back().allFinite(), "tune: in ", doing, " the network's samples are not finite; ",
          "checked(model) says where it breaks");
    return states;
  };
  const auto starts = [&](const Level& level, int count, const Noise& own) {
    Samples<double> x(options.dim, count);
    if (options.starts)
      options.starts(level, x, own);
    else
      prior(level, x, own);
    check(x.rows() == options.dim && x.cols() == count && x.allFinite(),
          "tune: starts must be finite and keep the shape ", options.dim, " x ", count);
    return x;
  };

  // Where the pilots end says where the levels belong.
  const Grid rough = focused(process, 2, {}, options.range);
  const Samples<double> start = starts(rough.front(), options.pilots, noise),
                        other = starts(rough.front(), options.checks, others);
  check(start.col(0) != other.col(0),
        "tune: starts gives pilots and checks the same samples; make them from its noise");
  const double all_fits = double(options.fits.size());
  double judged_nfe = n * (all_fits + 1);
  for (const NamedPlan& rival : untuned_rivals(process, focused(process, n), options.range))
    judged_nfe += rival.plan.nfe();
  for (const NamedPlan& rival : options.rivals) judged_nfe += rival.plan.nfe();
  expected = options.pilots * (rough_steps + options.reference + n * (1 + all_fits)) +
             options.checks * (options.reference + judged_nfe);
  // Again where the data's size was far from what was assumed.
  Deviations data;
  double assumed = 1;
  for (int round = 0; round < 4; ++round) {
    data = deviations(fine(rough, rough_steps, start, noise, assumed).back());
    tuned.focus = focus_of(data);
    if (std::abs(std::log(tuned.focus.centre / assumed)) < std::log(30)) break;
    assumed = tuned.focus.centre;
  }
  const Grid grid = focused(process, n, tuned.focus, options.range);
  const Pilots pilots = fine(grid, options.reference, start, noise, tuned.focus.centre);
  const Samples<double> end =
      fine(rough, options.reference, other, others, tuned.focus.centre).back();

  doing = "fitting rows";
  const Plan usual = universal(process, grid, {.data = data, .range = options.range});
  tuned.gain_over_euler = gain_of_rows(counted, grid, pilots, usual, noise.first_sample);
  std::vector<NamedPlan> plans;
  for (const FitOptions& fit : options.fits)
    plans.push_back({sentence({"fitted rows, ridge ", fit.ridge}),
                     fit_rows(counted, grid, pilots, usual, fit, noise.first_sample),
                     PlanKind::fitted});
  plans.push_back({"universal, focused", usual, PlanKind::universal});
  for (NamedPlan& rival : untuned_rivals(process, grid, options.range))
    plans.push_back(std::move(rival));
  for (const NamedPlan& rival : options.rivals) plans.push_back({rival.name, rival.plan});
  doing = "judging plans";
  for (NamedPlan& plan : plans)
    tuned.judged.push_back(judged(std::move(plan), counted, other, end, others));
  std::stable_sort(tuned.judged.begin(), tuned.judged.end(),
                   [](const JudgedPlan& a, const JudgedPlan& b) { return a.rms < b.rms; });
  if (options.progress) options.progress("done", 1);
  tuned.purpose = sentence({n, " evaluations of a model of ", Output(model.prediction).name(), ", ",
                            options.dim, " coordinates, sigma ", grid.front().sigma(), " to ",
                            grid.back().sigma(), "; ", options.pilots, " pilots, ", options.checks,
                            " checks, seed ", options.noise.seed});
  return tuned;
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
