// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "tweedie/plan/plan.hpp"

namespace tweedie {

/// The backend of a Context that records a plan: its values are linear forms.
class Tracer {
 public:
  using Value = LinearForm;

  explicit Tracer(Facts facts) : facts_(std::move(facts)) {}

  LinearForm start() const { return LinearForm::value(0); }
  void begin(const Interval& s, DrawRange draws) {
    interval_ = s, committed_ = false;
    next_draw_ = draws.first, end_of_draws_ = draws.first + draws.count;
    draws_.resize(static_cast<std::size_t>(end_of_draws_ - 1));
  }

  LinearForm predict(Prediction wanted, const LinearForm& x, const Level& level) {
    const int in = materialise(x);
    int evaluation = -1, known = 0;
    find_in_step([&](const Row& row) {
      const auto* evaluate = std::get_if<Evaluate>(&row);
      if (!evaluate || evaluate->in != in || evaluate->level != level) return false;
      evaluation = evaluate->evaluation;
      known = evaluate->prediction == wanted ? evaluate->out : 0;
      return known > 0;
    });
    if (known > 0) return LinearForm::value(known);
    if (evaluation < 0) evaluation = evaluations_++;
    return append(Evaluate{next(), in, wanted, level, evaluation});
  }

  LinearForm normal(std::optional<ClockSpan> clock) {
    check(next_draw_ < end_of_draws_, facts_.name, ": step ", interval_.index,
          " asks for more draws than the ", facts_.draws,
          " that the solver declares; facts() must say how many, as .draws");
    math::element(draws_, next_draw_ - 1) = clock;
    return LinearForm::draw(next_draw_++);
  }

  LinearForm store(const LinearForm& x, Role role) {
    check(role != Role::state || !committed_, facts_.name, ": step ", interval_.index,
          " commits its state, which the loop does; return it");
    committed_ |= role == Role::state;
    return append(Update{next(), role, simplified(x)});
  }

  LinearForm stored(const LinearForm& x) { return LinearForm::value(materialise(x)); }

  LinearForm langevin(const LinearForm& x, const Level& level, const LangevinOptions& options) {
    const int in = materialise(x),
              score = materialise(predict(Prediction::score, LinearForm::value(in), level)),
              draw = normal({}).terms()[0].operand.index;
    return append(Langevin{next(), in, score, draw, options});
  }

  Plan finish(Intervals all) && {
    return Plan(std::move(facts_), std::move(all), std::move(rows_), std::move(draws_));
  }

 private:
  Facts facts_;
  Interval interval_;
  bool committed_ = false;
  int next_draw_ = 1, end_of_draws_ = 1, evaluations_ = 0;
  std::vector<Row> rows_;
  std::vector<std::optional<ClockSpan>> draws_;

  int next() const { return static_cast<int>(rows_.size()) + 1; }
  LinearForm append(Row row) {
    return LinearForm::value(output(rows_.emplace_back(std::move(row))));
  }

  /// Calls f(row) for the rows of this step, newest first, until it returns true.
  void find_in_step(auto&& f) const {
    for (auto row = rows_.rbegin(); row != rows_.rend() && !is_commit(*row); ++row)
      if (f(*row)) return;
  }

  /// The value that x is, or a new one that stores it.
  int materialise(const LinearForm& x) {
    std::vector<Term> terms = simplified(x);
    if (terms.size() == 1 && terms[0].weight == 1 && terms[0].operand.is_value())
      return terms[0].operand.index;
    return append(Update{next(), Role::stage, std::move(terms)}).terms()[0].operand.index;
  }

  /// The terms of a sum that are not 0, with a stage of this step in place of its terms where they
  /// all occur, in its proportion. Noise is then made once, in the row that stores the stage; a
  /// stage without noise is worth it only where it is the whole sum.
  std::vector<Term> simplified(const LinearForm& x) const {
    std::vector<Term> terms;
    for (const Term& term : x.terms()) {
      check_finite(term.weight);
      if (term.weight != 0) terms.push_back(term);
    }
    while (put_stage_in(terms)) continue;
    return terms;
  }

  /// Puts the newest stage that fits into a sum. Returns whether there is one.
  bool put_stage_in(std::vector<Term>& terms) const {
    bool found_one = false;
    find_in_step([&](const Row& row) {
      const auto* stage = std::get_if<Update>(&row);
      if (!stage || stage->role != Role::stage || stage->terms.empty()) return false;
      const auto same = [](const Term& a) {
        return [&a](const Term& b) { return a.operand == b.operand; };
      };
      double ratio = 0;
      for (const Term& term : stage->terms) {
        const auto found = std::find_if(terms.begin(), terms.end(), same(term));
        if (found == terms.end()) return false;
        if (ratio == 0) ratio = found->weight / term.weight;
        if (std::abs(found->weight - ratio * term.weight) > 1e-14 * std::abs(found->weight))
          return false;
      }
      const bool has_draw = std::any_of(stage->terms.begin(), stage->terms.end(),
                                        [](const Term& t) { return t.operand.is_draw(); });
      if (!has_draw && terms.size() != stage->terms.size()) return false;
      for (const Term& term : stage->terms) std::erase_if(terms, same(term));
      if (std::abs(ratio - 1) < 1e-14) ratio = 1;
      terms.insert(terms.begin(), {{Operand::Kind::value, stage->out}, ratio});
      return found_one = true;
    });
    return found_one;
  }

  void check_finite(double weight) const {
    const Level& t = interval_.from;
    check(std::isfinite(weight), "step ", interval_.index, " (t = ", t.t, " to ", interval_.to.t,
          ", sigma = ", t.sigma(), " to ", interval_.to.sigma(), "): a coefficient is not finite; ",
          facts_.name,
          " cannot make this step on this process; begin and end a little away from sigma = 0 and "
          "infinity, or take a solver that can, such as ddim");
  }
};

}  // namespace tweedie
