// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "tweedie/grid/focused.hpp"
#include "tweedie/plan/text.hpp"  // for text(tuned.plan(), to_string(tuned))
#include "tweedie/tuning/judged_plan.hpp"

namespace tweedie {

/// The best plan on the checks, and the others beside it.
struct Tuned {
  std::vector<JudgedPlan> judged;  ///< best first, by rms
  Focus focus = {};
  double gain_over_euler = 0;    ///< gain_of_rows: how predictable the network's outputs are
  std::int64_t evaluations = 0;  ///< spent on all of it, of one sample each
  std::string purpose;           ///< what it was tuned for

  const Plan& plan() const { return judged.front().plan; }
  /// How many times nearer to the fine run the best plan is than the best untuned one.
  double gain() const {
    const JudgedPlan* const untuned = best(PlanKind::untuned);
    return untuned->rms == judged.front().rms ? 1 : untuned->rms / judged.front().rms;
  }
  /// The best plan of a kind, or null if there is none.
  const JudgedPlan* best(PlanKind kind) const {
    for (const JudgedPlan& one : judged)
      if (one.kind == kind) return &one;
    return nullptr;
  }
};

namespace verbs {

/// What it was tuned for, and each plan as it was judged: a remark for text(tuned.plan(), ...).
inline std::string to_string(const Tuned& tuned) {
  std::string out =
      sentence({tuned.purpose, "\ngrid focused at sigma = ", tuned.focus.centre, " over ",
                tuned.focus.width, "; ", tuned.evaluations, " evaluations spent\n"});
  for (const JudgedPlan& one : tuned.judged)
    out += sentence({one.name, ": ", one.rms, " from the fine run, median ", one.median, ", worst ",
                     one.worst, "\n"});
  out += sentence(
      {"the best is ", tuned.gain(), " times nearer than the best untuned one; a fitted ",
       "step with exact inputs is ", tuned.gain_over_euler, " times nearer than Euler's\n"});
  if (tuned.gain_over_euler < 2)
    out +=
        "past outputs hardly predict the next one: steps as long as these, or a network that is "
        "noisy in its label, gain little by fitting; more evaluations will\n";
  return out;
}

}  // namespace verbs
using namespace verbs;

inline std::ostream& operator<<(std::ostream& out, const Tuned& tuned) {
  return out << to_string(tuned);
}

}  // namespace tweedie
