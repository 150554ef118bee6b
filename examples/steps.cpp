// SPDX-License-Identifier: MIT
// A run pulled step by step: progress, previews, deadlines and cancelling are ordinary loop bodies.
#include <cstdio>
#include <tweedie/tweedie.hpp>
namespace tw = tweedie;

double spread(const auto& x) {
  return x.norm() / std::sqrt(double(x.size()));
}

int main() {
  const tw::VP process;
  auto model = tw::predicts_data([](const auto& x, double, auto& out) { out = 0.5 * x; });
  const tw::Plan plan = tw::make_plan(process, tw::DPMSolverPP2M{}, tw::karras(process, 5));

  Eigen::MatrixXd x(2, 100);
  const tw::Noise noise{.seed = 1};
  tw::prior(plan.from(), x, noise);
  tw::Sampler sampler(plan, model, x);
  for (auto step : sampler.steps(x, noise)) {
    std::printf("step %d of %d, %d evaluations: sigma %8.4f to %7.4f, spread %.4f, of data %.4f\n",
                step.index + 1, step.count, step.evaluations, step.from.sigma(), step.to.sigma(),
                spread(step.x), spread(step.data()));
    if (step.evaluations == 4) {  // a deadline, say: the data are the better answer
      step.x = step.data();
      break;
    }
  }
  std::printf("in x: %.4f\n", spread(x));
}
