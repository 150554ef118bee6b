// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>

#include "tweedie/plan/plan.hpp"

namespace tweedie {

// A plan as text and back, exact to the bit. The first line is "tweedie plan 1"; lines that begin
// with # are remarks; then one line for what the facts say, one for the numbers of its steps, one for
// each interval with both levels, one for each draw that has a clock and one for each row, and "end".

namespace verbs {

/// A number with all its bits, infinities and NaN too.
inline std::string exact_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.17g", value);
  return text;
}
inline std::string exact_text(const Level& l) {
  std::string text;
  for (const double one : {l.t, l.scale, l.std, l.scale_rate, l.std_rate, l.g2})
    text += " " + exact_text(one);
  return text;
}

/// The plan as text, with a remark.
inline std::string text(const Plan& plan, std::string_view remark = {}) {
  std::string out = "tweedie plan 1\n";
  for (std::size_t begin = 0; begin < remark.size();) {
    const std::size_t end = std::min(remark.find('\n', begin), remark.size());
    out += "# " + std::string(remark.substr(begin, end - begin)) + "\n";
    begin = end + 1;
  }
  const Facts& f = plan.facts();
  out += sentence({"solver ", f.order,
                   " ",       f.evaluations,
                   " ",       f.evaluations_to_zero,
                   " ",       f.extra_evaluations,
                   " ",       f.draws,
                   " ",       f.remembers,
                   " ",       f.clock == Clock::time ? "time" : "sigma",
                   " ",       static_cast<int>(f.at_zero),
                   " ",       f.starts_from_noise ? 1 : 0,
                   " ",       f.name,
                   "\n"});
  const Intervals& all = plan.intervals();
  out += sentence({"part ", all.front().index, " ", all.front().count, " ", all.renoises_before(),
                   " ", all.is_cut() ? 1 : 0, "\n"});
  for (const Interval& s : all)
    out += std::string(s.renoises() ? "renoise " : "solve ") + exact_text(s.s_noise) +
           exact_text(s.from) + exact_text(s.to) + "\n";
  for (int number = 1; number <= plan.draw_count(); ++number)
    if (const auto& span = plan.clock_of_draw(number))
      out += sentence({"draw ", number}) + " " + exact_text(span->from) + " " +
             exact_text(span->to) + "\n";
  out += sentence({"draws ", plan.draw_count(), "\n"});
  for (const Row& row : plan.rows()) {
    if (const auto* e = std::get_if<Evaluate>(&row)) {
      out += sentence({"evaluate ", name_of(e->prediction), " ", e->in, " ", e->evaluation}) +
             exact_text(e->level) + "\n";
    } else if (const auto* l = std::get_if<Langevin>(&row)) {
      out += sentence({"langevin ", l->in, " ", l->score, " ", l->draw}) + " " +
             exact_text(l->options.snr) + " " + exact_text(l->options.alpha) + "\n";
    } else {
      const auto& update = std::get<Update>(row);
      out += update.role == Role::state ? "commit" : update.role == Role::stage ? "stage" : "error";
      for (const Term& term : update.terms)
        out += std::string(" ") + exact_text(term.weight) + " " +
               (term.operand.is_draw() ? "z" : "r") + std::to_string(term.operand.index);
      out += "\n";
    }
  }
  return out + "end\n";
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
