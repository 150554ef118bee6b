// SPDX-License-Identifier: MIT
// The acts behind tw::sample: plan once, make ready once, run often.
#include <iostream>
#include <tweedie/tweedie.hpp>
namespace tw = tweedie;

int main() {
  const tw::EDM process;
  auto model = tw::predicts_data([](const auto& x, double, auto& out) { out = 0.5f * x; });

  // A plan is a value: what a solver does on a grid, without a model. r are values, z draws of
  // noise.
  const tw::Plan plan = tw::make_plan(process, "euler_ancestral",
                                      tw::from_sigmas(process, {10, 3, 1}, {.to_zero = true}));
  std::cout << plan << "\n";

  Eigen::MatrixXf x(2, 1000);           // 1000 samples of 2 coordinates
  tw::Sampler sampler(plan, model, x);  // conversions folded, buffers allocated
  for (const std::uint64_t seed : {1u, 2u}) {
    const tw::Noise noise{.seed = seed};
    tw::prior(plan.from(), x, noise);  // x ~ N(0, std^2): draw 0
    sampler(x, noise);                 // in place; allocates nothing
    std::cout << "seed " << seed << ": first sample " << x.col(0).transpose() << "\n";
  }
}
