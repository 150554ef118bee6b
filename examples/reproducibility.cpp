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

  // [parts]
  // The first 12 steps and the last 8, perhaps by a refiner: parts keep the numbers of the whole.
  x = start;
  for (const tw::Grid& part : {grid.first(12), grid.last(8)})
    tw::Sampler(tw::make_plan(process, tw::DDPM{}, part), model, x)(x, noise);
  std::cout << "in parts: " << (x == whole) << "\n";
  // [end]

  // [seeds]
  // A seed for each sample: the third one alone, and in a batch of four.
  Eigen::MatrixXd batch(3, 4), one(3, 1);
  const tw::Seeds seeds{41, 1234567890123, 7, 41};
  tw::prior(plan.from(), batch, seeds);
  tw::Sampler(plan, model, batch)(batch, seeds);
  tw::prior(plan.from(), one, tw::Noise{.seed = 7});
  tw::Sampler(plan, model, one)(one, tw::Noise{.seed = 7});
  std::cout << "in a batch: " << (one == batch.col(2)) << "\n";
  // [end]

  // [streams]
  // Draws of your own, beside those of the run, come from a stream with a name.
  Eigen::MatrixXd mine(3, 100);
  noise.stream("augmentation").fill(0, mine);
  // [end]
  std::cout << "another stream: " << (mine != start) << "\n";
}
