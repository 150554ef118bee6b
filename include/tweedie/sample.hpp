// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <utility>

#include "tweedie/forward/prior.hpp"
#include "tweedie/grid/spacing.hpp"
#include "tweedie/run/steps.hpp"

namespace tweedie {

struct SampleOptions {
  Eigen::Index dim = 0, count = 1;  ///< rows (to be given) and columns of the result
  Noise noise = {};                 ///< of the prior (draw 0) and of the solver
};

namespace verbs {

/// The front door: plan, prior and run in one call. Returns `count` samples of `dim` coordinates,
/// one per column, at the last level of the grid.
///
///     Eigen::MatrixXf x = sample<Eigen::MatrixXf>(process, model, DEIS{.order = 3},
///                                                 karras(process, 20), {.dim = 2, .count = 1000});
template <State X = Eigen::MatrixXd, class M, class Isa = simd::InstructionSet>
X sample(const AnyProcess& process, M model, const AnySolver& solver, const Grid& grid,
         const SampleOptions& options) {
  static_assert(std::same_as<X, PlainOf<X>>, "sample returns a Matrix or an Array");
  check(options.dim >= 1, "sample: dim = ", options.dim, " must be at least 1");
  check(options.count >= 0, "sample: count = ", options.count, " must be at least 0");
  check((X::RowsAtCompileTime == Eigen::Dynamic || X::RowsAtCompileTime == options.dim) &&
            (X::ColsAtCompileTime == Eigen::Dynamic || X::ColsAtCompileTime == options.count),
        "sample: dim = ", options.dim, " and count = ", options.count,
        " do not fit the fixed size of the result");
  const Plan plan = make_plan(process, solver, grid);
  X x;
  x.resize(options.dim, options.count);
  Sampler<X, M, Isa> sampler(plan, std::move(model), x);
  verbs::prior(plan.from(), x, options.noise);
  sampler(x, options.noise);
  return x;
}

/// The same in bounded memory: `count` samples in blocks of at most `columns`, each handed to
/// take(first_sample, block). Together the blocks are what `sample` returns, if the model treats
/// columns independently.
template <State X = Eigen::MatrixXd, class M, class Isa = simd::InstructionSet>
void sample_in_blocks(const AnyProcess& process, const M& model, const AnySolver& solver,
                      const Grid& grid, const SampleOptions& options, Eigen::Index columns,
                      auto take) {
  static_assert(X::ColsAtCompileTime == Eigen::Dynamic,
                "sample_in_blocks needs a state whose number of columns is dynamic");
  check(columns >= 1, "sample_in_blocks: columns = ", columns, " must be at least 1");
  check(options.dim >= 1, "sample: dim = ", options.dim, " must be at least 1");
  check(options.count >= 0, "sample: count = ", options.count, " must be at least 0");
  const Plan plan = make_plan(process, solver, grid);
  check(!plan.couples_samples(), "sample_in_blocks: ", plan.solver(),
        " takes norms over the batch (by_batch_norms), which blocks do not have; use sample");
  X x;
  for (Eigen::Index first = 0; first < options.count;) {
    const Eigen::Index width = std::min(columns, options.count - first);
    x.resize(options.dim, width);
    Sampler<X, M, Isa> sampler(plan, model, x);
    for (; first + width <= options.count; first += width) {
      const Noise noise = options.noise.from_sample(options.noise.first_sample + first);
      verbs::prior(plan.from(), x, noise);
      sampler(x, noise);
      take(first, std::as_const(x));
    }
  }
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
