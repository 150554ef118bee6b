// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tweedie/plan/plan.hpp"

namespace tweedie {

/// The backend of a Context that records a plan: its values are linear forms.
class Tracer {
 public:
  using Value = LinearForm;

  LinearForm start() const { return value(0); }
  void begin(const Interval& s) { interval_ = s; }

  LinearForm predict(Prediction wanted, const LinearForm& x, const Level& at) {
    const int in = materialise(x);
    if (const Evaluate* known = find_evaluation(in, at)) {
      const Conversion c = conversion(wanted, known->prediction, at);
      return c.state * value(in) + c.output * value(known->out);
    }
    return append(Evaluate{next(), in, wanted, at});
  }

  LinearForm normal(std::optional<ClockSpan> clock) {
    draws_.push_back(clock);
    return LinearForm({Operand::Kind::draw, static_cast<int>(draws_.size())});
  }

  LinearForm store(const LinearForm& x, Role role) {
    Update row{next(), role, {}};
    for (const Term& term : x.terms()) {
      check(std::isfinite(term.weight), "step ", interval_.index, " (t = ", interval_.t.t, " to ",
            interval_.u.t, ", sigma = ", interval_.t.sigma(), " to ", interval_.u.sigma(),
            "): a coefficient is not finite; this solver cannot make this step on this process");
      if (term.weight != 0) row.terms.push_back(term);
    }
    return append(std::move(row));
  }

  LinearForm langevin(const LinearForm& x, const Level& at, const LangevinOptions& options) {
    const int in = materialise(x), score = materialise(predict(Prediction::score, value(in), at));
    return append(Langevin{next(), in, score, normal({}).terms()[0].operand.index, options});
  }

  Plan finish(Facts facts, std::vector<Interval> all) {
    return Plan(std::move(facts), std::move(all), std::move(rows_), std::move(draws_));
  }

 private:
  Interval interval_;
  std::vector<Row> rows_;
  std::vector<std::optional<ClockSpan>> draws_;

  static LinearForm value(int index) { return LinearForm({Operand::Kind::value, index}); }
  int next() const { return static_cast<int>(rows_.size()) + 1; }
  LinearForm append(Row row) {
    rows_.push_back(std::move(row));
    return value(out_of(rows_.back()));
  }

  /// The value that x is, or a new one that stores it.
  int materialise(const LinearForm& x) {
    const auto& terms = x.terms();
    if (terms.size() == 1 && terms[0].weight == 1 && terms[0].operand.kind == Operand::Kind::value)
      return terms[0].operand.index;
    for (auto row = rows_.rbegin(); row != rows_.rend() && !is_commit(*row); ++row)
      if (const auto* update = std::get_if<Update>(&*row);
          update && update->role == Role::keep && update->terms == terms)
        return update->out;
    return store(x, Role::keep).terms()[0].operand.index;
  }

  const Evaluate* find_evaluation(int in, const Level& at) const {
    for (auto row = rows_.rbegin(); row != rows_.rend() && !is_commit(*row); ++row)
      if (const auto* evaluate = std::get_if<Evaluate>(&*row);
          evaluate && evaluate->in == in && evaluate->at == at)
        return evaluate;
    return nullptr;
  }
};

}  // namespace tweedie
