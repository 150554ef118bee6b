// SPDX-License-Identifier: MIT
// Steps that are chosen for a tolerance: what they cost, and how far the samples end from the exact
// solution of the probability-flow ODE, beside solvers on fixed grids.
#include <cstdio>
#include <tweedie/adaptive/methods.hpp>
#include <tweedie/distribution/mixture.hpp>
#include <tweedie/tweedie.hpp>
namespace tw = tweedie;
using Eigen::MatrixXd;

const tw::VP vp;
const tw::NoiseRange to_t_min{.to_zero = false};  // all end at t_min, so that they can be compared

MatrixXd noise() {
  MatrixXd x(2, 100);
  tw::prior(vp.at(1), x, tw::Noise{.seed = 1});
  return x;
}

int main() {
  const auto blob = [](double x, double y, double variance) {
    return tw::Gaussian(Eigen::Vector2d(x, y), variance * Eigen::Matrix2d::Identity());
  };
  const tw::Mixture data({0.4, 0.6}, {blob(1, -1, 0.1), blob(-1, 0.5, 0.2)});
  MatrixXd exact = noise();
  tw::solve_adaptively(vp, data, exact, {.rtol = 1e-12, .atol = 1e-12, .range = to_t_min});

  std::puts("steps chosen for a tolerance        evaluations  rejected   largest error");
  const auto adaptive = [&](const char* name, const auto& method, double tolerance) {
    MatrixXd x = noise();
    const tw::AdaptiveRun run = tw::solve_adaptively(
        vp, method, data, x, {.rtol = tolerance, .atol = tolerance, .range = to_t_min});
    std::printf("%-27s %6.0e %11d %9d %15.1e\n", name, tolerance, run.evaluations, run.rejected,
                (x - exact).cwiseAbs().maxCoeff());
  };
  for (const double tolerance : {1e-2, 1e-4, 1e-6, 1e-8})
    adaptive("Dormand-Prince in time", tw::EmbeddedPair<>{}, tolerance);
  adaptive("Tsitouras in lambda", tw::EmbeddedPair<tw::InLambda>{tw::tsitouras}, 1e-6);
  adaptive("Bogacki-Shampine in time", tw::EmbeddedPair<>{tw::bogacki_shampine}, 1e-4);
  adaptive("DPM-Solver-23", tw::DPMSolver23<>{}, 1e-2);
  adaptive("two halves of Heun in time", tw::StepDoubling{tw::Heun<tw::InTime>{}}, 1e-4);

  std::puts("\nfixed steps, uniform in lambda");
  for (const char* solver : {"dpmpp_2m", "unipc", "rk4"})
    for (const int steps : {16, 64}) {
      const tw::Plan plan = tw::make_plan(vp, solver, tw::log_snr(vp, steps, to_t_min));
      MatrixXd x = noise();
      tw::Sampler(plan, data, x)(x, tw::Noise{});
      std::printf("%-34s %11d %25.1e\n", solver, plan.nfe(), (x - exact).cwiseAbs().maxCoeff());
    }

  // Pulled step by step; what it chose is a grid for other solvers.
  MatrixXd x = noise();
  auto sampler = tw::adaptive_sampler(vp, tw::EmbeddedPair<>{}, data, x);
  std::puts("\nchosen times:");
  auto walk = sampler.steps(x, vp.at(1), vp.at(1e-3));
  for (auto step : walk) std::printf(" %.3f", step.to.t);
  std::printf("\n%d evaluations; as a grid it has %d steps\n", walk.run().evaluations,
              walk.run().grid().steps());
}
