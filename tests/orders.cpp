// SPDX-License-Identifier: MIT
// Measures the order of every solver, and writes the page docs/orders.md:
//
//     orders > docs/orders.md       makes the page
//     orders --check docs/orders.md compares it with a page, figures within 0.02
//
// Exit status 1 if a measured order is further than 0.1 from the declared one, or the page differs.
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include <tweedie/analysis/order.hpp>
#include <tweedie/process/vp.hpp>

#include "support/processes.hpp"
#include "support/registry.hpp"

namespace {

namespace tw = tweedie;

std::ostringstream page;
int failures = 0;

double measure(const tw::AnyProcess& process, const tw::AnySolver& solver,
               const tw::OrderOptions& options = {}) {
  // A range in which no method's first two error terms nearly cancel, as those of Euler-Maruyama on
  // VE and of SDE Heun on EDM do between sigma 10 and 0.1.
  if (solver.facts().stochastic())
    return tw::measure_order(process, solver, {500, 1000, 2000}, {.sigma_max = 5, .sigma_min = 0.3})
        .order();
  // Fourth-order multistep methods are 0.12 away between 160 and 320 steps, 0.07 beyond.
  const auto table = tw::measure_order(process, solver, {160, 320, 640}, options);
  return (table.entries[1].slope + table.entries[2].slope) / 2;
}

std::string two_digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

void judge(const std::string& what, double measured, double expected) {
  if (std::abs(measured - expected) < 0.1) return;
  std::cerr << what << ": order " << measured << " measured, " << expected << " expected\n";
  ++failures;
}

/// The page shows four processes; a solver whose step depends on the sigmas alone does the same on
/// all, as a law of the tests says. A table's rates jump, so that none has its order there.
bool is_on_page(const std::string& process) {
  return process == "VP" || process == "VE" || process == "EDM" || process == "Flow";
}

void list_of_solvers() {
  page << "| name | solver | order | VP | VE | EDM | Flow |\n|---|---|---|---|---|---|---|\n";
  for (const NamedSolver& named : all_solvers()) {
    const std::string& name = named.name;
    tw::AnySolver solver = named.solver;
    // Without the last noise a run ends at a variance that is short by g^2 h: order 1 as well, but
    // with a constant that hides the rest.
    if (name == "euler_maruyama") solver = tw::EulerMaruyama{.last_noise = true};
    if (name == "sde_heun") solver = tw::SDEHeun{.last_noise = true};
    if (name == "reverse_diffusion") solver = tw::ReverseDiffusion{.last_noise = true};
    const tw::Facts facts = solver.facts();
    page << "| `" << name << "` | " << facts.name << " | " << facts.order
         << (facts.stochastic() ? " weak |" : " |");
    for (const auto& [process_name, process] : processes()) {
      const bool on_page = is_on_page(process_name);
      if (process_name == "TabulatedVP" || (!on_page && facts.clock == tw::Clock::sigma)) continue;
      if (facts.order == 0) {  // its error tends to a bias, which a slope does not show
        if (on_page) page << " - |";
        continue;
      }
      const double measured = measure(process, solver);
      judge(facts.name + " on " + process_name, measured, facts.order);
      if (on_page) page << " " << two_digits(measured) << " |";
    }
    page << "\n";
  }
}

void options() {
  page << "\n| solver | order | measured |\n|---|---|---|\n";
  const auto row = [](const std::string& what, const tw::AnySolver& solver, double expected,
                      const tw::OrderOptions& order_options = {}) {
    const double measured = measure(tw::VP{}, solver, order_options);
    judge(what, measured, expected);
    page << "| " << what << " | " << expected << (solver.facts().stochastic() ? " weak | " : " | ")
         << two_digits(measured) << " |\n";
  };
  const auto declared = [&](const std::string& what, const tw::AnySolver& solver) {
    row(what, solver, solver.facts().order);
  };
  const auto cold = [&](const std::string& what, const tw::AnySolver& solver, double expected) {
    // From sigma = 2 the error of the first step is not hidden by a small constant.
    row(what, solver, expected, {.sigma_max = 2, .sigma_min = 0.1, .warm = false});
  };

  declared("`DPMSolverPP3M{.d2_factor = 1}`, as shipped by dpm-solver and k-diffusion",
           tw::DPMSolverPP3M{.d2_factor = 1});
  declared("`DPMSolver3M{.d2_factor = 1}`", tw::DPMSolver3M{.d2_factor = 1});
  declared("`DPMSolverPP3M{.lower_order = LowerOrder::always_at_end()}`",
           tw::DPMSolverPP3M{.lower_order = tw::LowerOrder::always_at_end()});
  declared("`UniPC{.order = 3, .lower_order = LowerOrder::always_at_end()}`, the authors' default",
           tw::UniPC{.order = 3, .lower_order = tw::LowerOrder::always_at_end()});
  declared("`DPMSolverPPSDE{.stage_noise = StageNoise::independent}`",
           tw::DPMSolverPPSDE{.stage_noise = tw::StageNoise::independent});
  declared("`SEEDS2{.stage_noise = StageNoise::independent}`",
           tw::SEEDS2{.stage_noise = tw::StageNoise::independent});

  cold("`DPMSolverPP3M{}` from its own first-order start", tw::DPMSolverPP3M{}, 2);
  cold("`LMS{}` from its own start", tw::LMS{}, 2);
  cold("`DEIS{.order = 3}` from its own start", tw::DEIS{.order = 3}, 2);
  cold("`UniPC{.order = 3}` from its own second-order start", tw::UniPC{.order = 3}, 3);
  cold("`WithStarter{DPMSolverPP3M{}, DPMSolverPP2S{}}`",
       tw::WithStarter{tw::DPMSolverPP3M{}, tw::DPMSolverPP2S{}}, 3);
  cold("`WithStarter{DEIS{.order = 3}}`", tw::WithStarter{tw::DEIS{.order = 3}}, 3);
  cold("`WithStarter{LMS{}}`, by RK4 in sigma", tw::WithStarter{tw::LMS{}}, 4);
  cold("`WithStarter{LMS{}, Heun<InSigma>{}}`, whose first steps are of order 2",
       tw::WithStarter{tw::LMS{}, tw::Heun<tw::InSigma>{}}, 3);
  cold("`WithStarter{ExponentialAB{}}`", tw::WithStarter{tw::ExponentialAB{}}, 4);
  cold("`WithStarter{UniPC{.order = 3}}`", tw::WithStarter{tw::UniPC{.order = 3}}, 4);

  for (int order : {1, 2, 3}) {
    const std::string of = "{.order = " + std::to_string(order) + "}`";
    declared("`LMS" + of, tw::LMS{.order = order});
    declared("`DEIS" + of, tw::DEIS{.order = order});
    declared("`LogRhoAB" + of, tw::LogRhoAB{.order = order});
    declared("`ExponentialAB" + of, tw::ExponentialAB{.order = order});
    declared("`REAB" + of, tw::REAB{.order = order});
  }
  for (int p : {1, 2, 3}) {
    const std::string of = "{.order = " + std::to_string(p);
    declared("`UniPC" + of + "}`", tw::UniPC{.order = p});
    declared("`UniPC" + of + ", .variant = bh1}`",
             tw::UniPC{.order = p, .variant = tw::UniPCVariant::bh1});
    declared("`UniPC" + of + ", .variant = exact}`",
             tw::UniPC{.order = p, .variant = tw::UniPCVariant::exact});
    declared("`UniPCEpsilon" + of + "}`", tw::UniPCEpsilon{.order = p});
  }
  declared("`DPMSolver2{.r = 0.3, .difference_weight = DifferenceWeight::taylor}`",
           tw::DPMSolver2{.r = 0.3, .difference_weight = tw::DifferenceWeight::taylor});
  declared("`DPMSolver3{.r1 = 0.4, .r2 = 0.9}`", tw::DPMSolver3{.r1 = 0.4, .r2 = 0.9});
  declared("`DPMSolver3{.r1 = 0.4, .r2 = 0.9, .difference_weight = DifferenceWeight::taylor}`",
           tw::DPMSolver3{.r1 = 0.4, .r2 = 0.9, .difference_weight = tw::DifferenceWeight::taylor});
  declared("`DPMSolver3{.r1 = 0.5}`", tw::DPMSolver3{.r1 = 0.5});
  declared("`DPMSolver3{.difference_weight = DifferenceWeight::taylor}`",
           tw::DPMSolver3{.difference_weight = tw::DifferenceWeight::taylor});
  declared("`DPMSolverPP2S{.r = 0.7}`", tw::DPMSolverPP2S{.r = 0.7});
  declared("`DPMSolverPP3S{.difference_weight = DifferenceWeight::taylor}`",
           tw::DPMSolverPP3S{.difference_weight = tw::DifferenceWeight::taylor});
  declared("`DPMSolver2M{.difference_weight = DifferenceWeight::taylor}`",
           tw::DPMSolver2M{.difference_weight = tw::DifferenceWeight::taylor});
  declared("`DPMSolverPP2M{.difference_weight = DifferenceWeight::taylor}`",
           tw::DPMSolverPP2M{.difference_weight = tw::DifferenceWeight::taylor});
  declared("`DPMSolverPP1{.eta = 1}`", tw::DPMSolverPP1{.eta = 1});
  declared("`DPMSolverPP2M{.eta = 0.5}`", tw::DPMSolverPP2M{.eta = 0.5});
  declared("`DPMSolverPP3M{.eta = 1, .d2_factor = 1}`",
           tw::DPMSolverPP3M{.eta = 1, .d2_factor = 1});
  declared("`SEEDS2{.eta = 0.5, .difference_weight = DifferenceWeight::midpoint}`",
           tw::SEEDS2{.eta = 0.5, .difference_weight = tw::DifferenceWeight::midpoint});
  declared("`SEEDS3{.eta = 0}`", tw::SEEDS3{.eta = 0});
  declared("`SEEDS3{.eta = 0, .r2 = 0.9}`", tw::SEEDS3{.eta = 0, .r2 = 0.9});
  declared("`SASolver{.tau = 0}`, P3C4", tw::SASolver{.tau = 0});
  declared("`SASolver{.tau = 0, .predictor = 2, .corrector = 3}`",
           tw::SASolver{.tau = 0, .predictor = 2, .corrector = 3});
  declared("`SASolver{.tau = 0, .predictor = 3, .corrector = 2}`",
           tw::SASolver{.tau = 0, .predictor = 3, .corrector = 2});
  declared("`SASolver{.tau = 0, .pece = true}`", tw::SASolver{.tau = 0, .pece = true});
  declared("`SASolver{.predictor = 1, .corrector = 0}`",
           tw::SASolver{.predictor = 1, .corrector = 0});
  declared("`SASolver{.predictor = 1, .corrector = 2}`",
           tw::SASolver{.predictor = 1, .corrector = 2});
  declared("`SASolver{.pece = true}`", tw::SASolver{.pece = true});
  declared("`ERSDE{.terms = 1}`", tw::ERSDE{.terms = 1});
  declared("`ERSDE{.terms = 2}`", tw::ERSDE{.terms = 2});
  declared("`GradientEstimation{.gamma = 1.5}`", tw::GradientEstimation{.gamma = 1.5});
  declared("`IPNDM{.order = 1}`", tw::IPNDM{.order = 1});
  declared("`RungeKutta2<InSigma>{.alpha = 0.5}`", tw::RungeKutta2<tw::InSigma>{.alpha = 0.5});
  declared("`RungeKutta2<InTime>{.alpha = 2. / 3}`", tw::RungeKutta2<tw::InTime>{.alpha = 2. / 3});
  declared("`Churn{Euler<InSigma>{}, 40}`", tw::Churn{tw::Euler<tw::InSigma>{}, 40});
  declared("`Churn{RungeKutta<tableau::kutta3, InSigma>{}, 40}`",
           tw::Churn{tw::RungeKutta<tw::tableau::kutta3, tw::InSigma>{}, 40});
  declared("`Heun<InLambda>`", tw::Heun<tw::InLambda>{});
  declared("`RK4<InLambda>`", tw::RK4<tw::InLambda>{});
}

/// Whether two texts are the same but for figures that differ by at most 0.02.
bool same_but_for_rounding(const std::string& a, const std::string& b) {
  std::istringstream first(a), second(b);
  for (std::string x, y;;) {
    const bool more = static_cast<bool>(first >> x);
    if (more != static_cast<bool>(second >> y)) return false;
    if (!more) return true;
    if (x == y) continue;
    char *end_x, *end_y;
    const double u = std::strtod(x.c_str(), &end_x), v = std::strtod(y.c_str(), &end_y);
    if (*end_x != '\0' || *end_y != '\0' || !(std::abs(u - v) < 0.021)) return false;
  }
}

}  // namespace

