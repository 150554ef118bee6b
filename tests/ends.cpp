// SPDX-License-Identifier: MIT
// Prints docs/ends.md: at which ends of a process every solver can start and end.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include <tweedie/analysis/moments.hpp>
#include <tweedie/grid/spacing.hpp>
#include <tweedie/process/flow.hpp>
#include <tweedie/process/vp.hpp>

#include "support/predicting.hpp"
#include "support/registry.hpp"

namespace tw = tweedie;

namespace {

/// "yes" if a run gives finite numbers near the exact ones, "no" if the plan is refused, and what
/// happens otherwise.
std::string answer(const tw::AnyProcess& process, const NamedSolver& solver, const tw::Grid& grid,
                   const Eigen::MatrixXd& x, const Eigen::MatrixXd& exact) {
  try {
    const tw::Plan plan = tw::make_plan(process, solver.solver, grid);
    const Predicting model{tw::Prediction::velocity};
    const Eigen::MatrixXd end = run(plan, model, x, recorded(plan, x));
    const double error = largest(end - exact) / (1 + largest(exact));
    if (!end.allFinite()) return "NOT FINITE";
    if (solver.facts().order == 0) return "yes, with its bias";
    if (solver.facts().stochastic()) {
      const tw::Gaussian data(Eigen::Vector2d(1, -2),
                              (Eigen::Matrix2d() << 2, 0.9, 0.9, 0.5).finished());
      const double distance =
          tw::wasserstein(tw::moments(plan, data), tw::exact_moments(data, plan.to()));
      return distance < 0.4 ? "yes" : "WRONG";
    }
    return error < 0.3 ? "yes" : "WRONG";
  } catch (const tw::Error&) {
    return "no";
  }
}

std::string page() {
  const tw::AnyProcess flow = tw::Flow{}, vp = tw::VP{};
  const auto exact = [](const tw::AnyProcess& process, const tw::Grid& grid,
                        const Eigen::MatrixXd& x) {
    return run(tw::make_plan(process, "rk4_time", grid), Predicting{tw::Prediction::velocity}, x,
               tw::Noise{});
  };
  Eigen::MatrixXd x(3, 5);
  tw::Noise{.seed = 3}.fill(0, x);
  const tw::Grid from_noise = tw::uniform(flow, 80, {.t_min = 1e-3, .to_zero = false}),
                 to_data = tw::karras(vp, 80),
                 up = tw::reversed(tw::karras(flow, 80, {.t_max = 0.9, .t_min = 1e-3}));
  const Eigen::MatrixXd after_noise = exact(
                            flow, tw::uniform(flow, 4000, {.t_min = 1e-3, .to_zero = false}), x),
                        at_data =
                            exact(vp, tw::uniform(vp, 4000, {.t_min = 1e-6, .to_zero = false}), x),
                        encoded =
                            exact(flow,
                                  tw::reversed(tw::uniform(
                                      flow, 4000, {.t_max = 0.9, .t_min = 1e-6, .to_zero = false})),
                                  at_data);
  std::ostringstream out;
  out << R"(# The ends of a run

At sigma = infinity x is pure noise: `Flow` at t = 1, `Cosine` at t = 1, tables with zero terminal
SNR. At sigma = 0 it is clean data. The table says for every solver whether it starts at pure noise
(by the limit of its first step there, not from a little below; on `Flow`), ends at clean data (on
`VP`), and encodes from clean data upwards (on `Flow`), with a network that predicts the velocity.
The program `build/test/tests/ends` makes it: each "yes" is a run of 80 steps whose result was
compared with the exact one, by its distribution where it draws noise.

A network that predicts epsilon says nothing of the data at pure noise, and one that predicts data
nothing of epsilon at clean data: a Sampler refuses them there with a sentence. On VP the velocity
itself is infinite at t = 0, so that methods in t do not encode from there. In float, encoding from
clean data multiplies the roundings, and can be refused.

| solver | starts at pure noise | ends at clean data | encodes from clean data |
|---|---|---|---|
)";
  for (const NamedSolver& solver : all_solvers())
    out << "| " << solver.name << " | " << answer(flow, solver, from_noise, x, after_noise) << " | "
        << answer(vp, solver, to_data, x, at_data) << " | "
        << (solver.facts().stochastic() ? "it draws noise"
                                        : answer(flow, solver, up, at_data, encoded))
        << " |\n";
  out << R"(
Heun's and the other Runge-Kutta methods in sigma, and DPM-Solver-2 and -3 on epsilon, have no
finite first step at sigma = infinity: their second stage multiplies what they do not know there. Of
the stochastic ones Euler-Maruyama and Heun in t have none where g is infinite. Where a solver
cannot start, take one that can, or begin a little below, with `{.t_max = 0.99}` or
`{.sigma_max = 100}`.

What is of first order there: from pure noise a step has one value to go by, so that methods in
sigma and lambda begin with DDIM's, `scale data + std epsilon`, corrected by those that evaluate at
its end (exponential Heun, UniPC, SA-Solver). A run is accurate a hair below the end as well: scales from
1e-17 to 1e-3 are compared with the methods' text in 113 bits (`tests/edges.cpp`).
)";
  return out.str();
}

}  // namespace

int main(int argc, char** argv) {
  const std::string text = page();
  if (argc < 3 || std::strcmp(argv[1], "--check") != 0) {
    std::cout << text;
    return 0;
  }
  std::ifstream file(argv[2]);
  std::stringstream written;
  written << file.rdbuf();
  if (written.str() == text) return 0;
  std::fprintf(stderr, "%s is not what this program prints\n", argv[2]);
  return 1;
}
