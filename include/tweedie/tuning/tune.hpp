// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <functional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "tweedie/solver/ode/adams_bashforth.hpp"
#include "tweedie/solver/ode/unipc.hpp"
#include "tweedie/tuning/fit_rows.hpp"
#include "tweedie/tuning/focused.hpp"

namespace tweedie {

struct TuneOptions {
  int nfe = 10;                  ///< evaluations of the plan, one a step
  Eigen::Index dim = 0;          ///< coordinates of a state
  int pilots = 64, checks = 64;  ///< starts to fit to, and others to judge by
  int parts = 12;                ///< steps of the fine runs for each of the plan's
  NoiseRange range = {};
  /// Each is tried, and what they make judged.
  std::vector<FitOptions> fits = {
      {.ridge = 1e-2}, {.ridge = 1e-4}, {.ridge = 1e-6}, {.ridge = 1e-8}};
  Noise noise = {.seed = 1};  ///< pilots are its first samples, checks those after them
  std::function<void(const std::string&)> progress = {};  ///< told what is being done
};

/// A plan and its distance from a fine run, on starts that it was not fitted to.
struct JudgedPlan {
  std::string name;
  bool fitted;
  Plan plan;
  double rms, median, worst;  ///< of the root mean square distance of a sample
};

/// The best plan on the checks, and the others beside it.
struct Tuned {
  std::vector<JudgedPlan> judged;  ///< best first, by rms
  Focus focus;
  int evaluations = 0;  ///< spent on all of it, of one sample each

  const Plan& plan() const { return judged.front().plan; }
  /// How many times nearer to the fine run the best fitted plan is than the best untuned one.
  double gain() const {
    double best[2] = {HUGE_VAL, HUGE_VAL};
    for (const JudgedPlan& one : judged) best[one.fitted] = std::min(best[one.fitted], one.rms);
    return best[0] / best[1];
  }
  friend std::ostream& operator<<(std::ostream& out, const Tuned& tuned) {
    out << sentence({"grid focused at sigma = ", tuned.focus.centre, " over ", tuned.focus.width,
                     "; ", tuned.evaluations, " evaluations spent\n"});
    for (const JudgedPlan& one : tuned.judged)
      out << sentence({one.name, ": ", one.rms, " from the fine run, median ", one.median,
                       ", worst ", one.worst, "\n"});
    if (tuned.gain() < 2)
      out << "fitting does not help this network much: is it smooth in its label?\n";
    return out;
  }
};

namespace verbs {

/// The distances of a plan's samples from those of a fine run.
template <class M>
JudgedPlan judge(std::string name, bool fitted, Plan plan, const M& model,
                 const Samples<double>& start, const Samples<double>& end, const Noise& noise) {
  Samples<double> x = start;
  Sampler(plan, model, x)(x, noise);
  Eigen::VectorXd size =
      ((x - end).colwise().squaredNorm() / double(x.rows())).cwiseSqrt().transpose();
  std::sort(size.begin(), size.end());
  const double rms = std::sqrt(size.squaredNorm() / double(size.size()));
  return {std::move(name),      fitted, std::move(plan), rms, size[size.size() / 2],
          size[size.size() - 1]};
}

/// A plan of few evaluations fitted to this network: its rows by least squares to fine runs from
/// `pilots` starts, on a grid focused by where they end. Untuned solvers on the same grid and on the
/// usual ones compete on `checks` other starts, and the best comes first: what is returned is not
/// worse than they are there. It is a Plan like any other. A fitted plan belongs to its network, as
/// it was called: guided, if it was.
///
///     const tw::Tuned tuned = tw::tune(process, model, {.nfe = 8, .dim = 3072, .pilots = 16});
///     std::cout << tuned;
///     tw::Sampler sampler(tuned.plan(), model, x);
template <class M>
Tuned tune(const AnyProcess& process, const M& model, const TuneOptions& options) {
  static_assert(Predictor<M>, "wrap the network as predicts_epsilon(f), predicts_data(f), ...");
  check(options.nfe >= 2 && options.nfe <= 1000 && options.dim >= 1 && options.pilots >= 2 &&
            options.checks >= 1 && options.parts >= 2,
        "tune: nfe = ", options.nfe, " (2 to 1000), dim = ", options.dim,
        ", pilots = ", options.pilots, " (2 at least), checks = ", options.checks,
        ", parts = ", options.parts, " (2 at least)");
  const auto tell = [&](const std::string& what) {
    if (options.progress) options.progress(what);
  };
  const int n = options.nfe;
  const Noise others = options.noise.from_sample(options.noise.first_sample + options.pilots);
  int spent = 0;
  const auto fine = [&](const Grid& grid, int count, const Noise& noise) {
    const int steps = (n + 3) * options.parts;
    tell(sentence({"fine run of ", count, " starts, ", steps, " evaluations each"}));
    spent += steps * count;
    return verbs::fine_run(process, model, grid, options.dim, count, noise, options.parts);
  };
  // Where the pilots end says where the levels belong.
  const Pilots rough = fine(focused(process, n, {}, options.range), options.pilots, options.noise);
  Tuned tuned{.judged = {}, .focus = focus_of(rough.back())};
  const Grid grid = focused(process, n, tuned.focus, options.range);
  const Pilots pilots = fine(grid, options.pilots, options.noise),
               checks = fine(grid, options.checks, others);
  tell("fitting rows, and judging them");
  const auto enter = [&](std::string name, bool fitted, Plan plan) {
    spent += plan.nfe() * options.checks;
    tuned.judged.push_back(verbs::judge(std::move(name), fitted, std::move(plan), model,
                                        checks.front(), checks.back(), others));
  };
  for (const FitOptions& fit : options.fits) {
    spent += n * options.pilots;
    enter(sentence({"fitted rows, ridge ", fit.ridge}), true,
          fit_rows(process, model, grid, pilots, fit, options.noise.first_sample));
  }
  tell("judging untuned rivals");
  const std::pair<const char*, Grid> grids[] = {{"focused", grid},
                                                {"karras", karras(process, n, options.range)},
                                                {"log_snr", log_snr(process, n, options.range)}};
  for (const auto& one : grids) {
    const auto add = [&](const char* name, const AnySolver& solver) {
      enter(sentence({name, ", ", one.first}), false, make_plan(process, solver, one.second));
    };
    add("dpmpp_2m", DPMSolverPP2M{});
    add("unipc", UniPC{});
    add("reab", REAB{.order = 2});
  }
  std::stable_sort(tuned.judged.begin(), tuned.judged.end(),
                   [](const JudgedPlan& a, const JudgedPlan& b) { return a.rms < b.rms; });
  tuned.evaluations = spent;
  return tuned;
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
