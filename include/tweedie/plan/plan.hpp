// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tweedie/math/by_index.hpp"
#include "tweedie/plan/row.hpp"

namespace tweedie {

/// All that a solver does on a grid, without a model: immutable, shared by threads, printed,
/// compared. Made by make_plan; run by a Sampler.
class Plan {
 public:
  Plan(Facts facts, Intervals intervals, std::vector<Row> rows,
       std::vector<std::optional<ClockSpan>> draws)
      : facts_(std::move(facts)),
        intervals_(std::move(intervals)),
        rows_(std::move(rows)),
        draws_(std::move(draws)) {
    check_rows();
  }

  const std::string& solver() const { return facts_.name; }
  const Facts& facts() const { return facts_; }
  const Intervals& intervals() const& { return intervals_; }
  const std::vector<Row>& rows() const& { return rows_; }
  Intervals intervals() && { return std::move(intervals_); }  // for (... : make_plan(...).rows())
  std::vector<Row> rows() && { return std::move(rows_); }

  /// The level at which the run starts (that of the prior) and the one at which it ends.
  const Level& from() const { return intervals_.front().from; }
  const Level& to() const { return intervals_.back().to; }

  int steps() const { return intervals_.size(); }
  /// Network evaluations of a whole run.
  int nfe() const {
    int count = 0;
    for (const Row& row : rows_)
      if (const auto* evaluate = std::get_if<Evaluate>(&row))
        count = std::max(count, evaluate->evaluation + 1);
    return count;
  }
  /// Draws that the steps number, from 1; 0 is the prior's. A row need not use each of them.
  int draw_count() const { return static_cast<int>(draws_.size()); }
  /// The number of the first draw that a step may ask for: 1, but for a part of a run.
  int first_draw() const { return 1 + intervals_.draws_before(facts_.draws); }
  /// The interval of the solver's clock that draw `number` belongs to, if any.
  const std::optional<ClockSpan>& clock_of_draw(int number) const {
    check(number >= 1 && number <= draw_count(), "plan: draw ", number,
          " is asked for; the steps have 1 to ", draw_count());
    return math::element(draws_, number - 1);
  }
  /// Whether a row reads other samples than it writes: a Langevin step by the batch's mean norms.
  bool couples_samples() const {
    for (const Row& row : rows_)
      if (std::holds_alternative<Langevin>(row)) return true;
    return false;
  }
  /// Values that the rows number, r0 among them.
  int value_count() const { return static_cast<int>(rows_.size()) + 1; }

  /// Whether intervals, rows and draws are the same; what the facts say is not compared.
  friend bool operator==(const Plan& a, const Plan& b) {
    return a.intervals_ == b.intervals_ && a.rows_ == b.rows_ && a.draws_ == b.draws_;
  }

 private:
  Facts facts_;
  Intervals intervals_;
  std::vector<Row> rows_;
  std::vector<std::optional<ClockSpan>> draws_;

  static void check_evaluation(const Evaluate& row, std::vector<const Evaluate*>& asked) {
    const int next = static_cast<int>(asked.size());
    check(row.evaluation >= 0 && row.evaluation <= next, "plan: the row that makes r", row.out,
          " is evaluation ", row.evaluation, "; it must be ", next, " or one of those before");
    check(!name_of(row.prediction).empty() && row.level.scale >= 0 && row.level.std >= 0,
          "plan: the row that makes r", row.out, " asks for no prediction, or at a level of scale ",
          row.level.scale, " and std ", row.level.std);
    if (row.evaluation == next) asked.push_back(&row);
    const Evaluate& same = *math::element(asked, row.evaluation);
    check(row.in == same.in && row.level == same.level, "plan: the rows that make r", same.out,
          " and r", row.out, " are one evaluation, of different inputs or levels");
  }
  /// Each row makes the next value, of earlier ones and draws; each interval ends with a new state.
  void check_rows() const {
    int made = 0, states = 0;
    std::vector<const Evaluate*> asked;  // the first row of each evaluation
    for (const Row& row : rows_) {
      ++made;
      check(output(row) == made, "plan: row ", made - 1, " makes r", output(row),
            "; it must make r", made);
      if (const auto* evaluate = std::get_if<Evaluate>(&row)) check_evaluation(*evaluate, asked);
      if (const auto* update = std::get_if<Update>(&row))
        for (const Term& term : update->terms)
          check(std::isfinite(term.weight), "plan: row ", made - 1, " has a weight of ",
                term.weight, "; it must be finite");
      for_each_operand(row, [&](const Operand& operand) {
        const int first = operand.is_draw() ? first_draw() : 0,
                  last = operand.is_draw() ? draw_count() : made - 1;
        check(operand.index >= first && operand.index <= last, "plan: row ", made - 1, " reads ",
              operand.is_draw() ? "z" : "r", operand.index, "; there are ", first, " to ", last);
      });
      states += is_commit(row);
    }
    check(states == steps() && !rows_.empty() && is_commit(rows_.back()), "plan: the rows make ",
          states, " new states, the last row one of them, for ", steps(),
          " intervals; they must agree");
  }
};

}  // namespace tweedie
