// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "tweedie/plan/allocate.hpp"
#include "tweedie/plan/fold_both.hpp"
#include "tweedie/run/coefficients.hpp"

namespace tweedie::executor {

/// A row made ready to run: buffers instead of values, coefficients in the state's scalar.
template <class T>
struct Instruction {
  struct Value {
    int buffer;
    T weight;
  };
  struct Draw {
    int number;
    T weight;
  };
  enum class Kind { evaluate, update, langevin };

  Kind kind;
  int out, step;
  Role role = Role::stage;         // of what it stores
  std::vector<Value> values = {};  // evaluate: the input; langevin: the input and the score
  std::vector<Draw> draws = {};
  std::size_t first_operand = 0;  // of the program's operands, this row's values and then its draws
  Level level = {}, to = {};      // evaluate: of the input, and where its step goes
  int evaluation = 0;             // evaluate
  int epsilon = -1;               // evaluate: the buffer of the second output, if it is asked for
  LangevinOptions options = {};   // langevin

  bool commits() const { return role == Role::state; }
};

/// A plan made ready to run with models of one prediction.
template <class T>
struct Program {
  std::vector<Instruction<T>> instructions;
  int buffers = 1;
  std::size_t operands = 0, most_draws = 0;  ///< of all instructions; of one
  int last_draw = 0;                         ///< the number of the last one that is used
};

/// Whether a program computes the error estimates of its steps. They serve adaptive runs; a run
/// over fixed steps has no use for them.
enum class ErrorRows { left_out, kept };

/// The program of a plan for models that predict `given`, with coefficients in the state's scalar.
/// Throws Error where a conversion cannot be had, or where the scalar's precision does not do.
template <class T>
Program<T> lower(const Plan& plan, const Output& given,
                 ErrorRows error_rows = ErrorRows::left_out) {
  using Op = Instruction<T>;
  if (!given.gives_both())
    for (const Row& row : plan.rows())
      if (const auto* evaluate = std::get_if<Evaluate>(&row))
        checked_conversion(evaluate->prediction, given, evaluate->level);
  std::vector<Row> rows = lowering::folded(plan, given);
  if (error_rows == ErrorRows::left_out)
    std::erase_if(rows, [](const Row& row) { return role_of(row) == Role::error; });
  const lowering::Allocation allocation = lowering::allocate(rows);

  Program<T> program{.instructions = {}, .buffers = allocation.buffers};
  program.instructions.reserve(rows.size());
  int step = plan.intervals().front().index;
  for (const Row& row : rows) {
    if (const auto* evaluate = std::get_if<Evaluate>(&row); evaluate && evaluate->beside) {
      program.instructions.back().epsilon = allocation.buffer_of[evaluate->out];
      continue;
    }
    Op op{.kind = Op::Kind::update,
          .out = allocation.buffer_of[output(row)],
          .step = step,
          .role = role_of(row)};
    const auto add = [&](const Operand& operand, double weight) {
      if (operand.is_value())
        op.values.push_back({allocation.buffer_of[operand.index], rounded<T>(weight)});
      else
        op.draws.push_back({operand.index, rounded<T>(weight)});
    };
    if (const auto* update = std::get_if<Update>(&row)) {
      const std::vector<Term> terms = split<T>(update->terms);
      op.values.reserve(terms.size());
      for (const Term& term : terms) add(term.operand, term.weight);
    } else {
      for_each_operand(row, [&](const Operand& operand) { add(operand, 1); });
    }
    if (const auto* evaluate = std::get_if<Evaluate>(&row)) {
      op.kind = Op::Kind::evaluate;
      op.level = evaluate->level;
      op.to = plan.intervals()[step - plan.intervals().front().index].to;
      op.evaluation = evaluate->evaluation;
    } else if (const auto* langevin = std::get_if<Langevin>(&row)) {
      op.kind = Op::Kind::langevin;
      op.options = langevin->options;
    }
    step += op.commits();
    for (const auto& draw : op.draws) program.last_draw = std::max(program.last_draw, draw.number);
    program.most_draws = std::max(program.most_draws, op.draws.size());
    op.first_operand = program.operands;
    program.operands += op.values.size() + op.draws.size();
    program.instructions.push_back(std::move(op));
  }
  check_rounding<T>(rows, plan);
  return program;
}

}  // namespace tweedie::executor
