// SPDX-License-Identifier: MIT
// Blocks of columns that stay in cache, and threads: the bytes are those of one Sampler.
#include <iostream>
#include <tweedie/parallel/blocked_sampler.hpp>
#include <tweedie/parallel/threads.hpp>  // opt-in: nothing else in the library starts a thread
#include <tweedie/tweedie.hpp>
namespace tw = tweedie;

int main() {
  const tw::VP process;
  // Each thread calls a copy of the model; what it captures by reference must allow that.
  auto model = tw::predicts_epsilon([](const auto& x, double, auto& out) { out = 0.9f * x; });
  const tw::Plan plan = tw::make_plan(process, tw::EulerMaruyama{}, tw::uniform(process, 20));
  const tw::Noise noise{.seed = 2};

  Eigen::MatrixXf one(16, 3000), many(16, 3000);
  tw::prior(plan.from(), one, noise);
  many = one;
  tw::Sampler(plan, model, one)(one, noise);

  tw::Threads threads(2);  // they live until the end of the scope
  tw::BlockedSampler sampler(plan, model, many, {.columns = 256}, threads);
  sampler(many, noise);
  std::cout << "equal, bit for bit: " << std::boolalpha << (one == many) << "\n";
}
