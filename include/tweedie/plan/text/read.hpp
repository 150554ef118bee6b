// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <istream>
#include <string>
#include <utility>
#include <vector>

#include "tweedie/plan/text/version_1.hpp"

namespace tweedie {

namespace plan_text {

/// "= " and a sum of terms; the sign of all but the first stands apart.
inline std::vector<Term> read_sum(Line& line) {
  std::vector<Term> terms;
  line.expect("=");
  do {
    double sign = 1;
    if (!terms.empty()) {
      const std::string word = line.word();
      line.verify(word == "+" || word == "-", "has \"", word, "\" where + or - belongs");
      sign = word == "-" ? -1 : 1;
    }
    const double weight = sign * line.number();
    if (terms.empty() && weight == 0 && line.done()) break;  // a sum of nothing
    terms.push_back({line.operand(), weight});
  } while (!line.done());
  return terms;
}

inline Evaluate read_evaluate(Line& line, int out) {
  Evaluate row{};
  line.expect("="), row.out = out, row.prediction = line.prediction();
  line.expect("("), row.in = line.index_of('r'), line.expect(")");
  row.evaluation = line.after("evaluation").whole();
  row.level = line.level();
  return row;
}

inline Langevin read_langevin(Line& line, int out) {
  return {out,
          line.after("in").index_of('r'),
          line.after("score").index_of('r'),
          line.after("draw").index_of('z'),
          {line.after("snr").finite(), line.after("alpha").finite()}};
}

/// A line of version 2, after its first word. Throws Error if it is damaged.
inline void read_version_2(const std::string& kind, Line& line, Parts& parts) {
  line.expect(":");
  const auto get = [&](auto name, auto& value) { line.after(name).read(value); };
  if (kind == "solver") {
    parts.once(kind, line);
    parts.facts.name = line.rest();
  } else if (kind == "facts") {
    parts.once(kind, line);
    for_each_fact(parts.facts, get);
  } else if (kind == "steps") {
    parts.once(kind, line);
    for_each_count(parts.counts, [&](auto name, auto& value) {
      get(name, value);
      line.verify(int(value) >= 0, "counts below 0");
    });
  } else if (kind == "solve" || kind == "renoise") {
    Interval s;
    s.kind = kind == "solve" ? Interval::Kind::solve : Interval::Kind::renoise;
    s.s_noise = line.after("s_noise").finite();
    line.expect("from"), s.from = line.level();
    line.expect("to"), s.to = line.level();
    parts.intervals.push_back(s);
  } else if (kind == "draw") {
    const int draw = line.index_of('z');
    const ClockSpan span{line.after("from").not_nan(), line.after("to").not_nan()};
    parts.clocks.push_back({draw, span});
  } else {
    const auto role = role_named(kind);
    line.verify(role.has_value() || kind == "evaluate" || kind == "langevin",
                "is of no known kind");
    const int out = line.index_of('r');
    if (kind == "langevin")
      parts.rows.push_back(read_langevin(line, out));
    else if (kind == "evaluate")
      parts.rows.push_back(read_evaluate(line, out));
    else
      parts.rows.push_back(Update{out, *role, read_sum(line)});
  }
}

}  // namespace plan_text

namespace verbs {

/// The plan that text() wrote, of this version of the library or one before. Throws Error with the
/// number of the line that is damaged, or the row if the lines do not make a plan.
inline Plan plan_from(std::istream& in) {
  plan_text::Parts parts;
  int version = 0, number = 0;
  bool ended = false;
  for (std::string text; !ended && std::getline(in, text);) {
    if (text.ends_with('\r')) text.pop_back();
    plan_text::Line line(text, ++number);
    if (version == 0) {
      version = text == "tweedie plan 1" ? 1 : text == "tweedie plan 2" ? 2 : 0;
      line.verify(version > 0,
                  "is neither \"tweedie plan 2\" nor \"tweedie plan 1\", with which a plan begins");
      continue;
    }
    if (line.done() || text[0] == '#') continue;
    const std::string kind = line.word();
    if (kind == "end")
      ended = true;
    else if (version == 1)
      plan_text::read_version_1(kind, line, parts);
    else
      plan_text::read_version_2(kind, line, parts);
    line.verify(line.done(), "has words too many");
  }
  check(ended, "plan: the text ends after line ", number, " without the word end");
  return version == 1 ? std::move(parts).plan({"solver", "part", "draws"})
                      : std::move(parts).plan({"solver", "facts", "steps"});
}

/// The same, for use on a process. Throws Error if a level is not one of it.
inline Plan plan_from(std::istream& in, const AnyProcess& process) {
  const auto near = [](double a, double b) {
    return a == b || (std::isfinite(b) && std::abs(a - b) <= 1e-9 * std::abs(b));
  };
  const auto numbers_of = [](const Level& l) {
    std::vector<double> numbers;
    for_each_number(l, [&](auto, double number) { numbers.push_back(number); });
    return numbers;
  };
  const auto compare = [&](const Level& l) {
    check(std::isfinite(l.t), "plan: a level has t = ", l.t);
    const Level own = process.at(l.t);
    check(std::ranges::equal(numbers_of(l), numbers_of(own), near), "plan: at t = ", l.t,
          " it has sigma = ", l.sigma(), ", this process has ", own.sigma(),
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
