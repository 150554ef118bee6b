// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "tweedie/model/model.hpp"
#include "tweedie/noise/source.hpp"
#include "tweedie/plan/make_plan.hpp"
#include "tweedie/run/draw_slots.hpp"
#include "tweedie/run/kernel.hpp"
#include "tweedie/run/program.hpp"
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
template <class Plain, class M>
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
        slots_(program_.instructions),
        dim_(dim),
        count_(count),
        // A cache line more than the state: buffers at equal offsets from a page alias in L1.
        stride_((dim * count + 31) / 16 * 16),
        workspace_(stride_ * (program_.buffers - 1)),
        chunk_(chunk_size * static_cast<Eigen::Index>(program_.most_draws)),
        operands_(std::max<std::size_t>(program_.most_operands, 3)),
        norms_(2, count) {}

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
  std::size_t bytes() const {
    return sizeof(Scalar) *
           static_cast<std::size_t>(workspace_.size() + chunk_.size() + stored_draws_.size());
  }
  int buffers() const { return program_.buffers; }
  const std::vector<Interval>& intervals() const { return intervals_; }

 private:
  template <class S, class Source>
  friend class Steps;

  static_assert(Model<M>, "wrap the network as predicts_epsilon(f), predicts_data(f), ...");
  using Op = Instruction<Scalar>;
  using Storage = Eigen::Array<Scalar, Eigen::Dynamic, 1>;
  static constexpr Eigen::Index chunk_size = 512;

  std::vector<Interval> intervals_;
  int draws_;
  M model_;
  Program<Scalar> program_;
  DrawSlots slots_;
  Eigen::Index dim_, count_, stride_;
  Storage workspace_;     // buffers 1, 2, ...; buffer 0 is the caller's state
  Storage chunk_;         // noise of a piece of the state, one per draw of a row
  Storage stored_draws_;  // whole draws, for sources that are not counter-based
  std::vector<Weighted<Scalar>> operands_;
  Eigen::Array2Xd norms_;  // of score and noise per column, for Langevin
  Scalar* state_ = nullptr;

  Eigen::Index size() const { return dim_ * count_; }
  Scalar* buffer(int index) {
    return index == 0 ? state_ : workspace_.data() + stride_ * (index - 1);
  }
  Scalar* stored_draw(std::size_t instruction, std::size_t draw) {
    return stored_draws_.data() + stride_ * slots_.slot(instruction, draw);
  }
  View view(Scalar* data) const { return View(data, dim_, count_); }

  void start(auto& x, auto& noise) {
    check(x.rows() == dim_ && x.cols() == count_, "Sampler: the state is ", x.rows(), " x ",
          x.cols(), ", the sampler was made for ", dim_, " x ", count_);
    state_ = x.data();
    if constexpr (requires { noise.begin_run(); }) noise.begin_run();
  }
  void finish(auto& noise) {
    if constexpr (requires { noise.end_run(draws_, size()); }) noise.end_run(draws_, size());
  }

  void run(std::size_t k, auto& noise) {
    const Op& op = program_.instructions[k];
    if (size() == 0) return;
    if constexpr (!CounterNoise<decltype(noise)>) {
      if (stored_draws_.size() == 0) stored_draws_.resize(stride_ * slots_.count());
      for (const auto& [draw, slot] : slots_.fills(k)) {
        View out = view(stored_draws_.data() + stride_ * slot);
        noise.fill(draw, out);
      }
    }
    switch (op.kind) {
      case Op::Kind::evaluate: return evaluate(op, noise);
      case Op::Kind::update: return update(k, op, noise);
      case Op::Kind::langevin: return langevin(k, op, noise);
    }
  }

  void evaluate(const Op& op, auto& noise) {
    Call call{op.at, op.step, op.evaluation};
    if constexpr (requires { noise.first_sample; }) call.first_sample = noise.first_sample;
    const Eigen::Map<const Plain> in(buffer(op.values[0].buffer), dim_, count_);
    View out = view(buffer(op.out));
    model_(in, call, out);
  }

  void update(std::size_t k, const Op& op, auto& noise) {
    const std::size_t count = op.values.size() + op.draws.size();
    for_each_piece(k, op, noise, 0, size(), [&](Eigen::Index begin, Eigen::Index length) {
      for (std::size_t j = 0; j < op.values.size(); ++j)
        operands_[j] = {buffer(op.values[j].buffer) + begin, op.values[j].weight};
      combine<Scalar>(buffer(op.out) + begin, length, {operands_.data(), count});
    });
  }

  void langevin(std::size_t k, const Op& op, auto& noise) {
    const Scalar* in = buffer(op.values[0].buffer);
    const Scalar* score = buffer(op.values[1].buffer);
    norms_.setZero();
    const auto add_squares = [&](int row, Eigen::Index column, const Scalar* data,
                                 Eigen::Index length) {
      for (Eigen::Index i = 0; i < length; ++i)
        norms_(row, column) += static_cast<double>(data[i]) * static_cast<double>(data[i]);
    };
    for (Eigen::Index column = 0; column < count_; ++column) {
      add_squares(0, column, score + column * dim_, dim_);
      for_each_piece(k, op, noise, column * dim_, dim_, [&](Eigen::Index, Eigen::Index length) {
        add_squares(1, column, operands_[op.values.size()].data, length);
      });
    }
    norms_ = norms_.sqrt();
    if (op.options.norms == LangevinNorms::batch_mean)
      for (int row = 0; row < 2; ++row) norms_.row(row).setConstant(norms_.row(row).mean());
    for (Eigen::Index column = 0; column < count_; ++column) {
      const double ratio = op.options.snr * norms_(1, column) / norms_(0, column);
      const double a = 2 * op.options.alpha * ratio * ratio;
      for_each_piece(k, op, noise, column * dim_, dim_,
                     [&](Eigen::Index begin, Eigen::Index length) {
                       operands_[0] = {in + begin, Scalar(1)};
                       operands_[1] = {score + begin, static_cast<Scalar>(a)};
                       operands_[2].weight = static_cast<Scalar>(std::sqrt(2 * a));
                       combine<Scalar>(buffer(op.out) + begin, length, {operands_.data(), 3});
                     });
    }
  }

  /// Calls f(begin, length) over the elements [begin, begin + count), with the row's draws there as
  /// the operands behind its values: made in pieces by a counter, or those that were stored.
  void for_each_piece(std::size_t k, const Op& op, auto& noise, Eigen::Index begin,
                      Eigen::Index count, auto&& f) {
    const Eigen::Index end = begin + count;
    const bool whole = op.draws.empty() || !CounterNoise<decltype(noise)>;
    const Eigen::Index step = whole ? count : chunk_size;
    for (; begin < end; begin += step) {
      const Eigen::Index length = std::min(step, end - begin);
      for (std::size_t j = 0; j < op.draws.size(); ++j) {
        const Scalar* z = nullptr;
        if constexpr (CounterNoise<decltype(noise)>) {
          Scalar* piece = chunk_.data() + chunk_size * static_cast<Eigen::Index>(j);
          noise.fill(op.draws[j].number, dim_, begin, length, piece);
          z = piece;
        } else {
          z = stored_draw(k, j) + begin;
        }
        operands_[op.values.size() + j] = {z, op.draws[j].weight};
      }
      f(begin, length);
    }
  }
};

template <class M, State X>
Sampler(const Plan&, M, const X&) -> Sampler<PlainOf<X>, M>;

}  // namespace tweedie
