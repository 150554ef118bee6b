// SPDX-License-Identifier: MIT
#pragma once

#include <ostream>
#include <set>
#include <string>

#include "tweedie/plan/allocate.hpp"
#include "tweedie/plan/amplification.hpp"

namespace tweedie {

namespace verbs {

/// One row as a reader would write it, e.g. "r2 = 0.3 r0 + 0.7 r1 + 0.1 z1".
inline std::string to_string(const Row& row) {
  const auto value = [](int index) { return to_string(Operand{Operand::Kind::value, index}); };
  const auto draw = [](int index) { return to_string(Operand{Operand::Kind::draw, index}); };
  const std::string left = value(output(row)) + " = ";
  if (const auto* evaluate = std::get_if<Evaluate>(&row))
    return sentence({left, name_of(evaluate->prediction), "(", value(evaluate->in),
                     ", t = ", evaluate->level.t, ")"});
  if (const auto* langevin = std::get_if<Langevin>(&row))
    return left + "langevin(" + value(langevin->in) + ", " + value(langevin->score) + ", " +
           draw(langevin->draw) + ", snr = " + to_text(langevin->options.snr) + ")";
  const auto& update = std::get<Update>(row);
  const char* use = update.role == Role::state   ? "   <- new state"
                    : update.role == Role::error ? "   <- error estimate"
                                                 : "";
  return left + to_string(update.terms) + use;
}

}  // namespace verbs
using namespace verbs;

/// What the sampler will do, for a model that predicts what the solver asks for first: a summary,
/// then the rows step by step. Of a long run the first three steps and the last one are shown.
inline std::ostream& operator<<(std::ostream& out, const Plan& plan) {
  Prediction given = Prediction::data;
  for (auto row = plan.rows().rbegin(); row != plan.rows().rend(); ++row)
    if (const auto* evaluate = std::get_if<Evaluate>(&*row)) given = evaluate->prediction;
  const int buffers = lowering::allocate(lowering::folded(plan, given)).buffers;
  std::set<int> used;
  for (const Row& row : plan.rows()) for_each_draw(row, [&](int draw) { used.insert(draw); });
  const auto plural = [](int count, const char* noun) {
    return sentence({count, " ", noun, count == 1 ? "" : "s"});
  };
  // Numbers as sentence() writes them: a stream would group their digits by its locale.
  out << sentence({plan.solver(), ": ", plural(plan.steps(), "step"), ", ",
                   plural(plan.nfe(), "evaluation"), ", ",
                   plural(static_cast<int>(used.size()), "draw"), ", ", plural(buffers, "buffer"),
                   " (", 4 * buffers, " bytes per element in float, ", 8 * buffers, " in double)\n",
                   "errors: a network's times ", model_error(plan), ", roundings times ",
                   rounding(plan, given), "\n"});
  int step = 0;
  bool at_start = true;
  for (const Row& row : plan.rows()) {
    const bool shown = step < 3 || step == plan.steps() - 1 || plan.steps() <= 5;
    const Interval& s = plan.intervals()[std::min(step, plan.steps() - 1)];
    if (at_start && shown)
      out << sentence({"step ", s.index, s.renoises() ? ", renoise" : "", ": t = ", s.from.t,
                       " to ", s.to.t, ", sigma = ", s.from.sigma(), " to ", s.to.sigma()})
          << "\n";
    else if (at_start && step == 3)
      out << "... " << plural(plan.steps() - 4, "step") << " of this kind ...\n";
    if (shown) out << "  " << to_string(row) << "\n";
    at_start = is_commit(row);
    step += at_start;
  }
  return out;
}

}  // namespace tweedie
