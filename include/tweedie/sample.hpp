// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <utility>

#include "tweedie/grid/spacing.hpp"
#include "tweedie/run/prior.hpp"
#include "tweedie/run/steps.hpp"

namespace tweedie {

struct SampleOptions {
  Eigen::Index dim = 0, count = 1;  ///< rows (to be given) and columns of the result
  Noise noise = {};                 ///< of the prior (draw 0) and of the solver
};

/// The front door: plan, prior and run in one call. Returns `count` samples of `dim` coordinates,
/// one a column, at the last level of the grid.
///
///     Eigen::MatrixXf x = sample<Eigen::MatrixXf>(process, model, DEIS{.order = 3},
///                                                 karras(process, 20), {.dim = 2, .count = 1000});
template <class X>
struct Sample {
  static_assert(std::same_as<X, PlainOf<X>>, "sample returns a Matrix or an Array");

  template <class M, class Set = InstructionSet>
  X operator()(const AnyProcess& process, M model, const AnySolver& solver, const Grid& grid,
               const SampleOptions& options) const {
    check(options.dim >= 1 && options.count >= 0, "sample: dim = ", options.dim,
          " and count = ", options.count, " must be at least 1 and 0");
    check((X::RowsAtCompileTime == Eigen::Dynamic || X::RowsAtCompileTime == options.dim) &&
              (X::ColsAtCompileTime == Eigen::Dynamic || X::ColsAtCompileTime == options.count),
          "sample: dim = ", options.dim, " and count = ", options.count,
          " do not fit the fixed size of the result");
    const Plan plan = make_plan(process, solver, grid);
    X x;
    x.resize(options.dim, options.count);
    Sampler<X, M, Set> sampler(plan, std::move(model), x);
    prior(plan.front(), x, options.noise);
    sampler(x, options.noise);
    return x;
  }
};
template <State X = Eigen::MatrixXd>
inline constexpr Sample<X> sample{};

/// The same in bounded memory: `count` samples in blocks of at most `columns`, each handed to
/// take(first_sample, block). Together the blocks are what `sample` returns, if the model treats
/// columns independently.
template <State X = Eigen::MatrixXd>
inline constexpr auto sample_in_blocks =
    [](const AnyProcess& process, const Model auto& model, const AnySolver& solver,
       const Grid& grid, const SampleOptions& options, Eigen::Index columns, auto take) {
      check(columns >= 1 && options.dim >= 1 && options.count >= 0,
            "sample_in_blocks: columns = ", columns, ", dim = ", options.dim,
            " and count = ", options.count, " must be at least 1, 1 and 0");
      const Plan plan = make_plan(process, solver, grid);
      const auto run = [&](Eigen::Index first, Eigen::Index end, Eigen::Index width) {
        X x(options.dim, width);
        Sampler sampler(plan, model, x);
        for (; first < end; first += width) {
          const Noise noise = options.noise.from_sample(options.noise.first_sample + first);
          prior(plan.front(), x, noise);
          sampler(x, noise);
          take(first, std::as_const(x));
        }
      };
      const Eigen::Index whole = options.count / columns * columns;
      run(0, whole, columns);
      run(whole, options.count, options.count - whole);
    };

}  // namespace tweedie
