// SPDX-License-Identifier: MIT
// Prints the table of docs/choosing.md: what every solver declares of itself (the laws of the tests
// hold that), and how far it gets with few evaluations.
#include <cstdio>
#include <string>

#include <tweedie/analysis/moments.hpp>
#include <tweedie/grid/spacing.hpp>
#include <tweedie/plan/by_name.hpp>
#include <tweedie/plan/print.hpp>
#include <tweedie/process/vp.hpp>

#include "support/registry.hpp"

namespace tw = tweedie;

namespace {

/// What the solver's steps alone make wrong, by the plan and without sampling: the distance between
/// the distribution that it returns and the right one, for Gaussian data.
double error(const tw::AnySolver& solver, int nfe) {
  Eigen::Matrix2d covariance;
  covariance << 0.82, 0.42, 0.42, 0.28;
  const tw::Gaussian data(Eigen::Vector2d(0.5, -0.25), covariance);
  const tw::AnyProcess vp = tw::VP{};
  const tw::Facts& facts = solver.facts();
  const int steps = (nfe - facts.extra_evaluations) / facts.evaluations;
  const tw::Grid grid = tw::karras(vp, steps, {.to_zero = false});
  const tw::Plan plan = tw::make_plan(vp, solver, grid);
  return tw::wasserstein(tw::moments(plan, data, tw::Start::exact),
                         tw::exact_moments(data, plan.to()));
}

const char* at_zero(tw::AtZero end) {
  if (end == tw::AtZero::data) return "data";
  return end == tw::AtZero::predicted_data ? "data, predicted" : "its formula";
}

}  // namespace

int main() {
  std::printf(
      "| name | order | NFE per step | noise | remembers | starts from pure noise | at sigma = 0 | "
      "error, 12 NFE | 24 NFE |\n|---|---|---|---|---|---|---|---|---|\n");
  for (const NamedSolver& s : all_solvers()) {
    const tw::Facts& f = s.facts();
    std::printf("| `%s` | %d%s | %d | %s | %s | %s | %s | %.4f | %.4f |\n", s.name.c_str(), f.order,
                f.stochastic() ? " weak" : "", f.evaluations,
                f.draws == 0 ? "" : std::to_string(f.draws).c_str(),
                f.remembers == 0 ? "" : std::to_string(f.remembers).c_str(),
                f.starts_from_noise ? "yes" : "", at_zero(f.at_zero), error(s.solver, 12),
                error(s.solver, 24));
  }
}
