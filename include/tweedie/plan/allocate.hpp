// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <vector>

#include "tweedie/plan/fold.hpp"

namespace tweedie::lowering {

/// Which buffer holds which value. Buffer 0 is the caller's own state: it holds r0 at the start and
/// the last committed state at the end; in between a state may live elsewhere. An error estimate,
/// which is read after the run, keeps its buffer.
struct Allocation {
  math::ByIndex<int> buffer_of;  ///< by value; -1 for a number that no row makes
  int buffers = 1;
};

/// Buffers by last use. An update or a Langevin row may write over an operand that it reads last,
/// since it works element by element; a model writes into a buffer of its own.
inline Allocation allocate(const std::vector<Row>& rows) {
  math::ByIndex<int> last = last_uses(rows);
  const auto final_commit = std::find_if(rows.rbegin(), rows.rend(), is_commit);
  const int final_value = final_commit == rows.rend() ? 0 : output(*final_commit);
  const int after_the_run = static_cast<int>(rows.size());
  last[final_value] = after_the_run;
  for (const Row& row : rows)
    if (role_of(row) == Role::error) last[output(row)] = after_the_run;

  Allocation result{math::ByIndex<int>(last.size(), -1), 1};
  result.buffer_of[0] = 0;
  math::ByIndex<char> taken;
  taken.push_back(last[0] >= 0);  // a run may start from draws alone
  const auto release = [&](int value) { taken[result.buffer_of[value]] = false; };
  for (int k = 0; const Row& row : rows) {
    const auto release_inputs = [&] {
      for_each_input(row, [&](int value) {
        if (last[value] == k) release(value);
      });
    };
    const bool over_its_inputs = !std::holds_alternative<Evaluate>(row);
    if (over_its_inputs) release_inputs();
    const int out = output(row);
    // A new state goes home if that is free; other values do so only if nothing else is.
    int free = out == final_value || is_commit(row) ? 0 : 1;
    while (free < taken.size() && taken[free]) ++free;
    if (free == taken.size() && !taken[0] && role_of(row) != Role::error) free = 0;
    if (free == taken.size()) taken.push_back(true);
    taken[free] = true;
    result.buffer_of[out] = free;
    if (!over_its_inputs) release_inputs();
    if (last[out] == k) release(out);
    ++k;
  }
  result.buffers = taken.size();
  return result;
}

}  // namespace tweedie::lowering
