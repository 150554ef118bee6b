// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "tweedie/run/draws.hpp"
#include "tweedie/run/kernel.hpp"

namespace tweedie::executor {

/// How far apart arrays of `size` elements lie in one memory: a cache line more than they are long,
/// since arrays at equal offsets from a page alias in L1.
inline Index padded(Index size) {
  return (size + 31) / 16 * 16;
}

/// All memory that a run of a program needs, allocated at once: buffers of the state's shape and
/// room for noise. Buffer 0 is the caller's own state.
template <class T, class Isa = simd::InstructionSet>
class Workspace {
 public:
  using Op = Instruction<T>;
  using Storage = Eigen::Array<T, Eigen::Dynamic, 1>;

  /// The buffers lie in `storage`, such as that of a workspace before; it only grows.
  Workspace(const Program<T>& program, Index dim, Index count, Storage storage = {})
      : dim_(dim),
        count_(count),
        stride_(padded(dim * count)),
        storage_(std::move(storage)),
        buffers_(program.buffers),
        small_(dim <= 8 && dim * count <= 32),
        in_chunks_(program.most_draws),
        ahead_(program, small_ ? dim : 0, count),
        whole_(program) {
    const Index needed = stride_ * (program.buffers - 1);
    if (storage_.size() < needed) storage_.resize(needed);
    operands_.reserve(program.operands);
    buffer_of_operand_.reserve(program.operands);
    for (const Op& op : program.instructions) {
      for (const auto& [buffer, weight] : op.values) add_operand(buffer, weight);
      for (const auto& [number, weight] : op.draws) add_operand(0, weight);
    }
  }

  Storage storage() && { return std::move(storage_); }

  Index dim() const { return dim_; }
  Index count() const { return count_; }
  Index size() const { return dim_ * count_; }
  std::size_t bytes() const {
    return sizeof(T) * static_cast<std::size_t>(storage_.size() + in_chunks_.size() +
                                                ahead_.size() + whole_.size());
  }

  /// Begins a run on the caller's state. Operands are pointed to their buffers where these are not
  /// those of the run before: another state, or a copy's own.
  void start(T* state) {
    bool moved = false;
    for (int k = 0; k < buffers_.size(); ++k) {
      T* const buffer = k == 0 ? state : storage_.data() + stride_ * (k - 1);
      moved |= buffers_[k] != buffer;
      buffers_[k] = buffer;
    }
    for (std::size_t k = 0; moved && k < operands_.size(); ++k)
      operands_[k].data = buffers_[buffer_of_operand_[k]];
    ahead_.start();
  }
  T* buffer(int index) const { return buffers_[index]; }

  /// Makes what noise row k needs before its pass.
  template <class View, class Source>
  void prepare(int k, const Op& op, Source& noise) {
    if (op.draws.empty()) return;
    if constexpr (!CounterNoise<Source>)
      whole_.template fill<View, Isa>(k, noise, dim_, count_);
    else if constexpr (DrawnAhead<T, Isa>::template serves<Source>)
      if (small_) ahead_.reach(op, noise);
  }

  /// The operands of a row, its values first and then its draws.
  std::span<Weighted<T>> operands(const Op& op) {
    return {operands_.data() + op.first_operand, op.values.size() + op.draws.size()};
  }

  /// Calls f(begin, length, operands) over the elements [begin, begin + count) of a row with noise,
  /// its operands pointing there: in chunks where the noise is made inside the pass.
  template <class Source>
  void for_each_chunk(int k, const Op& op, Source& noise, Index begin, Index count, auto&& f) {
    const bool in_chunks = CounterNoise<Source> && !small_;
    const Index end = begin + count, step = in_chunks ? DrawnInChunks<T, Isa>::chunk : count;
    for (; begin < end; begin += step) {
      const Index length = std::min(step, end - begin);
      if (in_chunks)  // the row's arrays come from memory while its noise is made
        for (const auto& value : op.values) prefetch(buffers_[value.buffer] + begin, length);
      Weighted<T>* operand = operands(op).data();
      for (const auto& value : op.values) (operand++)->data = buffers_[value.buffer] + begin;
      for (std::size_t j = 0; j < op.draws.size(); ++j)
        (operand++)->data = numbers(k, op, j, noise, begin, length);
      f(begin, length, operands(op));
    }
  }

 private:
  Index dim_, count_, stride_;
  Storage storage_;
  math::ByIndex<T*> buffers_;
  std::vector<Weighted<T>> operands_;  // of all rows
  std::vector<int> buffer_of_operand_;
  bool small_;
  DrawnInChunks<T, Isa> in_chunks_;
  DrawnAhead<T, Isa> ahead_;
  DrawnWhole<T> whole_;

  void add_operand(int buffer, T weight) {
    operands_.push_back({nullptr, weight});
    buffer_of_operand_.push_back(buffer);
  }
  static void prefetch(const T* data, Index length) {
    constexpr Index line = 64 / sizeof(T);
    for (Index k = 0; k < length; k += line) __builtin_prefetch(data + k);
  }

  /// The elements from `begin` of the j-th draw of row k.
  template <class Source>
  const T* numbers(int k, const Op& op, std::size_t j, Source& noise, Index begin, Index length) {
    if constexpr (!CounterNoise<Source>) {
      return whole_.data(k, j, dim_, count_) + begin;
    } else {
      const int number = op.draws[j].number;
      if constexpr (DrawnAhead<T, Isa>::template serves<Source>)
        if (small_) return ahead_.data(number) + begin;
      return in_chunks_.data(noise, number, j, dim_, begin, length);
    }
  }
};

}  // namespace tweedie::executor
