// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <concepts>
#include <span>
#include <type_traits>
#include <utility>

#include "tweedie/model/model.hpp"
#include "tweedie/model/scratch.hpp"
#include "tweedie/plan/make_plan.hpp"
#include "tweedie/run/rows.hpp"
#include "tweedie/state.hpp"

namespace tweedie {

template <class S, class Source>
class Steps;

/// A state that outlives the call: an lvalue, or a view.
template <class X>
concept LastingState = State<X> &&
    (std::is_lvalue_reference_v<X> || !std::is_base_of_v<Eigen::PlainObjectBase<X>, X>);

/// A plan, a model and a shape, made ready to run: conversions folded, buffers allocated,
/// coefficients in the state's scalar. Running it allocates nothing (but the first run with a
/// source that is not a counter-based Noise makes room for its draws). One thread uses one Sampler;
/// the Plan is not referred to afterwards.
///
///     Sampler sampler(plan, model, x);
///     sampler(x, noise);
template <class X, class M, class Isa = simd::InstructionSet>
class Sampler {
 public:
  using Plain = X;
  using Scalar = typename Plain::Scalar;
  using View = Eigen::Map<Plain>;

  static_assert(verbs::require_state<Plain>());
  static_assert(verbs::require_predictor<M>());
  static_assert(CalledWith<M, Plain>,
                "a model is called as model(x, call, out): x and out are Eigen maps of the state's "
                "kind, call is a const Call&; predicts_epsilon(f) and its siblings make one");

  /// For states of the shape and kind of x. Throws Error where the model's prediction cannot serve.
  template <class Y>
  Sampler(const Plan& plan, M model, const Y& x)
      : Sampler(plan, std::move(model), x.rows(), x.cols()) {}

  Sampler(const Plan& plan, M model, Eigen::Index dim, Eigen::Index count)
      : intervals_(plan.intervals()),
        first_draw_(plan.first_draw()),
        draws_(plan.draw_count()),
        model_(std::move(model)),
        program_(executor::lower<Scalar>(plan, model_.prediction)),
        workspace_(program_, check_size(dim, Plain::RowsAtCompileTime),
                   check_size(count, Plain::ColsAtCompileTime)) {
    check(
        !Output(model_.prediction).gives_both() || may_give_both,
        "Sampler: the model says that it gives two outputs, but is not callable as model(x, call, "
        "data, epsilon)");
    verbs::reserve<Plain>(model_, dim, count);
  }

  /// Takes x from the first level of the plan to the last, in place. x has the sampler's shape.
  template <class Y, class Source>
  void operator()(Y&& x, Source&& noise) {
    require_types<Y, Source>();
    start(x, noise);
    for (int k = 0; k < rows(); ++k) run(k, noise);
    finish(noise);
  }

  /// The same run, pulled step by step: `for (auto step : sampler.steps(x, noise))`. Each step is
  /// made when it is asked for; leaving the loop ends the run, with the state in x. A sampler makes
  /// one run at a time. x is an lvalue or a view, since it is written to until then. The first such
  /// run makes room for step.data().
  template <class Y, class Source>
  Steps<Sampler, Source> steps(Y&& x, Source&& noise) & {
    require_types<Y, Source>();
    static_assert(LastingState<Y>,
                  "steps write to x until the loop ends, so x has a name, or is a view");
    start(x, noise);
    return {*this, std::forward<Source>(noise)};
  }

  /// Bytes of buffers and of room for noise, besides the caller's state.
  std::size_t bytes() const {
    return workspace_.bytes() + sizeof(Scalar) * static_cast<std::size_t>(data_.size());
  }
  int buffers() const { return program_.buffers; }
  const Intervals& intervals() const { return intervals_; }

 private:
  template <class S, class Source>
  friend class Steps;
  template <class S>
  friend class Step;
  using Kind = typename executor::Instruction<Scalar>::Kind;
  static constexpr bool may_give_both = MayGiveBoth<M, Eigen::Map<const Plain>, View>;

  Intervals intervals_;
  int first_draw_, draws_, runs_ = 0;
  Eigen::Array<Scalar, Eigen::Dynamic, 1> data_;  // that steps show
  Level level_of_data_;
  M model_;
  executor::Program<Scalar> program_;
  executor::Workspace<Scalar, Isa> workspace_;

