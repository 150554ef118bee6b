// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <map>
#include <set>
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

  DrawSlots() = default;
  template <class T>
  explicit DrawSlots(const std::vector<Instruction<T>>& instructions)
      : fills_(instructions.size()), slots_of_(instructions.size()) {
    std::map<int, std::size_t> last_use;
    for (std::size_t k = 0; k < instructions.size(); ++k)
      for (const auto& draw : instructions[k].draws) last_use[draw.number] = k;

    std::map<int, int> slot_of;
    std::vector<bool> taken;
    int next = 1;
    for (std::size_t k = 0; k < instructions.size(); ++k) {
      for (const auto& draw : instructions[k].draws)
        for (; next <= draw.number; ++next) {
          if (!last_use.contains(next)) continue;
          auto slot = std::find(taken.begin(), taken.end(), false);
          if (slot == taken.end()) slot = taken.insert(slot, false);
          *slot = true;
          slot_of[next] = static_cast<int>(slot - taken.begin());
          fills_[k].push_back({next, slot_of[next]});
        }
      for (const auto& draw : instructions[k].draws) {
        slots_of_[k].push_back(slot_of.at(draw.number));
        if (last_use[draw.number] == k)
          taken[static_cast<std::size_t>(slot_of[draw.number])] = false;
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
