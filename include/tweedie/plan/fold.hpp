// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "tweedie/model/output.hpp"
#include "tweedie/plan/share.hpp"

namespace tweedie::lowering {

/// One more than the largest number of a value in the rows.
inline int value_count(const std::vector<Row>& rows) {
  int count = 1;
  for (const Row& row : rows) count = std::max(count, output(row) + 1);
  return count;
}

/// For every value of the rows, the index of the last row that reads it, or of the row that makes
/// it if none does.
inline math::ByIndex<int> last_uses(const std::vector<Row>& rows) {
  math::ByIndex<int> last(value_count(rows), -1);
  for (int k = 0; const Row& row : rows) {
    last[output(row)] = k;
    for_each_input(row, [&](int value) { last[value] = k; });
    ++k;
  }
  return last;
}

/// An evaluation of a network by its own output.
inline Evaluate asked_of(Evaluate evaluate, int in, const Output& given) {
  evaluate.in = in;
  if (given.prediction())
    evaluate.prediction = *given.prediction();
  else
    evaluate.of_network = given.row(evaluate.level);
  return evaluate;
}

/// Rows for a model that predicts `given`: every evaluation asks for that, once, and the conversion
/// to what the solver wanted of it goes into the coefficients of the rows that read it. Where that
/// would keep the evaluation's input alive through another evaluation, or the reader is not an
/// update, the conversion is a row of its own.
inline std::vector<Row> fold(const std::vector<Row>& rows, const Output& given) {
  const int count = static_cast<int>(rows.size());
  int values = value_count(rows);
  const math::ByIndex<int> last = last_uses(rows);

  math::ByIndex<char> read_by_update_only(values, true);
  math::ByIndex<int> next_evaluation(count);
  // The row that makes an evaluation, and how long two readings of it are needed side by side:
  // then its input and the model's output may as well be.
  math::ByIndex<int> made_by, both_until;
  for (int k = 0; k < count; ++k)
    if (const auto* evaluate = std::get_if<Evaluate>(&math::element(rows, k))) {
      const int until = last[evaluate->out];
      if (evaluate->evaluation == made_by.size()) {
        made_by.push_back(k);
        both_until.push_back(-1);
      } else {
        const int other = last[output(math::element(rows, made_by[evaluate->evaluation]))];
        both_until[evaluate->evaluation] = std::min(until, other);
      }
    }
  for (int k = count - 1, next = count; k >= 0; --k) {
    const Row& row = math::element(rows, k);
    next_evaluation[k] = next;
    const auto* evaluate = std::get_if<Evaluate>(&row);
    if (evaluate && made_by[evaluate->evaluation] == k) next = k;
    if (!std::holds_alternative<Update>(row))
      for_each_input(row, [&](int value) { read_by_update_only[value] = false; });
  }

  math::ByIndex<LinearForm> meaning;  // of every value of the rows, in those of the folded rows
  for (int value = 0; value < values; ++value) meaning.push_back(LinearForm::value(value));
  const auto index_of = [&](int value) { return meaning[value].terms()[0].operand.index; };

  std::vector<Row> folded;
  for (int k = 0; k < count; ++k) {
    const Row& row = math::element(rows, k);
    if (const auto* evaluate = std::get_if<Evaluate>(&row)) {
      const int in = index_of(evaluate->in), out = evaluate->out;
      const int raw = output(math::element(rows, made_by[evaluate->evaluation]));
      if (raw == out) folded.push_back(asked_of(*evaluate, in, given));
      const Conversion c = conversion(evaluate->prediction, given, evaluate->level);
      const LinearForm converted =
          c.state * LinearForm::value(in) + c.output * LinearForm::value(raw);
      const bool input_is_there =
          c.state == 0 || last[out] <= std::max({last[evaluate->in], next_evaluation[k],
                                                 both_until[evaluate->evaluation]});
      if (input_is_there && read_by_update_only[out]) {
        meaning[out] = converted;
      } else {
        folded.push_back(Update{values, Role::stage, converted.terms()});
        meaning[out] = LinearForm::value(values++);
      }
    } else if (const auto* update = std::get_if<Update>(&row)) {
      LinearForm sum, size;  // size: the same without signs
      for (const Term& term : update->terms) {
        const LinearForm form =
            term.operand.is_value() ? meaning[term.operand.index] : LinearForm(term.operand);
        sum = std::move(sum) + term.weight * form;
        for (const Term& part : form.terms())
          size = std::move(size) + std::abs(term.weight * part.weight) * LinearForm(part.operand);
      }
      std::vector<Term> terms;  // but for what cancels down to its rounding
      terms.reserve(sum.terms().size());
      for (std::size_t j = 0; j < sum.terms().size(); ++j)
        if (std::abs(sum.terms()[j].weight) > 1e-15 * size.terms()[j].weight)
          terms.push_back(sum.terms()[j]);
      folded.push_back(Update{update->out, update->role, std::move(terms)});
    } else {
      Langevin langevin = std::get<Langevin>(row);
      langevin.in = index_of(langevin.in);
      langevin.score = index_of(langevin.score);
      folded.push_back(langevin);
    }
  }
  return folded;
}

}  // namespace tweedie::lowering
