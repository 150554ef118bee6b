// SPDX-License-Identifier: MIT
#pragma once

#include <utility>
#include <vector>

#include "tweedie/grid/grid.hpp"

namespace tweedie {

/// One step of a run, from a level to a level. A `renoise` interval is the exact forward transition
/// and rises; on a `solve` interval the solver acts, usually downwards.
struct Interval {
  enum class Kind { solve, renoise };

  Level from, to;
  Kind kind = Kind::solve;
  double s_noise = 1;        ///< factor of the noise of a renoise interval
  int index = 0, count = 1;  ///< its number among those of the run; set by Intervals

  bool last() const { return index == count - 1; }
  bool renoises() const { return kind == Kind::renoise; }
  friend bool operator==(const Interval&, const Interval&) = default;
};

/// The intervals of a run in their order, numbered: what a solver is traced over, or run over
/// eagerly. Made from a grid, or from a list of intervals. They need not join: a peer's step that
/// is not the distance of its grid points is such a list.
class Intervals {
 public:
  Intervals(std::vector<Interval> all) : all_(std::move(all)) {
    check(!all_.empty(), "intervals: the list is empty; a run needs at least one");
    for (int k = 0; k < size(); ++k) {
      Interval& s = math::element(all_, k);
      s.index = k, s.count = size();
      check(!s.renoises() || s.to.sigma() > s.from.sigma(), "intervals: interval ", k,
            " adds noise; its sigma must rise, but goes from ", s.from.sigma(), " to ",
            s.to.sigma());
      check(s.s_noise >= 0, "intervals: s_noise = ", s.s_noise, " of interval ", k,
            " must be at least 0");
    }
  }
  /// Those of a part of a grid have the numbers of the whole.
  Intervals(const Grid& grid) : Intervals(between(grid.levels())) {
    for (Interval& s : all_) s.index += grid.first_step(), s.count = grid.steps_of_whole();
  }

  /// Steps begin to end - 1 of these, which keep the numbers that they and their draws have in the whole:
  /// runs of all parts, one after the other with one noise, are the run of the whole.
  Intervals part(int begin, int end) const {
    check(0 <= begin && begin < end && end <= size(), "intervals: part(", begin, ", ", end, ") of ",
          size(), " steps; it must hold that 0 <= begin < end <= ", size());
    Intervals part = *this;
    part.all_ = {all_.begin() + begin, all_.begin() + end};
    for (int k = 0; k < begin; ++k) part.renoises_before_ += (*this)[k].renoises();
    part.cut_ = begin > 0 ? !(*this)[begin - 1].renoises() : cut_;
    return part;
  }
  /// The same steps with numbers from `first` on, as a run has that goes on where another ended.
  Intervals numbered_from(int first) const {
    check(first >= 0, "intervals: the first number ", first, " must be at least 0");
    Intervals all = *this;
    for (Interval& s : all.all_) s.index += first - front().index, s.count += first - front().index;
    return all;
  }
  /// The same steps as those of a run of `count` from `first` on, after so many renoise intervals.
  Intervals as_part_of(int first, int count, int renoises_before, bool is_cut) const {
    check(first >= 0 && count >= first + size() && renoises_before >= 0 && renoises_before <= first,
          "intervals: ", size(), " steps from number ", first, " of ", count, ", after ",
          renoises_before, " renoise intervals; they must fit");
    Intervals all = *this;
    for (Interval& s : all.all_) s.index += first - front().index, s.count = count;
    all.renoises_before_ = renoises_before, all.cut_ = is_cut;
    return all;
  }
  int renoises_before() const { return renoises_before_; }
  /// Whether the first step follows one that is not in the list, and whose history it may need.
  bool is_cut() const { return cut_; }
  /// Draws that the steps before the first one number, for a solver with so many per step.
  int draws_before(int draws_per_step) const {
    return (front().index - renoises_before_) * draws_per_step + renoises_before_;
  }

  int size() const { return static_cast<int>(all_.size()); }
  const Interval& operator[](int k) const { return math::element(all_, k); }
  const Interval& front() const { return all_.front(); }
  const Interval& back() const { return all_.back(); }
  auto begin() const { return all_.begin(); }
  auto end() const { return all_.end(); }

  friend bool operator==(const Intervals&, const Intervals&) = default;

 private:
  std::vector<Interval> all_;
  int renoises_before_ = 0;
  bool cut_ = false;

  static std::vector<Interval> between(const std::vector<Level>& levels) {
    std::vector<Interval> all;
    for (auto level = levels.begin(); level + 1 != levels.end(); ++level)
      all.push_back({.from = level[0], .to = level[1]});
    return all;
  }
};

}  // namespace tweedie
