// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdlib>
#include <istream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tweedie/plan/plan.hpp"

namespace tweedie {

/// The words of a line, read one by one; an Error names the line.
class PlanLine {
 public:
  PlanLine(std::string line, int number) : line_(std::move(line)), number_(number) {}

  bool done() const { return line_.find_first_not_of(' ', at_) == std::string::npos; }
  std::string word() {
    const std::size_t begin = line_.find_first_not_of(' ', at_);
    verify(begin != std::string::npos, "ends too early");
    at_ = std::min(line_.find(' ', begin), line_.size());
    return line_.substr(begin, at_ - begin);
  }
  std::string rest() {
    const std::size_t begin = std::min(line_.find_first_not_of(' ', at_), line_.size());
    at_ = line_.size();
    return line_.substr(begin);
  }
  double number() { return number_of(word()); }
  int whole() {
    const double value = number();
    verify(value >= 0 && value <= 1e9 && value == static_cast<int>(value), "has no whole number");
    return static_cast<int>(value);
  }
  double number_of(const std::string& text) const {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    verify(end == text.c_str() + text.size() && !text.empty(), "has no number where one belongs");
    return value;
  }
  Level level() {
    Level l;
    for (double* one : {&l.t, &l.scale, &l.std, &l.scale_rate, &l.std_rate, &l.g2}) *one = number();
    return l;
  }
  void verify(bool right, const char* what) const {
    check(right, "plan: line ", number_, " ", what, ": \"", line_.substr(0, 60), "\"");
  }

 private:
  std::string line_;
  int number_;
  std::size_t at_ = 0;
};

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

/// The plan that text() wrote. Throws Error with the number of the line that is damaged.
inline Plan plan_from(std::istream& in) {
  Facts facts;
  std::vector<Interval> intervals;
  std::vector<std::optional<ClockSpan>> draws;
  std::vector<std::pair<int, ClockSpan>> spans;
  std::vector<Row> rows;
  bool started = false, ended = false;
  int number = 0, made = 0, first = 0, count = 0, renoises = 0, is_cut = 0;
  for (std::string text; !ended && std::getline(in, text);) {
    PlanLine line(text, ++number);
    if (!started) {
      line.verify(text == "tweedie plan 1", "is not \"tweedie plan 1\", with which a plan begins");
      started = true;
      continue;
    }
    if (line.done() || text[0] == '#') continue;
    const std::string kind = line.word();
    if (kind == "end") {
      ended = true;
    } else if (kind == "solver") {
      facts.order = line.whole(), facts.evaluations = line.whole();
      facts.evaluations_to_zero = line.whole(), facts.extra_evaluations = line.whole();
      facts.draws = line.whole(), facts.remembers = line.whole();
      facts.clock = line.word() == "time" ? Clock::time : Clock::sigma;
      facts.at_zero = static_cast<AtZero>(line.whole());
      facts.starts_from_noise = line.whole() != 0;
      facts.name = line.rest();
    } else if (kind == "part") {
      first = line.whole(), count = line.whole();
      renoises = line.whole(), is_cut = line.whole();
    } else if (kind == "solve" || kind == "renoise") {
      Interval s;
      s.kind = kind == "solve" ? Interval::Kind::solve : Interval::Kind::renoise;
      s.s_noise = line.number(), s.from = line.level(), s.to = line.level();
      intervals.push_back(s);
    } else if (kind == "draw") {
      const int draw = line.whole();
      const double from = line.number();
      spans.push_back({draw, {from, line.number()}});
    } else if (kind == "draws") {
      draws.resize(static_cast<std::size_t>(line.whole()));
    } else if (kind == "evaluate") {
      const Prediction prediction = prediction_of(line);
      const int input = line.whole(), evaluation = line.whole();
      rows.push_back(Evaluate{++made, input, prediction, line.level(), evaluation});
    } else if (kind == "langevin") {
      const int input = line.whole(), score = line.whole(), draw = line.whole();
      const double snr = line.number();
      rows.push_back(Langevin{++made, input, score, draw, {snr, line.number()}});
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
        line.verify(index >= 0 && index < 1e9, "has an operand without a number");
        update.terms.push_back({{operand[0] == 'z' ? Operand::Kind::draw : Operand::Kind::value,
                                 static_cast<int>(index)},
                                weight});
      }
      rows.push_back(std::move(update));
    }
    if (kind != "solver") line.verify(line.done(), "has words too many");
  }
  check(ended, "plan: the text ends after line ", number, " without the word end");
  for (const auto& [draw, span] : spans) {
    check(draw >= 1 && draw <= static_cast<int>(draws.size()), "plan: draw ", draw,
          " has a clock, but there are ", draws.size(), " draws");
    draws[static_cast<std::size_t>(draw - 1)] = span;
  }
  return Plan(std::move(facts),
              Intervals(std::move(intervals)).as_part_of(first, count, renoises, is_cut != 0),
              std::move(rows), std::move(draws));
}

}  // namespace verbs

}  // namespace tweedie
