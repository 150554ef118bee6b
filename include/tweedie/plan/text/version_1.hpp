// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <string>
#include <utility>

#include "tweedie/plan/text/parts.hpp"

namespace tweedie::plan_text {

// The lines of version 1 are numbers without names, by their places.

inline Level level_by_places(Line& line) {
  Level level;
  for_each_number(level, [&](auto, double& number) { line.read(number); });
  return level;
}

/// A line of version 1, after its first word. Throws Error if it is damaged.
inline void read_version_1(const std::string& kind, Line& line, Parts& parts) {
  if (kind == "solver") {
    parts.once(kind, line);
    Facts& facts = parts.facts;
    for (int* number : {&facts.order, &facts.evaluations, &facts.evaluations_to_zero,
                        &facts.extra_evaluations, &facts.draws, &facts.remembers})
      line.read(*number);
    line.read(facts.clock);
    const int rule = line.whole();
    line.verify(rule < 3, "has no known rule at sigma = 0");
    facts.at_zero = rule == 0 ? AtZero::data : rule == 1 ? AtZero::predicted_data : AtZero::own;
    facts.starts_from_noise = line.whole() != 0;
    facts.name = line.rest();
  } else if (kind == "part") {
    parts.once(kind, line);
    for (int* number : {&parts.counts.first, &parts.counts.of, &parts.counts.renoises_before})
      *number = line.whole();
    parts.counts.is_cut = line.whole() != 0;
  } else if (kind == "draws") {
    parts.once(kind, line);
    parts.counts.draws = line.whole();
  } else if (kind == "solve" || kind == "renoise") {
    Interval s;
    s.kind = kind == "solve" ? Interval::Kind::solve : Interval::Kind::renoise;
    s.s_noise = line.finite(), s.from = level_by_places(line), s.to = level_by_places(line);
    parts.intervals.push_back(s);
  } else if (kind == "draw") {
    const int draw = line.whole();
    const ClockSpan span{line.not_nan(), line.not_nan()};
    parts.clocks.push_back({draw, span});
  } else if (kind == "evaluate") {
    Evaluate row{};
    row.out = parts.next(), row.prediction = line.prediction();
    row.in = line.whole(), row.evaluation = line.whole();
    row.level = level_by_places(line);
    parts.rows.push_back(row);
  } else if (kind == "langevin") {
    Langevin row{};
    row.out = parts.next();
    row.in = line.whole(), row.score = line.whole(), row.draw = line.whole();
    row.options = {line.finite(), line.finite()};
    parts.rows.push_back(row);
  } else {
    line.verify(kind == "commit" || kind == "stage" || kind == "error", "is of no known kind");
    const Role role = kind == "commit" ? Role::state : kind == "stage" ? Role::stage : Role::error;
    Update update{parts.next(), role, {}};
    while (!line.done()) {
      const double weight = line.number();
      update.terms.push_back({line.operand(), weight});
    }
    parts.rows.push_back(std::move(update));
  }
}

}  // namespace tweedie::plan_text
