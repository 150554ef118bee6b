// SPDX-License-Identifier: MIT
// A number of noise is a function of (seed, stream, draw, sample, coordinate) alone: any split of a
// run, by samples or by steps, gives the bytes of the whole.
#include <iostream>
#include <tweedie/parallel/blocks.hpp>
#include <tweedie/tweedie.hpp>
namespace tw = tweedie;

int main() {
  const tw::VP process;
  const tw::Noise noise{.seed = 7};
  auto model = tw::predicts_epsilon([](const auto& x, double, auto& out) { out = 0.9 * x; });
  const tw::Grid grid = tw::karras(process, 20);
  const tw::Plan plan = tw::make_plan(process, tw::DDPM{}, grid);
  Eigen::MatrixXd whole(3, 100), start(3, 100), x(3, 100);
  tw::prior(plan.from(), start, noise);
  whole = start;
  tw::Sampler(plan, model, whole)(whole, noise);
  std::cout << std::boolalpha;

  // [samples]
  // Two programs share out the samples, in blocks of 16 columns.
  x = start;
  for (int rank : {0, 1})
    tw::for_each_block(100, {.columns = 16, .rank = rank, .ranks = 2},
                       [&](std::int64_t begin, std::int64_t end) {
                         auto block = x.middleCols(begin, end - begin);
                         tw::Sampler(plan, model, block)(block, noise.from_sample(begin));
                       });
  std::cout << "shared out: " << (x == whole) << "\n";
  // [end]

  // [steps]
  // A run that is stopped after 12 steps and resumed: parts keep the numbers of steps and draws.
  x = start;
  const tw::Intervals all(grid);
  const tw::Plan first = tw::make_plan(process, tw::DDPM{}, all.part(0, 12));
  const tw::Plan rest = tw::make_plan(process, tw::DDPM{}, all.part(12, 20));
  tw::Sampler(first, model, x)(x, noise);
  tw::Sampler(rest, model, x)(x, noise);
  std::cout << "resumed: " << (x == whole) << "\n";
  // [end]

  // [streams]
  // Draws of your own, beside those of the run, come from a stream with a name.
  Eigen::MatrixXd mine(3, 100);
  noise.stream("augmentation").fill(0, mine);
  // [end]
  std::cout << "another stream: " << (mine != start) << "\n";
}
