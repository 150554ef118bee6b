// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <vector>

#include "tweedie/noise/source.hpp"
#include "tweedie/run/program.hpp"

namespace tweedie::executor {

using Eigen::Index;

/// Draws of a source that counts, made in chunks inside the pass that uses them: they need no more
/// memory than a chunk each.
template <class T, class Isa>
class DrawnInChunks {
 public:
  static constexpr Index chunk = 1024;

  explicit DrawnInChunks(std::size_t draws) : numbers_(chunk * static_cast<Index>(draws)) {}
  Index size() const { return numbers_.size(); }

  /// Elements begin to begin + length of a draw; j counts the draws of the row.
  const T* data(auto& noise, int number, std::size_t j, Index dim, Index begin, Index length) {
    T* const out = numbers_.data() + chunk * static_cast<Index>(j);
    verbs::draw_part<Isa>(noise, number, dim, begin, length, out);
    return out;
  }

 private:
  Eigen::Array<T, Eigen::Dynamic, 1> numbers_;
};

/// Draws of a small state, several ahead at once: one draw of few numbers waits for its results
/// most of the time.
template <class T, class Isa>
class DrawnAhead {
 public:
  template <class Source>
  static constexpr bool serves = requires(Source& noise, T* out) {
    noise.template fill_draws<T, Isa>(0, 0, 0, 0, out);
  };

  DrawnAhead(const Program<T>& program, Index dim, Index count)
      : dim_(dim), count_(count), last_draw_(program.last_draw) {
    for (const auto& op : program.instructions)
      if (!op.draws.empty()) {
        const auto [first, last] = range(op);
        at_once_ = std::max(at_once_, last - first + 1);
      }
    if (last_draw_ > 0) numbers_.resize(at_once_ * dim * count);
  }
  Index size() const { return numbers_.size(); }
  void start() { cached_ = 0; }

  /// Makes sure of the draws of a row: all of them, and those that follow.
  void reach(const Instruction<T>& op, auto& noise) {
    const auto [first, last] = range(op);
    if (first >= first_ && last < first_ + cached_) return;
    first_ = first;
    cached_ = std::min(at_once_, last_draw_ - first_ + 1);
    noise.template fill_draws<T, Isa>(first_, cached_, dim_, count_, numbers_.data());
  }
  const T* data(int number) const { return numbers_.data() + (number - first_) * dim_ * count_; }

 private:
  Index dim_, count_;
  int last_draw_, at_once_ = 16, first_ = 0, cached_ = 0;
  Eigen::Array<T, Eigen::Dynamic, 1> numbers_;

  struct Range {
    int first, last;
  };
  static Range range(const Instruction<T>& op) {
    const auto [first, last] =
        std::minmax_element(op.draws.begin(), op.draws.end(),
                            [](const auto& a, const auto& b) { return a.number < b.number; });
    return {first->number, last->number};
  }
};

/// Draws of a source that only goes forward, as whole arrays. It has to be asked in the order of
/// the numbers, so a draw whose turn comes before its row's is made early and kept until its last
/// use.
template <class T>
class DrawnWhole {
 public:
  explicit DrawnWhole(const Program<T>& program) {
    if (program.last_draw == 0) return;
    const int rows = static_cast<int>(program.instructions.size());
    math::ByIndex<int> last_use(program.last_draw + 1, -1), slot_of(program.last_draw + 1, -1);
    for (int k = 0; const auto& op : program.instructions) {
      for (const auto& draw : op.draws) last_use[draw.number] = k;
      ++k;
    }
    fills_ = math::ByIndex<std::vector<Fill>>(rows);
    slots_of_ = math::ByIndex<std::vector<int>>(rows);
    math::ByIndex<char> taken;
    for (int k = 0, next = 1; const auto& op : program.instructions) {
      for (const auto& draw : op.draws)
        for (; next <= draw.number; ++next) {
          if (last_use[next] < 0) continue;
          int slot = 0;
          while (slot < taken.size() && taken[slot]) ++slot;
          if (slot == taken.size()) taken.push_back(true);
          taken[slot] = true;
          slot_of[next] = slot;
          fills_[k].push_back({next, slot});
        }
      for (const auto& draw : op.draws) {
        slots_of_[k].push_back(slot_of[draw.number]);
        if (last_use[draw.number] == k) taken[slot_of[draw.number]] = false;
      }
      ++k;
    }
    slots_ = taken.size();
  }
  Index size() const { return numbers_.size(); }

  /// Makes the draws whose turn comes with row k. Room is made when such a source is first used.
  template <class View, class Isa>
  void fill(int k, auto& noise, Index dim, Index count) {
    const Index stride = dim * count;
    if (numbers_.size() == 0) numbers_.resize(stride * slots_);
    for (const auto& [draw, slot] : fills_[k]) {
      View out(numbers_.data() + stride * slot, dim, count);
      verbs::draw_whole<Isa>(noise, draw, out);
    }
  }
  /// The j-th draw of row k.
  const T* data(int k, std::size_t j, Index dim, Index count) const {
    return numbers_.data() + dim * count * slots_of_[k][j];
  }

 private:
  struct Fill {
    int draw, slot;
  };
  int slots_ = 0;
  math::ByIndex<std::vector<Fill>> fills_;  // by row
  math::ByIndex<std::vector<int>> slots_of_;
  Eigen::Array<T, Eigen::Dynamic, 1> numbers_;
};

}  // namespace tweedie::executor
