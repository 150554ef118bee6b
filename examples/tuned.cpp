// SPDX-License-Identifier: MIT
// Plans fitted to a network: the rows of each by least squares to a few fine runs, in closed form. How near to
// the exact solution do few evaluations come?
//
//     tuned [--svg FILE] [--plan FILE]      also draws the table, writes the plan of 10 evaluations
#include <cstdio>
#include <cstring>
#include <fstream>
#include <tweedie/distribution/mixture.hpp>
#include <tweedie/tuning/tune.hpp>
#include <tweedie/tweedie.hpp>

#include "error_chart.hpp"
namespace tw = tweedie;
using Eigen::VectorXd;

// Two perfect networks: of four clusters in three dimensions, and of data like pictures, 1024 coordinates
// along whose axes the variance falls like one over the number, otherwise for each of six components.
tw::Mixture clusters() {
  const auto at = [](double x, double y, double z, double variance) {
    return tw::Gaussian::diagonal(Eigen::Vector3d(x, y, z), VectorXd::Constant(3, variance));
  };
  return tw::Mixture({0.1, 0.2, 0.3, 0.4}, {at(0.1, 1.4, 0.8, 0.2), at(0.8, 0.5, 0.1, 0.3),
                                            at(-1.6, 0.4, -0.1, 0.35), at(1, 0.6, 0.9, 0.2)});
}
tw::Mixture like_pictures() {
  const int dim = 1024;
  Eigen::MatrixXd z(dim, 12);
  tw::Noise{.seed = 4}.fill(0, z);
  VectorXd variances = (1 + Eigen::ArrayXd::LinSpaced(dim, 0, dim - 1)).inverse();
  variances *= dim / variances.sum() / 2;
  std::vector<tw::Gaussian> parts;
  for (int k = 0; k < 6; ++k) {
    const VectorXd own = variances.array() * (0.5 * z.col(6 + k).array()).exp();
    parts.push_back(
        tw::Gaussian::diagonal(variances.cwiseSqrt().cwiseProduct(z.col(k)).eval(), own));
  }
  return tw::Mixture(std::vector<double>(6, 1.0 / 6), parts);
}

// What the field runs, each on its own grid.
std::vector<tw::NamedPlan> habits(const tw::AnyProcess& process, int nfe) {
  struct Habit {
    const char *name, *solver, *spacing;
  };
  const Habit habits[] = {{"Euler, Karras's grid", "euler", "karras"},
                          {"Heun, Karras's grid", "heun", "karras"},
                          {"DPM-Solver++(2M), Karras's grid", "dpmpp_2m", "karras"},
                          {"UniPC, log-SNR", "unipc", "log_snr"},
                          {"DEIS, t^2", "deis", "power"}};
  std::vector<tw::NamedPlan> all;
  for (const Habit& habit : habits) {
    int steps = nfe;
    const auto plan = [&] {
      return tw::make_plan(process, habit.solver, tw::grid_named(process, habit.spacing, steps));
    };
    while (plan().nfe() > nfe) --steps;
    all.push_back({habit.name, plan()});
  }
  return all;
}

void show(ErrorChart& chart, const char* title, const tw::Mixture& network, int pilots, int fresh) {
  const tw::EDM edm;
  const std::vector<int> evaluations{4, 5, 8, 10, 15, 20};
  chart.table(title, evaluations);
  // Starts that nothing is tuned on, and where the exact solution takes them.
  const tw::Noise noise{.seed = 99};
  const tw::Grid ends = tw::focused(edm, 2);
  Eigen::MatrixXd start(network.dim(), fresh);
  tw::prior(ends.front(), start, noise);
  const Eigen::MatrixXd exact =
      tw::fine_run(edm, network, ends, start, noise, {.steps = 600, .sigma_min = 0.002}).back();
  for (const int nfe : evaluations) {
    const tw::Tuned tuned =
        tw::tune(edm, network, {.nfe = nfe, .dim = network.dim(), .pilots = pilots, .checks = 32});
    std::vector<tw::NamedPlan> plans = habits(edm, nfe);
    const auto add = [&](const char* name, tw::PlanKind kind) {
      plans.push_back({name, tuned.best(kind)->plan});
    };
    add("best untuned on any grid", tw::PlanKind::untuned);
    add("universal: knows the data's deviation", tw::PlanKind::universal);
    add("tuned", tw::PlanKind::fitted);
    for (const tw::NamedPlan& plan : plans)
      chart.add(plan.name, tw::judged(plan, network, start, exact, noise).rms);
  }
}

int main(int argc, char** argv) {
  ErrorChart chart;
  show(chart, "four clusters, 3 coordinates", clusters(), 64, 512);
  show(chart, "like pictures, 1024 coordinates", like_pictures(), 16, 64);
  chart.print();
  for (int k = 1; k + 1 < argc; k += 2) {
    if (std::strcmp(argv[k], "--svg") == 0) chart.draw(argv[k + 1], "distance from the exact");
    // It is a plan like any other, and a text that keeps what it was tuned for.
    if (std::strcmp(argv[k], "--plan") == 0) {
      const tw::Tuned tuned = tw::tune(tw::EDM{}, clusters(), {.nfe = 10, .dim = 3});
      std::ofstream(argv[k + 1]) << tw::text(tuned.plan(), tw::to_string(tuned));
    }
  }
}