int main(int argc, char** argv) {
  page << R"(# Orders, measured

Made by `build/test/tests/orders > docs/orders.md`; `tests/run` checks that every figure is within
0.1 of the order beside it, which is what the solver declares (for runs from their own start, what
the theory says), and that this page is what the program prints.

Deterministic solvers: rms error of x / scale at sigma = 0.1, from eight starts at sigma = 10, on a
mixture of four Gaussians in three dimensions with its exact model, on grids uniform in lambda,
against the exact trajectory; mean of the slopes from 160 to 320 and from 320 to 640 steps.
Multistep methods start warm, from states on the exact trajectory. Stochastic solvers: weak order,
by the exact second moment of the plan on Gaussian data, from sigma = 5 to 0.3, slope from 1000 to
2000 steps; methods in t with noise in the last step. Order 0: Langevin corrections of a fixed
signal-to-noise ratio keep a bias, 2.6 % of the variance by default, however many the steps.

)";
  list_of_solvers();
  page << R"(
## Options, and what costs order

On VP. Five things cost order: the missing 2 of the third-order multistep method, which is why the
library has it by default and `d2_factor = 1` is for replaying peers; a first-order step at the end
(`lower_order`), whose one error is of second order; a first-order step at the start, for the
same reason, measured here from sigma = 2; noise of a step's stages that does not come from one
path; and an r2 other than 2/3 in the three-stage methods, whatever the weight of the difference.
)";
  options();

  if (argc == 3 && std::string(argv[1]) == "--check") {
    std::ifstream in(argv[2]);
    std::ostringstream known;
    known << in.rdbuf();
    if (!same_but_for_rounding(known.str(), page.str())) {
      std::cerr << argv[2] << " is not what this program prints; make it anew\n";
      ++failures;
    }
  } else {
    std::cout << page.str();
  }
  return failures > 0;
}
