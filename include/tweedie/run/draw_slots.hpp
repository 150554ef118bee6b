// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <vector>

#include "tweedie/run/program.hpp"

namespace tweedie {

/// Where the draws of a source that fills whole arrays are kept: before an instruction runs, its
/// `fills` are drawn in the order of their numbers, each into a slot that it keeps until its last
/// use. A draw that a later instruction needs, but whose turn comes earlier, is drawn in its turn.
class DrawSlots {
 public:
  struct Fill {
    int draw, slot;
  };

  template <class T>
  explicit DrawSlots(const Program<T>& program)
      : fills_(program.instructions.size()), slots_of_(program.instructions.size()) {
    const auto& instructions = program.instructions;
    const auto draws = static_cast<std::size_t>(program.draws) + 1;
    std::vector<std::size_t> last_use(draws, 0);
    std::vector<int> slot_of(draws, -1);
    std::vector<char> used(draws, false), taken;
    for (std::size_t k = 0; k < instructions.size(); ++k)
      for (const auto& draw : instructions[k].draws) {
        const auto number = static_cast<std::size_t>(draw.number);
        last_use[number] = k, used[number] = true;
      }

    std::size_t next = 1;
    for (std::size_t k = 0; k < instructions.size(); ++k) {
      for (const auto& draw : instructions[k].draws)
        for (; next <= static_cast<std::size_t>(draw.number); ++next) {
          if (!used[next]) continue;
          std::size_t slot = 0;
          while (slot < taken.size() && taken[slot]) ++slot;
          if (slot == taken.size()) taken.push_back(true);
          taken[slot] = true;
          slot_of[next] = static_cast<int>(slot);
          fills_[k].push_back({static_cast<int>(next), slot_of[next]});
        }
      for (const auto& draw : instructions[k].draws) {
        const auto number = static_cast<std::size_t>(draw.number);
        slots_of_[k].push_back(slot_of[number]);
        if (last_use[number] == k) taken[static_cast<std::size_t>(slot_of[number])] = false;
      }
    }
    count_ = static_cast<int>(taken.size());
  }

  int count() const { return count_; }
  const std::vector<Fill>& fills(std::size_t instruction) const { return fills_[instruction]; }
  int slot(std::size_t instruction, std::size_t draw) const { return slots_of_[instruction][draw]; }

 private:
  int count_ = 0;
  std::vector<std::vector<Fill>> fills_;
  std::vector<std::vector<int>> slots_of_;
};

}  // namespace tweedie
