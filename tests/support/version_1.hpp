// SPDX-License-Identifier: MIT
#pragma once

#include <cstdio>
#include <string>
#include <variant>

#include <tweedie/plan/plan.hpp>

/// A plan as version 1 of the text had it: numbers by their places, and "%.17g" in the C locale.
/// Kept so that every plan can be read from it; files of that version are in tests/data.
inline std::string version_1(const tweedie::Plan& plan) {
  namespace tw = tweedie;
  std::string out = "tweedie plan 1\n";
  const auto put = [&](double value) {
    char text[32];
    std::snprintf(text, sizeof text, " %.17g", value);
    out += text;
  };
  const auto put_level = [&](const tw::Level& l) {
    for (const double one : {l.t, l.scale, l.std, l.scale_rate, l.std_rate, l.g2}) put(one);
  };
  const tw::Facts& f = plan.facts();
  out += "solver";
  for (const int one :
       {f.order, f.evaluations, f.evaluations_to_zero, f.extra_evaluations, f.draws, f.remembers})
    put(one);
  out += f.clock == tw::Clock::time ? " time" : " sigma";
  put(f.at_zero == tw::AtZero::data ? 0 : f.at_zero == tw::AtZero::predicted_data ? 1 : 2);
  put(f.starts_from_noise);
  out += " " + f.name + "\npart";
  const tw::Intervals& all = plan.intervals();
  put(all.front().index), put(all.front().count), put(all.renoises_before()), put(all.is_cut());
  out += "\n";
  for (const tw::Interval& s : all) {
    out += s.renoises() ? "renoise" : "solve";
    put(s.s_noise), put_level(s.from), put_level(s.to);
    out += "\n";
  }
  for (int number = 1; number <= plan.draw_count(); ++number)
    if (const auto& span = plan.clock_of_draw(number)) {
      out += "draw";
      put(number), put(span->from), put(span->to);
      out += "\n";
    }
  out += "draws " + std::to_string(plan.draw_count()) + "\n";
  for (const tw::Row& row : plan.rows()) {
    if (const auto* e = std::get_if<tw::Evaluate>(&row)) {
      out += "evaluate " + std::string(tw::name_of(e->prediction));
      put(e->in), put(e->evaluation), put_level(e->level);
    } else if (const auto* l = std::get_if<tw::Langevin>(&row)) {
      out += "langevin";
      put(l->in), put(l->score), put(l->draw), put(l->options.snr), put(l->options.alpha);
    } else {
      const auto& update = std::get<tw::Update>(row);
      out += update.role == tw::Role::state   ? "commit"
             : update.role == tw::Role::stage ? "stage"
                                              : "error";
      for (const auto& [operand, weight] : update.terms) {
        put(weight);
        out += (operand.is_draw() ? " z" : " r") + std::to_string(operand.index);
      }
    }
    out += "\n";
  }
  return out + "end\n";
}
