// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <vector>

#include "tweedie/error.hpp"
#include "tweedie/noise/source.hpp"
#include "tweedie/run/draw_slots.hpp"
#include "tweedie/run/kernel.hpp"
#include "tweedie/run/program.hpp"

namespace tweedie {

/// All memory that a run of a program needs, allocated at once: buffers of the state's shape and room
/// for noise. Buffer 0 is the caller's own state.
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
        slots_(program.instructions),
        operands_(std::max<std::size_t>(program.most_operands, 3)),
        norms_(2, program.has_langevin ? count : 0) {}

  Index dim() const { return dim_; }
  Index count() const { return count_; }
  Index size() const { return dim_ * count_; }
  std::size_t bytes() const {
    return sizeof(T) * static_cast<std::size_t>(buffers_.size() + pieces_.size() + whole_.size());
  }

  void use(T* state) { state_ = state; }
  T* buffer(int index) { return index == 0 ? state_ : buffers_.data() + stride_ * (index - 1); }
  /// The operands of the row that runs, its values first and then its draws.
  std::vector<Weighted<T>>& operands() { return operands_; }
  /// Norms of the score and of the noise per column, for Langevin rows.
  Eigen::Array2Xd& norms() { return norms_; }

  /// For a source that fills whole arrays: makes the draws whose turn comes with instruction k. Room
  /// for them is made when such a source is first used.
  template <class View>
  void fill_draws(std::size_t k, auto& noise) {
    if (whole_.size() == 0) whole_.resize(stride_ * slots_.count());
    for (const auto& [draw, slot] : slots_.fills(k)) {
      View out(whole_.data() + stride_ * slot, dim_, count_);
      noise.fill(draw, out);
    }
  }

  /// Calls f(begin, length) over the elements [begin, begin + count) of a row, with its draws there
  /// as the operands behind its values: made in pieces by a counter, or those that were filled.
  void for_each_piece(std::size_t k, const Op& op, auto& noise, Index begin, Index count,
                      auto&& f) {
    constexpr bool piecewise = CounterNoise<decltype(noise)>;
    const Index end = begin + count, step = piecewise && !op.draws.empty() ? piece_size : count;
    for (; begin < end; begin += step) {
      const Index length = std::min(step, end - begin);
      for (std::size_t j = 0; j < op.draws.size(); ++j) {
        T* z = nullptr;
        if constexpr (piecewise) {
          z = pieces_.data() + piece_size * static_cast<Index>(j);
          noise.fill(op.draws[j].number, dim_, begin, length, z);
        } else {
          z = whole_.data() + stride_ * slots_.slot(k, j) + begin;
        }
        operands_[op.values.size() + j] = {z, op.draws[j].weight};
      }
      f(begin, length);
    }
  }

 private:
  using Storage = Eigen::Array<T, Eigen::Dynamic, 1>;
  static constexpr Index piece_size = 512;

  Index dim_, count_, stride_;
  Storage buffers_, pieces_, whole_;
  DrawSlots slots_;
  std::vector<Weighted<T>> operands_;
  Eigen::Array2Xd norms_;
  T* state_ = nullptr;
};

}  // namespace tweedie
