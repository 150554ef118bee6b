// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include "tweedie/forward/prior.hpp"
#include "tweedie/grid/spacing.hpp"
#include "tweedie/parallel/blocks.hpp"
#include "tweedie/run/steps.hpp"

namespace tweedie {

struct SampleOptions {
  Eigen::Index dim = 0, count = 1;  ///< rows (to be given) and columns of the result
  Noise noise = {};                 ///< of the prior (draw 0) and of the solver
};

namespace verbs {

inline void check_start(const char* what, const Grid& grid) {
  check(grid.direction() == Grid::Direction::falling, what,
        ": the grid rises, but samples begin with noise; to encode data, run a Sampler on them");
  check(grid.front().sigma() >= 1, what, ": the grid begins at sigma = ", grid.front().sigma(),
        ", where data are no noise yet; begin above 1, or diffuse data to there and run a Sampler");
}

/// The front door: plan, prior and run in one call. Returns `count` samples of `dim` coordinates,
/// one per column, at the last level of the grid.
///
///     Eigen::MatrixXf x = sample<Eigen::MatrixXf>(process, model, DEIS{.order = 3},
///                                                 karras(process, 20), {.dim = 2, .count = 1000});
template <class X = Samples<double>, class M, class Isa = simd::InstructionSet>
X sample(const AnyProcess& process, M model, const AnySolver& solver, const Grid& grid,
         const SampleOptions& options) {
  static_assert(verbs::require_state<X>());
  static_assert(std::same_as<X, PlainOf<X>>, "sample returns a Matrix or an Array");
  check(options.dim >= 1, "sample: dim = ", options.dim, " must be at least 1");
  check(options.count >= 0, "sample: count = ", options.count, " must be at least 0");
  check((X::RowsAtCompileTime == Eigen::Dynamic || X::RowsAtCompileTime == options.dim) &&
            (X::ColsAtCompileTime == Eigen::Dynamic || X::ColsAtCompileTime == options.count),
        "sample: dim = ", options.dim, " and count = ", options.count,
        " do not fit the fixed size of the result");
  verbs::check_start("sample", grid);
  const Plan plan = make_plan(process, solver, grid);
  X x;
  x.resize(options.dim, options.count);
  Sampler<X, M, Isa> sampler(plan, std::move(model), x);
  verbs::prior(plan.from(), x, options.noise);
  sampler(x, options.noise);
  return x;
}

/// The same in bounded memory: `count` samples in blocks of at most `columns`, each handed to
/// take(first_column, block), one at a time, columns counted from 0. Together the blocks are what `sample` returns, if the
/// model treats columns independently. With threads (parallel/threads.hpp) as the last argument
/// they are made on all of them, and taken as they get ready.
template <class X = Samples<double>, class M, class Runner = OneThread,
          class Isa = simd::InstructionSet>
void sample_in_blocks(const AnyProcess& process, const M& model, const AnySolver& solver,
                      const Grid& grid, const SampleOptions& options, Eigen::Index columns,
                      auto take, Runner&& threads = {}) {
  static_assert(verbs::require_state<X>());
  static_assert(X::ColsAtCompileTime == Eigen::Dynamic,
                "sample_in_blocks needs a state whose number of columns is dynamic");
  check(columns >= 1, "sample_in_blocks: columns = ", columns, " must be at least 1");
  check(options.dim >= 1, "sample: dim = ", options.dim, " must be at least 1");
  check(options.count >= 0, "sample: count = ", options.count, " must be at least 0");
  verbs::check_start("sample_in_blocks", grid);
  const Plan plan = make_plan(process, solver, grid);
  check(!plan.couples_samples(), "sample_in_blocks: ", plan.solver(),
        " takes norms over the batch (by_batch_norms), which blocks do not have; use sample");
  const Eigen::Index width = std::min(columns, std::max<Eigen::Index>(options.count, 1));
  struct OfThread {
    X x;
    Sampler<X, M, Isa> sampler;
  };
  std::vector<OfThread> all;
  for (int k = 0; k < threads.count(); ++k) all.push_back({X(), {plan, model, options.dim, width}});
  Sampler<X, M, Isa> last(plan, model, options.dim, options.count % width);
  std::mutex taking;
  verbs::for_each_block(
      options.count, {.columns = width},
      [&](std::int64_t begin, std::int64_t end, int thread) {
        auto& [x, sampler] = all[static_cast<std::size_t>(thread)];
        x.resize(options.dim, end - begin);
        const Noise noise = options.noise.from_sample(options.noise.first_sample + begin);
        verbs::prior(plan.from(), x, noise);
        (x.cols() == width ? sampler : last)(x, noise);
        const std::lock_guard lock(taking);
        take(begin, std::as_const(x));
      },
      threads);
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
