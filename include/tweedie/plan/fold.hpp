// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <limits>
#include <vector>

#include "tweedie/plan/plan.hpp"

namespace tweedie {

/// For every value of the rows, the index of the last row that reads it, or of the row that makes
/// it if none does.
inline std::vector<int> last_uses(const std::vector<Row>& rows, int values) {
  std::vector<int> last(static_cast<std::size_t>(values), -1);
  for (int k = 0; k < static_cast<int>(rows.size()); ++k) {
    const Row& row = rows[static_cast<std::size_t>(k)];
    last[static_cast<std::size_t>(out_of(row))] = k;
    for_each_input(row, [&](int value) { last[static_cast<std::size_t>(value)] = k; });
  }
  return last;
}

/// The rows of a plan for a model that predicts `given`: every evaluation asks for that, and the
/// conversion to what the solver wanted goes into the coefficients of the rows that read it. Where
/// that would keep the evaluation's input alive through another evaluation, or the reader is not an
/// update, the conversion is a row of its own. Throws Error where it cannot be had.
inline std::vector<Row> fold(const Plan& plan, Prediction given) {
  const std::vector<Row>& rows = plan.rows();
  const int count = static_cast<int>(rows.size());
  const std::vector<int> last = last_uses(rows, plan.values());

  std::vector<bool> read_by_update_only(static_cast<std::size_t>(plan.values()), true);
  for (const Row& row : rows)
    if (!std::holds_alternative<Update>(row))
      for_each_input(
          row, [&](int value) { read_by_update_only[static_cast<std::size_t>(value)] = false; });
  std::vector<int> next_evaluation(static_cast<std::size_t>(count));
  for (int k = count - 1, next = count; k >= 0; --k) {
    next_evaluation[static_cast<std::size_t>(k)] = next;
    if (std::holds_alternative<Evaluate>(rows[static_cast<std::size_t>(k)])) next = k;
  }

  int values = plan.values();
  std::vector<LinearForm> meaning;  // of every value of the plan, in the values of the folded rows
  const auto itself = [](int value) { return LinearForm({Operand::Kind::value, value}); };
  for (int value = 0; value < values; ++value) meaning.push_back(itself(value));
  const auto meant = [&](int value) -> LinearForm& {
    return meaning[static_cast<std::size_t>(value)];
  };
  const auto index_of = [&](int value) { return meant(value).terms()[0].operand.index; };

  std::vector<Row> folded;
  for (int k = 0; k < count; ++k) {
    const Row& row = rows[static_cast<std::size_t>(k)];
    if (const auto* evaluate = std::get_if<Evaluate>(&row)) {
      const auto& [out, wanted_in, wanted, at] = *evaluate;
      const int in = index_of(wanted_in);
      folded.push_back(Evaluate{out, in, given, at});
      if (wanted == given) continue;
      const Conversion c = conversion(wanted, given, at);
      check(c.finite(), name(wanted), " cannot be had from a model that predicts ", name(given),
            " at t = ", at.t, " (scale ", at.scale, ", std ", at.std, ")");
      const LinearForm converted = c.state * itself(in) + c.output * itself(out);
      const int end = last[static_cast<std::size_t>(out)];
      const bool input_is_there =
          c.state == 0 || end <= std::max(last[static_cast<std::size_t>(wanted_in)],
                                          next_evaluation[static_cast<std::size_t>(k)]);
      if (input_is_there && read_by_update_only[static_cast<std::size_t>(out)]) {
        meant(out) = converted;
      } else {
        folded.push_back(Update{values, Role::keep, converted.terms()});
        meant(out) = itself(values++);
      }
    } else if (const auto* update = std::get_if<Update>(&row)) {
      LinearForm form;
      for (const Term& term : update->terms)
        form = form + term.weight * (term.operand.kind == Operand::Kind::value
                                         ? meant(term.operand.index)
                                         : LinearForm(term.operand));
      std::vector<Term> terms = form.terms();
      std::erase_if(terms, [](const Term& term) { return term.weight == 0; });
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

}  // namespace tweedie
