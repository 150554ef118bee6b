// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "tweedie/plan/fold.hpp"

namespace tweedie::lowering {

/// Rows for a model of two outputs, data D and an epsilon that need not belong to them. A row reads
/// what it asks for, other predictions as the sums that they are of the two. For everything else
/// there is one rule: the outputs describe a state of their own, scale D + std epsilon, and from an
/// evaluation on its step goes on from there. So a method's formula means the same whether it is
/// written with the state or without; its first-order step is scale D + std epsilon at the new level.
///
/// What later steps remember of an evaluation is its data, or those that belong to its epsilon: the
/// model says which. An evaluation of the step before at this step's own level, as UniPC has it of
/// its predicted state, is not remembered but this step's own.
class FoldBoth {
 public:
  FoldBoth(const std::vector<Row>& rows, const Intervals& intervals, Remembered remembered)
      : rows_(rows), intervals_(intervals), remembered_(remembered), values_(value_count(rows)) {
    note_uses();
    for (const Row& row : rows_) {
      if (const auto* evaluate = std::get_if<Evaluate>(&row))
        add(*evaluate);
      else if (const auto* update = std::get_if<Update>(&row))
        add(*update);
      else
        add(std::get<Langevin>(row));
    }
  }

  /// An epsilon that no row reads is not asked for.
  std::vector<Row> rows() && {
    const math::ByIndex<int> last = last_uses(folded_);
    math::ByIndex<char> is_read(last.size());
    for (const Row& row : folded_) for_each_input(row, [&](int value) { is_read[value] = true; });
    std::erase_if(folded_, [&](const Row& row) {
      const auto* evaluate = std::get_if<Evaluate>(&row);
      return evaluate && evaluate->beside && !is_read[evaluate->out];
    });
    return std::move(folded_);
  }

 private:
  /// An evaluation of the model: its outputs, and what a later step remembers of its data.
  struct Asked {
    Evaluate row;
    int step, data, epsilon;
    std::optional<int> remembered = {};

    LinearForm state() const {
      return row.level.scale * LinearForm::value(data) + row.level.std * LinearForm::value(epsilon);
    }
  };

  const std::vector<Row>& rows_;
  const Intervals& intervals_;
  Remembered remembered_;
  int values_, step_ = 0, start_ = 0;
  std::vector<Row> folded_;
  std::vector<Asked> asked_;                            // by evaluation
  std::map<int, std::pair<int, Prediction>> readings_;  // value -> evaluation, what is read of it
  std::map<int, LinearForm> moved_;  // in this step: value -> the state that it has become
  std::map<int, int> last_step_of_;  // evaluation -> the last step that reads its data

  const Level& from() const { return intervals_[step_].from; }

  /// Which evaluations later steps read, as their own or as remembered.
  void note_uses() {
    std::map<int, int> evaluation_of;
    int step = 0;
    for (const Row& row : rows_) {
      for_each_input(row, [&](int value) {
        if (const auto found = evaluation_of.find(value); found != evaluation_of.end())
          last_step_of_[found->second] = step;
      });
      if (const auto* evaluate = std::get_if<Evaluate>(&row)) {
        last_step_of_.try_emplace(evaluate->evaluation, step);
        evaluation_of[evaluate->out] = evaluate->evaluation;
      }
      step += is_commit(row);
    }
  }

  int store(const LinearForm& form) {
    folded_.push_back(Update{values_, Role::stage, form.terms()});
    return values_++;
  }

  void add(const Evaluate& row) {
    readings_[row.out] = {row.evaluation, row.prediction};
    if (row.evaluation < static_cast<int>(asked_.size())) return;
    Asked asked{row, step_, row.out, values_++};
    Evaluate data = row, epsilon = row;
    data.prediction = Prediction::data;
    epsilon.prediction = Prediction::epsilon;
    epsilon.out = asked.epsilon, epsilon.beside = asked.data;
    folded_.push_back(data);
    folded_.push_back(epsilon);
    // The next step may read it as its own, those after it remember.
    const Level& l = row.level;
    const int own = step_ + (l == intervals_[step_].to);
    if (remembered_ == Remembered::of_epsilon && !l.is_pure_noise() &&
        last_step_of_[row.evaluation] > own)
      asked.remembered = store(1 / l.scale * LinearForm::value(row.in) -
                               l.sigma() * LinearForm::value(asked.epsilon));
    moved_[row.in] = asked.state();
    asked_.push_back(asked);
  }

  /// What a row of this step reads as a value.
  LinearForm meaning(int value) {
    const auto reading = readings_.find(value);
    if (reading == readings_.end()) {
      const auto moved = moved_.find(value);
      return moved == moved_.end() ? LinearForm::value(value) : moved->second;
    }
    const auto [number, wanted] = reading->second;
    const Asked& asked = math::element(asked_, number);
    const bool own = asked.step == step_ || asked.row.level == from();
    if (!own && asked.remembered && wanted == Prediction::data)
      return LinearForm::value(*asked.remembered);
    const PredictionRow row = row_of(wanted, asked.row.level);
    return row.data / row.divisor * LinearForm::value(asked.data) +
           row.epsilon / row.divisor * LinearForm::value(asked.epsilon);
  }

  void add(const Update& update) {
    move_start_by(update);
    LinearForm sum;
    for (const Term& term : update.terms)
      sum = sum + term.weight * (term.operand.is_value() ? meaning(term.operand.index)
                                                         : LinearForm(term.operand));
    std::vector<Term> terms;
    for (const Term& term : sum.terms()) {
      check(std::isfinite(term.weight), "Sampler: a prediction of step ", intervals_[step_].index,
            " is infinite at its level; begin or end a little away from there");
      if (term.weight != 0) terms.push_back(term);
    }
    folded_.push_back(Update{update.out, update.role, std::move(terms)});
    if (update.role != Role::state) return;
    ++step_;
    start_ = update.out;
    moved_.clear();
  }
  void add(const Langevin& row) {
    Langevin folded = row;
    folded.in = store(meaning(row.in));
    folded.score = store(meaning(row.score));
    folded_.push_back(folded);
  }

  /// If a row reads this step's own evaluation of the step before, made at a state that was predicted,
  /// the start moves as that state does.
  void move_start_by(const Update& update) {
    if (moved_.count(start_) > 0) return;
    for (const Term& term : update.terms) {
      const auto reading =
          term.operand.is_value() ? readings_.find(term.operand.index) : readings_.end();
      if (reading == readings_.end()) continue;
      const Asked& asked = math::element(asked_, reading->second.first);
      if (asked.step == step_ || asked.row.level != from()) continue;
      moved_[start_] = LinearForm::value(start_) - LinearForm::value(asked.row.in) + asked.state();
      return;
    }
  }
};

/// Rows for a model that predicts `given`, draws that several of them read made once.
inline std::vector<Row> folded(const Plan& plan, const Output& given) {
  const std::vector<Row> rows = share_draws(plan);
  if (given.gives_both()) return FoldBoth(rows, plan.intervals(), given.remembered()).rows();
  return fold(rows, given);
}

}  // namespace tweedie::lowering
