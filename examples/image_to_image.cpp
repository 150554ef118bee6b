// SPDX-License-Identifier: MIT
// Image to image: begin with data that are noised to a level, and take the rest of the grid.
#include <cstdio>
#include <tweedie/tweedie.hpp>
namespace tw = tweedie;

int main() {
  const tw::EDM process;
  // A stand-in for a network: data around 1 with variance 0.01.
  auto model = tw::predicts_data([](const auto& x, const tw::Call& call, auto& out) {
    const double variance = call.level.std * call.level.std;
    out.array() = (0.01 * x.array() + variance) / (0.01 + variance);
  });

  const Eigen::MatrixXd image = Eigen::MatrixXd::Constant(64, 1, 0.2);
  const tw::Grid whole = tw::karras(process, 30);
  for (const double strength : {10.0, 0.3, 0.03}) {  // the sigma up to which the image is noised
    const tw::Grid grid = whole.below(strength);     // or whole.last(k): its last k steps
    const tw::Plan plan = tw::make_plan(process, tw::DPMSolverPP2M{}, grid);
    const tw::Noise noise{.seed = 3};
    Eigen::MatrixXd x(64, 1);
    tw::diffuse(plan.from(), image, noise, x);
    tw::Sampler(plan, model, x)(x, noise);
    std::printf("from sigma = %7.4f, %2d steps: mean %.3f\n", plan.from().sigma(), plan.steps(),
                x.mean());
  }
}
