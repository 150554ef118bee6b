// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "tweedie/plan/linear_form.hpp"
#include "tweedie/solver/solver.hpp"

namespace tweedie {

// A plan is what a solver does on a grid, as rows over numbered values r0, r1, ...; r0 is the state
// at the start and every row makes one new value. There are three kinds of row.

/// out = what `prediction` is at (value in, level), by evaluation number `evaluation` of the model.
/// Rows of one number read one evaluation: data and epsilon, say, of the same output.
struct Evaluate {
  int out, in;
  Prediction prediction;
  Level level;
  int evaluation;
  // In a folded plan: what the network's own output is there, where that is no prediction; and of a
  // model of two outputs, that this is its epsilon, written beside the data, a value.
  std::optional<PredictionRow> of_network = {};
  std::optional<int> beside = {};
  friend bool operator==(const Evaluate&, const Evaluate&) = default;
};

/// out = the sum of weighted values and draws.
struct Update {
  int out;
  Role role;
  std::vector<Term> terms;
  friend bool operator==(const Update&, const Update&) = default;
};

/// out = in + a score + sqrt(2 a) z, where a depends on the batch's norms of score and z.
struct Langevin {
  int out, in, score, draw;
  LangevinOptions options;
  friend bool operator==(const Langevin&, const Langevin&) = default;
};

using Row = std::variant<Evaluate, Update, Langevin>;

namespace verbs {

/// What an evaluation gives, over (data, epsilon).
inline PredictionRow row_of(const Evaluate& evaluate) {
  return evaluate.of_network ? *evaluate.of_network : row_of(evaluate.prediction, evaluate.level);
}
/// The value that a row makes.
inline int output(const Row& row) {
  return std::visit([](const auto& r) { return r.out; }, row);
}
/// What the value is for that a row makes; those of a model and of a Langevin step are stages.
inline Role role_of(const Row& row) {
  const auto* update = std::get_if<Update>(&row);
  return update ? update->role : Role::stage;
}
inline bool is_commit(const Row& row) {
  return role_of(row) == Role::state;
}

/// Calls f(operand) for every value and draw that a row reads.
inline void for_each_operand(const Row& row, auto&& f) {
  const auto value = [&](int index) { f(Operand{Operand::Kind::value, index}); };
  if (const auto* evaluate = std::get_if<Evaluate>(&row)) {
    value(evaluate->in);
    if (evaluate->beside) value(*evaluate->beside);
  } else if (const auto* update = std::get_if<Update>(&row)) {
    for (const Term& term : update->terms) f(term.operand);
  } else {
    const auto& langevin = std::get<Langevin>(row);
    value(langevin.in);
    value(langevin.score);
    f(Operand{Operand::Kind::draw, langevin.draw});
  }
}
/// Calls f(value) for every value that a row reads.
inline void for_each_input(const Row& row, auto&& f) {
  for_each_operand(row, [&](const Operand& operand) {
    if (operand.is_value()) f(operand.index);
  });
}
/// Calls f(draw) for every draw that a row uses.
inline void for_each_draw(const Row& row, auto&& f) {
  for_each_operand(row, [&](const Operand& operand) {
    if (operand.is_draw()) f(operand.index);
  });
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
