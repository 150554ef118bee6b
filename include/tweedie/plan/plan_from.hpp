// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <istream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tweedie/plan/plan.hpp"
#include "tweedie/plan/plan_line.hpp"

namespace tweedie {

namespace verbs {

/// A prediction by its name.
inline Prediction prediction_of(PlanLine& line) {
  const std::string name = line.word();
  for (const Prediction one : {Prediction::epsilon, Prediction::data, Prediction::score,
                               Prediction::v, Prediction::velocity})
    if (name == name_of(one)) return one;
  line.verify(false, "asks for no prediction");
  return {};
}

/// The plan that text() wrote. Throws Error with the number of the line that is damaged, or the row
/// if the lines do not make a plan.
inline Plan plan_from(std::istream& in) {
  Facts facts;
  std::vector<Interval> intervals;
  std::vector<std::optional<ClockSpan>> draws;
  std::vector<std::pair<int, ClockSpan>> spans;
  std::vector<Row> rows;
  bool started = false, ended = false;
  int number = 0, made = 0, first = 0, count = 0, renoises = 0, is_cut = 0;
  std::string seen;  // the kinds of line that a plan has once
  for (std::string text; !ended && std::getline(in, text);) {
    if (text.ends_with('\r')) text.pop_back();
    PlanLine line(text, ++number);
    if (!started) {
      line.verify(text == "tweedie plan 1", "is not \"tweedie plan 1\", with which a plan begins");
      started = true;
      continue;
    }
    if (line.done() || text[0] == '#') continue;
    const std::string kind = line.word();
    if (kind == "solver" || kind == "part" || kind == "draws") {
      line.verify(seen.find(" " + kind + ";") == std::string::npos, "stands twice");
      seen += " " + kind + ";";
    }
    if (kind == "end") {
      ended = true;
    } else if (kind == "solver") {
      facts.order = line.whole(), facts.evaluations = line.whole();
      facts.evaluations_to_zero = line.whole(), facts.extra_evaluations = line.whole();
      facts.draws = line.whole(), facts.remembers = line.whole();
      const std::string clock = line.word();
      line.verify(clock == "time" || clock == "sigma",
                  "has a clock that is neither time nor sigma");
      facts.clock = clock == "time" ? Clock::time : Clock::sigma;
      const int at_zero = line.whole();
      line.verify(at_zero <= static_cast<int>(AtZero::own), "has no known rule at sigma = 0");
      facts.at_zero = static_cast<AtZero>(at_zero);
      facts.starts_from_noise = line.whole() != 0;
      facts.name = line.rest();
    } else if (kind == "part") {
      first = line.whole(), count = line.whole();
      renoises = line.whole(), is_cut = line.whole();
    } else if (kind == "solve" || kind == "renoise") {
      Interval s;
      s.kind = kind == "solve" ? Interval::Kind::solve : Interval::Kind::renoise;
      s.s_noise = line.finite(), s.from = line.level(), s.to = line.level();
      intervals.push_back(s);
    } else if (kind == "draw") {
      const int draw = line.whole();
      const double from = line.number(), to = line.number();
      line.verify(!std::isnan(from) && !std::isnan(to), "has a clock that is no number");
      spans.push_back({draw, {from, to}});
    } else if (kind == "draws") {
      draws.resize(static_cast<std::size_t>(line.whole()));
    } else if (kind == "evaluate") {
      const Prediction prediction = prediction_of(line);
      const int input = line.whole(), evaluation = line.whole();
      rows.push_back(Evaluate{++made, input, prediction, line.level(), evaluation});
    } else if (kind == "langevin") {
      const int input = line.whole(), score = line.whole(), draw = line.whole();
      const double snr = line.finite();
      rows.push_back(Langevin{++made, input, score, draw, {snr, line.finite()}});
    } else {
      line.verify(kind == "commit" || kind == "stage" || kind == "error", "is of no known kind");
      Update update{++made,
                    kind == "commit"  ? Role::state
                    : kind == "stage" ? Role::stage
                                      : Role::error,
                    {}};
      while (!line.done()) {
        const double weight = line.number();
        const std::string operand = line.word();
        line.verify(operand.size() > 1 && (operand[0] == 'r' || operand[0] == 'z'),
                    "has a term that is neither a value r nor a draw z");
        const double index = line.number_of(operand.substr(1));
        line.verify(index >= 0 && index <= PlanLine::most && index == static_cast<int>(index),
                    "has an operand without a number");
        update.terms.push_back({{operand[0] == 'z' ? Operand::Kind::draw : Operand::Kind::value,
                                 static_cast<int>(index)},
                                weight});
      }
      rows.push_back(std::move(update));
    }
    if (kind != "solver") line.verify(line.done(), "has words too many");
  }
  check(ended, "plan: the text ends after line ", number, " without the word end");
  check(seen.find("solver") != std::string::npos && seen.find("part") != std::string::npos &&
            seen.find("draws") != std::string::npos,
        "plan: the text lacks its line solver, part or draws");
  for (const auto& [draw, span] : spans) {
    check(draw >= 1 && draw <= static_cast<int>(draws.size()), "plan: draw ", draw,
          " has a clock, but there are ", draws.size(), " draws");
    draws[static_cast<std::size_t>(draw - 1)] = span;
  }
  return Plan(std::move(facts),
              Intervals(std::move(intervals)).as_part_of(first, count, renoises, is_cut != 0),
              std::move(rows), std::move(draws));
}

/// The same, for use on a process. Throws Error if a level is not one of it.
inline Plan plan_from(std::istream& in, const AnyProcess& process) {
  const auto near = [](double a, double b) {
    return a == b || std::abs(a - b) <= 1e-9 * std::abs(b);
  };
  const auto compare = [&](const Level& l) {
    check(std::isfinite(l.t), "plan: a level has t = ", l.t);
    const Level own = process.at(l.t);
    check(near(l.scale, own.scale) && near(l.std, own.std) && near(l.scale_rate, own.scale_rate) &&
              near(l.std_rate, own.std_rate) && near(l.g2, own.g2),
          "plan: at t = ", l.t, " it has sigma = ", l.sigma(), ", this process has ", own.sigma(),
          " there, or other rates; load it with the process that it was made on");
  };
  Plan plan = plan_from(in);
  for (const Interval& s : plan.intervals()) compare(s.from), compare(s.to);
  for (const Row& row : plan.rows())
    if (const auto* e = std::get_if<Evaluate>(&row)) compare(e->level);
  return plan;
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