  template <class Y, class Source>
  static consteval void require_types() {
    if constexpr (verbs::require_state<Y>())
      static_assert(std::same_as<typename std::remove_cvref_t<Y>::Scalar, Scalar>,
                    "this sampler was made for states of another scalar; make one for this state");
    verbs::require_source<Source>();
  }
  static Eigen::Index check_size(Eigen::Index size, int fixed) {
    check(size >= 0, "Sampler: a state of ", size, " rows or columns; it must be at least 0");
    check(fixed == Eigen::Dynamic || fixed == size, "Sampler: ", size,
          " rows or columns do not fit the state's fixed ", fixed);
    return size;
  }
  int rows() const { return static_cast<int>(program_.instructions.size()); }
  const executor::Instruction<Scalar>& row(int k) const {
    return math::element(program_.instructions, k);
  }
  View view(int buffer) {
    return View(workspace_.buffer(buffer), workspace_.dim(), workspace_.count());
  }

  void start(auto& x, auto& noise) {
    check(x.rows() == workspace_.dim() && x.cols() == workspace_.count(), "Sampler: the state is ",
          x.rows(), " x ", x.cols(), ", the sampler was made for ", workspace_.dim(), " x ",
          workspace_.count());
    if constexpr (requires { noise.check_run(intervals_); }) noise.check_run(intervals_);
    ++runs_;
    workspace_.start(x.data());
    if constexpr (requires { noise.begin_run(first_draw_); }) noise.begin_run(first_draw_);
  }
  void finish(auto& noise) {
    const bool complete = intervals_.back().last();  // not a part of a run
    if constexpr (requires { noise.end_run(draws_, workspace_.size(), complete); })
      noise.end_run(draws_, workspace_.size(), complete);
  }

  void run(int k, auto& noise) {
    const auto& op = row(k);
    if (workspace_.size() == 0) return;
    workspace_.template prepare<View>(k, op, noise);
    if (op.kind == Kind::evaluate) evaluate(op, noise);
    if (op.kind == Kind::update) executor::run_update(workspace_, k, op, noise);
    if (op.kind == Kind::langevin) executor::run_langevin(workspace_, k, op, noise);
  }

  void evaluate(const executor::Instruction<Scalar>& op, auto& noise) {
    Call call{.level = op.level, .step = op.step, .evaluation = op.evaluation, .to = op.to};
    if constexpr (requires { noise.first_sample; }) call.first_sample = noise.first_sample;
    const Eigen::Map<const Plain> in(workspace_.buffer(op.values[0].buffer), workspace_.dim(),
                                     workspace_.count());
    View out = view(op.out);
    if constexpr (may_give_both)
      if (op.epsilon >= 0) {
        View epsilon = view(op.epsilon);
        return model_(in, call, out, epsilon);
      }
    model_(in, call, out);
  }

  void put_state_into_x(int buffer) {
    if (buffer != 0) view(0) = view(buffer);
  }
  Eigen::Map<const Plain> data_of_steps(int evaluations) const {
    check(evaluations > 0, "steps: data() of a step before which no evaluation was made");
    checked_conversion(Prediction::data, model_.prediction, level_of_data_);
    return {data_.data(), workspace_.dim(), workspace_.count()};
  }
  /// What the evaluation that was just made says of the clean data; kept until the next one.
  void keep_data(const executor::Instruction<Scalar>& op) {
    if (data_.size() == 0) data_.resize(workspace_.size());
    level_of_data_ = op.level;
    const Conversion c = conversion(Prediction::data, model_.prediction, op.level);
    const executor::Weighted<Scalar> terms[] = {
        {workspace_.buffer(op.out), static_cast<Scalar>(c.output)},
        {workspace_.buffer(op.values[0].buffer), static_cast<Scalar>(c.state)}};
    executor::combine<Scalar, Isa>(data_.data(), workspace_.size(),
                                   std::span(terms, c.state == 0 ? 1 : 2));
  }
};

template <class M, class X>
Sampler(const Plan&, M, const X&) -> Sampler<PlainOf<X>, M>;

}  // namespace tweedie
