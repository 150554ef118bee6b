// SPDX-License-Identifier: MIT
#pragma once

#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tweedie/plan/plan.hpp"
#include "tweedie/plan/text/line.hpp"

namespace tweedie::plan_text {

/// Calls f(name, fact) for what the facts say but the solver's name. A new fact does not compile
/// before it stands here.
void for_each_fact(auto& facts, auto&& f) {
  auto& [name, order, evaluations, evaluations_to_zero, extra_evaluations, draws, remembers,
         error_order, clock, at_zero, starts_from_noise] = facts;
  f("order", order);
  f("evaluations", evaluations);
  f("evaluations_to_zero", evaluations_to_zero);
  f("extra_evaluations", extra_evaluations);
  f("draws", draws);
  f("remembers", remembers);
  f("error_order", error_order);
  f("clock", clock);
  f("at_zero", at_zero);
  f("starts_from_noise", starts_from_noise);
}

/// What a line of a row that is a sum begins with.
constexpr std::string_view name_of_role(Role role) {
  return role == Role::state ? "state" : role == Role::stage ? "stage" : "error";
}
/// The role of that name; nothing if none has it.
constexpr std::optional<Role> role_named(std::string_view name) {
  for (const Role one : {Role::state, Role::stage, Role::error})
    if (name == name_of_role(one)) return one;
  return std::nullopt;
}

/// How the steps and draws of a plan are counted.
struct Counts {
  int first = 0, of = 0;  ///< the first step's number; the steps of the whole that it is a part of
  int renoises_before = 0;
  bool is_cut = false;
  int draws = 0;  ///< from number 1 on
};
void for_each_count(auto& counts, auto&& f) {
  f("first", counts.first);
  f("of", counts.of);
  f("renoises_before", counts.renoises_before);
  f("is_cut", counts.is_cut);
  f("draws", counts.draws);
}

/// What the lines said so far.
struct Parts {
  Facts facts;
  Counts counts;
  std::vector<Interval> intervals;
  std::vector<std::pair<int, ClockSpan>> clocks;  ///< of the draws that have one
  std::vector<Row> rows;
  std::set<std::string> seen;  ///< the kinds of line that a plan has once

  /// The value that the next row makes.
  int next() const { return static_cast<int>(rows.size()) + 1; }
  void once(const std::string& kind, const Line& line) {
    line.verify(seen.insert(kind).second, "stands twice");
  }

  /// Throws Error if they do not make a plan. Counts are believed here, at the end of a whole text.
  Plan plan(std::initializer_list<std::string_view> needed) && {
    for (const std::string_view kind : needed)
      check(seen.contains(std::string(kind)), "plan: the text lacks its line ", kind);
    const double before = double(counts.first) * facts.draws;
    check(facts.draws >= 0 && before <= Line::most, "plan: a step has ", facts.draws,
          " draws, and the first is number ", counts.first,
          "; they must be at least 0, and their product at most ", Line::most);
    std::vector<std::optional<ClockSpan>> draws(static_cast<std::size_t>(counts.draws));
    for (const auto& [draw, span] : clocks) {
      check(draw >= 1 && draw <= counts.draws, "plan: draw ", draw, " has a clock, but there are ",
            counts.draws, " draws");
      math::element(draws, draw - 1) = span;
    }
    Intervals all = Intervals(std::move(intervals))
                        .as_part_of(counts.first, counts.of, counts.renoises_before, counts.is_cut);
    return Plan(std::move(facts), std::move(all), std::move(rows), std::move(draws));
  }
};

}  // namespace tweedie::plan_text
