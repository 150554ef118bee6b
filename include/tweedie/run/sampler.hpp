// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <concepts>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "tweedie/model/model.hpp"
#include "tweedie/noise/source.hpp"
#include "tweedie/plan/make_plan.hpp"
#include "tweedie/run/rows.hpp"
#include "tweedie/run/state.hpp"

namespace tweedie {

template <class S, class Source>
class Steps;

/// A plan, a model and a shape, made ready to run: conversions folded, buffers allocated,
/// coefficients in the state's scalar. Running it allocates nothing (but the first run with a
/// source that is not a counter-based Noise makes room for its draws). One thread uses one Sampler;
/// the Plan is not referred to afterwards.
///
///     Sampler sampler(plan, model, x);
///     sampler(x, noise);
template <class Plain, class M, class Set = InstructionSet>
class Sampler {
 public:
  using Scalar = typename Plain::Scalar;
  using View = Eigen::Map<Plain>;

  /// For states of the shape and kind of x. Throws Error where the model's prediction cannot serve.
  template <State X>
  requires std::same_as<PlainOf<X>, Plain> Sampler(const Plan& plan, M model, const X& x)
      : Sampler(plan, std::move(model), x.rows(), x.cols()) {}

  Sampler(const Plan& plan, M model, Eigen::Index dim, Eigen::Index count)
      : intervals_(plan.intervals()),
        draws_(plan.draws()),
        model_(std::move(model)),
        program_(lower<Scalar>(plan, model_.prediction)),
        workspace_(program_, dim, count) {}

  /// Takes x from the first level of the plan to the last, in place. x has the sampler's shape.
  template <State X, NoiseSource Source>
  requires std::same_as<typename std::remove_cvref_t<X>::Scalar, Scalar>
  void operator()(X&& x, Source&& noise) {
    start(x, noise);
    for (std::size_t k = 0; k < program_.instructions.size(); ++k) run(k, noise);
    finish(noise);
  }

  /// The same run, pulled step by step: `for (auto step : sampler.steps(x, noise))`. Each step is
  /// made when it is asked for; leaving the loop ends the run. A sampler makes one run at a time. x
  /// is an lvalue or a view, since it is written to until then.
  template <State X, NoiseSource Source>
  requires std::same_as<typename std::remove_cvref_t<X>::Scalar, Scalar> &&
      (std::is_lvalue_reference_v<X> || !std::is_base_of_v<Eigen::PlainObjectBase<X>, X>)
          Steps<Sampler, Source> steps(X&& x, Source&& noise) & {
    start(x, noise);
    return {*this, std::forward<Source>(noise)};
  }

  /// What the sampler holds besides the caller's state.
  std::size_t bytes() const { return workspace_.bytes(); }
  int buffers() const { return program_.buffers; }
  const std::vector<Interval>& intervals() const { return intervals_; }

 private:
  template <class S, class Source>
  friend class Steps;

  static_assert(Model<M>, "wrap the network as predicts_epsilon(f), predicts_data(f), ...");
  std::vector<Interval> intervals_;
  int draws_;
  M model_;
  Program<Scalar> program_;
  Workspace<Scalar, Set> workspace_;

  View view(int buffer) {
    return View(workspace_.buffer(buffer), workspace_.dim(), workspace_.count());
  }

  void start(auto& x, auto& noise) {
    check(x.rows() == workspace_.dim() && x.cols() == workspace_.count(), "Sampler: the state is ",
          x.rows(), " x ", x.cols(), ", the sampler was made for ", workspace_.dim(), " x ",
          workspace_.count());
    workspace_.start(program_, x.data());
    if constexpr (requires { noise.begin_run(); }) noise.begin_run();
  }
  void finish(auto& noise) {
    if constexpr (requires { noise.end_run(draws_, workspace_.size()); })
      noise.end_run(draws_, workspace_.size());
  }

  void run(std::size_t k, auto& noise) {
    using Kind = typename Instruction<Scalar>::Kind;
    const Instruction<Scalar>& op = program_.instructions[k];
    if (workspace_.size() == 0) return;
    if constexpr (!CounterNoise<decltype(noise)>) workspace_.template fill_draws<View>(k, noise);
    if (op.kind == Kind::evaluate) evaluate(op, noise);
    if (op.kind == Kind::update) run_update(workspace_, k, op, noise);
    if (op.kind == Kind::langevin) run_langevin(workspace_, k, op, noise);
  }

  void evaluate(const Instruction<Scalar>& op, auto& noise) {
    Call call{op.at, op.step, op.evaluation};
    if constexpr (requires { noise.first_sample; }) call.first_sample = noise.first_sample;
    const Eigen::Map<const Plain> in(workspace_.buffer(op.values[0].buffer), workspace_.dim(),
                                     workspace_.count());
    View out = view(op.out);
    model_(in, call, out);
  }
};

template <class M, State X>
Sampler(const Plan&, M, const X&) -> Sampler<PlainOf<X>, M>;

}  // namespace tweedie
