// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "tweedie/plan/text/parts.hpp"

namespace tweedie {

namespace plan_text {

/// "1 r0 - 0.5 r1 + 0.1 z1".
inline std::string sum(const std::vector<Term>& terms) {
  std::string text;
  for (const Term& term : terms) {
    const bool minus = !text.empty() && std::signbit(term.weight);
    text += text.empty() ? "" : minus ? " - " : " + ";
    text += written(minus ? -term.weight : term.weight) + " " + to_string(term.operand);
  }
  return text.empty() ? "0" : text;
}

inline std::string row(const Evaluate& r) {
  return sentence({"evaluate: r", r.out, " = ", name_of(r.prediction), "(r", r.in, ")"}) + " " +
         field("evaluation", r.evaluation) + " " + fields(r.level);
}
inline std::string row(const Update& r) {
  return sentence({name_of_role(r.role), ": r", r.out, " = ", sum(r.terms)});
}
inline std::string row(const Langevin& r) {
  return sentence({"langevin: r", r.out, "  in = r", r.in, "  score = r", r.score, "  draw = z",
                   r.draw, " "}) +
         field("snr", r.options.snr) + " " + field("alpha", r.options.alpha);
}

/// Lines with a mark before each.
inline std::string remarks(std::string_view text) {
  std::string lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines += "# " + std::string(text.substr(begin, end - begin)) + "\n";
    begin = end + 1;
  }
  return lines;
}

}  // namespace plan_text

namespace verbs {

/// The plan as text, with a remark of any number of lines: exact to the bit, the same in every
/// locale. The first line is "tweedie plan 2"; lines that begin with # are remarks. There is a line
/// for the solver's name, one for its facts and one that counts the steps and draws; one for each
/// interval with the numbers of both levels, one for each draw that has a clock, one for each row;
/// and "end". What stands in a line has a name, and its place.
inline std::string text(const Plan& plan, std::string_view remark = {}) {
  using plan_text::field, plan_text::fields;
  std::string name = plan.solver();
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  const Intervals& all = plan.intervals();
  const plan_text::Counts counts{all.front().index, all.front().count, all.renoises_before(),
                                 all.is_cut(), plan.draw_count()};
  std::string out =
      "tweedie plan 2\n" + plan_text::remarks(remark) + "solver: " + name +
      "\nfacts:" + fields([&](auto&& f) { plan_text::for_each_fact(plan.facts(), f); }) +
      "\nsteps:" + fields([&](auto&& f) { plan_text::for_each_count(counts, f); }) + "\n";
  for (const Interval& s : all)
    out += std::string(s.renoises() ? "renoise:" : "solve:") + field("s_noise", s.s_noise) +
           "  from" + fields(s.from) + "  to" + fields(s.to) + "\n";
  for (int number = 1; number <= plan.draw_count(); ++number)
    if (const auto& span = plan.clock_of_draw(number))
      out += sentence({"draw: z", number, " "}) + field("from", span->from) + " " +
             field("to", span->to) + "\n";
  for (const Row& one : plan.rows())
    out += std::visit([](const auto& row) { return plan_text::row(row); }, one) + "\n";
  return out + "end\n";
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
