// SPDX-License-Identifier: MIT
// What a plan says of its solver, counted over its rows.
#pragma once

#include <algorithm>
#include <set>
#include <variant>

#include <tweedie/plan/plan.hpp>

/// The draws that some row uses.
inline std::set<int> draws_of(const tweedie::Plan& plan) {
  std::set<int> used;
  for (const tweedie::Row& row : plan.rows())
    tweedie::for_each_draw(row, [&](int draw) { used.insert(draw); });
  return used;
}

/// The most evaluations of earlier steps that one step uses, of all steps or from one on.
inline int remembered(const tweedie::Plan& plan, int first = 0) {
  std::set<int> earlier, now, used;  // values that are not states: evaluations, or made of one
  int most = 0, step = 0;
  for (const tweedie::Row& row : plan.rows()) {
    if (!tweedie::is_commit(row)) now.insert(tweedie::output(row));
    tweedie::for_each_input(row, [&](int value) {
      if (earlier.count(value)) used.insert(value);
    });
    if (!tweedie::is_commit(row)) continue;
    if (step++ >= first) most = std::max(most, static_cast<int>(used.size()));
    earlier.merge(now);
    used.clear();
  }
  return most;
}
