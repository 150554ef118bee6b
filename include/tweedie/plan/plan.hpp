// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tweedie/plan/linear_form.hpp"
#include "tweedie/solver/context.hpp"

namespace tweedie {

// A plan is what a solver does on a grid, as rows over numbered values r0, r1, ...; r0 is the state
// at the start and every row makes one new value. There are three kinds of row.

/// out = what `prediction` is at (value in, level at), by one evaluation of the model.
struct Evaluate {
  int out, in;
  Prediction prediction;
  Level at;
  friend bool operator==(const Evaluate&, const Evaluate&) = default;
};

/// out = the sum of weighted values and draws.
struct Update {
  int out;
  Role role;
  std::vector<Term> terms;
  friend bool operator==(const Update&, const Update&) = default;
};

/// out = in + a score + sqrt(2 a) z, where a depends on the norms of score and z.
struct Langevin {
  int out, in, score, draw;
  LangevinOptions options;
  friend bool operator==(const Langevin&, const Langevin&) = default;
};

using Row = std::variant<Evaluate, Update, Langevin>;

inline int out_of(const Row& row) {
  if (const auto* evaluate = std::get_if<Evaluate>(&row)) return evaluate->out;
  if (const auto* update = std::get_if<Update>(&row)) return update->out;
  return std::get_if<Langevin>(&row)->out;
}
inline bool is_commit(const Row& row) {
  const auto* update = std::get_if<Update>(&row);
  return update && update->role == Role::commit;
}

/// Calls f(value) for every value that a row reads.
inline void for_each_input(const Row& row, auto&& f) {
  if (const auto* evaluate = std::get_if<Evaluate>(&row)) {
    f(evaluate->in);
  } else if (const auto* update = std::get_if<Update>(&row)) {
    for (const Term& term : update->terms)
      if (term.operand.kind == Operand::Kind::value) f(term.operand.index);
  } else {
    const auto& langevin = std::get<Langevin>(row);
    f(langevin.in);
    f(langevin.score);
  }
}

/// Calls f(draw) for every draw that a row uses.
inline void for_each_draw(const Row& row, auto&& f) {
  if (const auto* update = std::get_if<Update>(&row)) {
    for (const Term& term : update->terms)
      if (term.operand.kind == Operand::Kind::draw) f(term.operand.index);
  } else if (const auto* langevin = std::get_if<Langevin>(&row)) {
    f(langevin->draw);
  }
}

/// All that a solver does on a grid, without a model: immutable, shared by threads, printed,
/// compared. Made by make_plan; run by a Sampler.
class Plan {
 public:
  Plan(Facts facts, std::vector<Interval> intervals, std::vector<Row> rows,
       std::vector<std::optional<ClockSpan>> draws)
      : facts_(std::move(facts)),
        intervals_(std::move(intervals)),
        rows_(std::move(rows)),
        draws_(std::move(draws)) {}

  const std::string& solver() const { return facts_.name; }
  const Facts& facts() const { return facts_; }
  const std::vector<Interval>& intervals() const { return intervals_; }
  const std::vector<Row>& rows() const { return rows_; }

  /// The level at which the run starts (that of the prior) and the one at which it ends.
  const Level& front() const { return intervals_.front().t; }
  const Level& back() const { return intervals_.back().u; }

  int steps() const { return static_cast<int>(intervals_.size()); }
  /// Network evaluations of a whole run.
  int nfe() const {
    int count = 0;
    for (const Row& row : rows_) count += std::holds_alternative<Evaluate>(row);
    return count;
  }
  /// Draws that the solver asked for, numbered 1 to draws(); 0 is the prior's.
  int draws() const { return static_cast<int>(draws_.size()); }
  /// The interval of the solver's clock that draw `number` belongs to, if any.
  const std::optional<ClockSpan>& clock_of_draw(int number) const {
    return draws_[static_cast<std::size_t>(number - 1)];
  }
  /// Values that the rows number, r0 among them.
  int values() const { return static_cast<int>(rows_.size()) + 1; }

  friend bool operator==(const Plan& a, const Plan& b) {
    return a.intervals_ == b.intervals_ && a.rows_ == b.rows_ && a.draws_ == b.draws_;
  }

 private:
  Facts facts_;
  std::vector<Interval> intervals_;
  std::vector<Row> rows_;
  std::vector<std::optional<ClockSpan>> draws_;
};

}  // namespace tweedie
