// SPDX-License-Identifier: MIT
#pragma once

#include <utility>
#include <vector>

#include "tweedie/plan/plan.hpp"

namespace tweedie::lowering {

/// The same rows, in which a draw that several of them read is stored by a row of its own, so that
/// it is made once.
inline std::vector<Row> share_draws(const Plan& plan) {
  math::ByIndex<int> readers(plan.draw_count() + 1), stored(plan.draw_count() + 1, -1);
  for (const Row& row : plan.rows()) for_each_draw(row, [&](int draw) { ++readers[draw]; });
  std::vector<Row> rows;
  rows.reserve(plan.rows().size());
  int values = plan.value_count();
  for (const Row& row : plan.rows()) {
    const auto* update = std::get_if<Update>(&row);
    if (!update) {
      rows.push_back(row);
      continue;
    }
    Update shared = *update;
    for (Term& term : shared.terms) {
      if (term.operand.is_value() || readers[term.operand.index] < 2) continue;
      int& value = stored[term.operand.index];
      if (value < 0) {
        value = values++;
        rows.push_back(Update{value, Role::stage, {{term.operand, 1}}});
      }
      term.operand = {Operand::Kind::value, value};
    }
    rows.push_back(std::move(shared));
  }
  return rows;
}

}  // namespace tweedie::lowering
