// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <span>
#include <vector>

#include "tweedie/error.hpp"
#include "tweedie/noise/source.hpp"
#include "tweedie/run/draw_slots.hpp"
#include "tweedie/run/kernel.hpp"
#include "tweedie/run/program.hpp"

namespace tweedie {

/// All memory that a run of a program needs, allocated at once: buffers of the state's shape and
/// room for noise. Buffer 0 is the caller's own state.
template <class T, class Set = InstructionSet>
class Workspace {
 public:
  using Index = Eigen::Index;
  using Op = Instruction<T>;

  Workspace(const Program<T>& program, Index dim, Index count)
      : dim_(dim),
        count_(count),
        // A cache line more than the state: buffers at equal offsets from a page alias in L1.
        stride_((dim * count + 31) / 16 * 16),
        buffers_(stride_ * (program.buffers - 1)),
        pieces_(piece_size * static_cast<Index>(program.most_draws)),
        draws_ahead_(std::max(16, most_draws_between(program))),
        ahead_(is_small() && program.draws > 0 ? draws_ahead_ * dim * count : 0),
        slots_(program),
        last_draw_(program.draws),
        norms_(program.has_langevin ? static_cast<std::size_t>(2 * count) : 0) {
    for (const Op& op : program.instructions) {
      first_operand_.push_back(operands_.size());
      operands_.resize(operands_.size() + op.values.size() + op.draws.size());
    }
  }

  Index dim() const { return dim_; }
  Index count() const { return count_; }
  Index size() const { return dim_ * count_; }
  std::size_t bytes() const {
    return sizeof(T) * static_cast<std::size_t>(buffers_.size() + pieces_.size() + ahead_.size() +
                                                whole_.size());
  }

  /// Begins a run on the caller's state.
  void start(const Program<T>& program, T* state) {
    known_draws_ = 0;
    if (state == state_ && buffers_.data() == linked_) return;  // a copy has buffers of its own
    state_ = state, linked_ = buffers_.data();
    link(program);
  }
  T* buffer(int index) { return index == 0 ? state_ : buffers_.data() + stride_ * (index - 1); }
  /// The operands of instruction k, its values first and then its draws.
  Weighted<T>* operands(std::size_t k) { return operands_.data() + first_operand_[k]; }
  /// Norms per column, for Langevin rows: of the score, then of the noise.
  std::span<double> score_norms() { return {norms_.data(), norms_.size() / 2}; }
  std::span<double> noise_norms() { return {norms_.data() + norms_.size() / 2, norms_.size() / 2}; }

  /// For a source that fills whole arrays: makes the draws whose turn comes with instruction k.
  /// Room for them is made when such a source is first used.
  template <class View>
  void fill_draws(std::size_t k, auto& noise) {
    if (whole_.size() == 0) whole_.resize(stride_ * slots_.count());
    for (const auto& [draw, slot] : slots_.fills(k)) {
      View out(whole_.data() + stride_ * slot, dim_, count_);
      fill_draw<Set>(noise, draw, out);
    }
  }

  /// Calls f(begin, length) over the elements [begin, begin + count) of a row, after its operands'
  /// draws point to their values there: made in pieces by a counter, for a small state several
  /// draws ahead, or those that were filled.
  void for_each_piece(std::size_t k, const Op& op, auto& noise, Index begin, Index count,
                      auto&& f) {
    Weighted<T>* const draws = operands(k) + op.values.size();
    const bool in_pieces = CounterNoise<decltype(noise)> && !op.draws.empty() && !is_small();
    const Index end = begin + count, step = in_pieces ? piece_size : count;
    for (; begin < end; begin += step) {
      const Index length = std::min(step, end - begin);
      if (in_pieces)  // the row's arrays come from memory while its noise is made
        for (const auto& value : op.values) fetch(buffer(value.buffer) + begin, length);
      if constexpr (makes_draws_ahead<decltype(noise)>)
        if (is_small() && !op.draws.empty()) make_known(op, noise);
      for (std::size_t j = 0; j < op.draws.size(); ++j)
        draws[j].data = numbers(k, j, op.draws[j].number, noise, begin, length);
      f(begin, length);
    }
  }

 private:
  using Storage = Eigen::Array<T, Eigen::Dynamic, 1>;
  static constexpr Index piece_size = 1024, small_size = 32;

  template <class Source>
  static constexpr bool makes_draws_ahead = requires(Source& noise, T* out) {
    noise.template fill_draws<T, Set>(0, 0, 0, 0, out);
  };

  Index dim_, count_, stride_;
  Storage buffers_, pieces_;
  int draws_ahead_;  // for a small state
  Storage ahead_, whole_;
  DrawSlots slots_;
  std::vector<Weighted<T>> operands_;  // of all instructions
  std::vector<std::size_t> first_operand_;
  int last_draw_, first_known_ = 0, known_draws_ = 0;
  std::vector<double> norms_;
  T *state_ = nullptr, *linked_ = nullptr;

  static void fetch(const T* data, Index length) {
    constexpr Index line = 64 / sizeof(T);
    for (Index k = 0; k < length; k += line) __builtin_prefetch(data + k);
  }

  bool is_small() const { return dim_ <= 8 && dim_ * count_ <= small_size; }

  void link(const Program<T>& program) {
    for (std::size_t k = 0; k < program.instructions.size(); ++k) {
      const Op& op = program.instructions[k];
      Weighted<T>* operand = operands(k);
      for (const auto& [index, weight] : op.values) *operand++ = {buffer(index), weight};
      for (const auto& [number, weight] : op.draws) *operand++ = {nullptr, weight};
    }
  }

  /// The elements from `begin` of the j-th draw of instruction k.
  const T* numbers(std::size_t k, std::size_t j, int number, auto& noise, Index begin,
                   Index length) {
    if constexpr (!CounterNoise<decltype(noise)>) {
      return whole_.data() + stride_ * slots_.slot(k, j) + begin;
    } else {
      if constexpr (makes_draws_ahead<decltype(noise)>)
        if (is_small()) return ahead_.data() + (number - first_known_) * size() + begin;
      T* const piece = pieces_.data() + piece_size * static_cast<Index>(j);
      fill_piece<Set>(noise, number, dim_, begin, length, piece);
      return piece;
    }
  }

  /// The first and the last draw of a row.
  static auto range(const Op& op) {
    return std::minmax_element(op.draws.begin(), op.draws.end(),
                               [](const auto& a, const auto& b) { return a.number < b.number; });
  }
  static int most_draws_between(const Program<T>& program) {
    int most = 0;
    for (const Op& op : program.instructions)
      if (!op.draws.empty()) {
        const auto [first, last] = range(op);
        most = std::max(most, last->number - first->number + 1);
      }
    return most;
  }
  /// Makes the draws of a row, all of them at once, and those that follow.
  void make_known(const Op& op, auto& noise) {
    const auto [first, last] = range(op);
    if (first->number >= first_known_ && last->number < first_known_ + known_draws_) return;
    first_known_ = first->number;
    known_draws_ = std::min(draws_ahead_, last_draw_ - first_known_ + 1);
    noise.template fill_draws<T, Set>(first_known_, known_draws_, dim_, count_, ahead_.data());
  }
};

}  // namespace tweedie
