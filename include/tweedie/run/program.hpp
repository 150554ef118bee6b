// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "tweedie/plan/allocate.hpp"

namespace tweedie {

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
  bool commits = false;
  std::vector<Value> values;  // evaluate: the input; langevin: the input and the score
  std::vector<Draw> draws;
  Level at = {};                 // evaluate
  int evaluation = 0;            // evaluate
  LangevinOptions options = {};  // langevin
};

/// A plan made ready to run with models of one prediction.
template <class T>
struct Program {
  std::vector<Instruction<T>> instructions;
  int buffers = 1;
  std::size_t most_draws = 0;  ///< of one instruction
  int draws = 0;               ///< the number of the last one that is used
  bool has_langevin = false;
};

template <class T>
Program<T> lower(const Plan& plan, Prediction given) {
  using Op = Instruction<T>;
  std::vector<Row> rows = fold(plan, given);
  // An estimate serves adaptive runs; a run over fixed steps has no use for it.
  std::erase_if(rows, [](const Row& row) {
    const auto* update = std::get_if<Update>(&row);
    return update && update->role == Role::estimate;
  });
  const Allocation allocation = allocate(rows);
  const auto buffer = [&](int value) {
    return allocation.buffer_of[static_cast<std::size_t>(value)];
  };

  Program<T> program{{}, allocation.buffers};
  int step = 0, evaluation = 0;
  for (const Row& row : rows) {
    Op op{Op::Kind::update, buffer(out_of(row)), step, is_commit(row), {}, {}};
    if (const auto* evaluate = std::get_if<Evaluate>(&row)) {
      op.kind = Op::Kind::evaluate;
      op.values = {{buffer(evaluate->in), T(1)}};
      op.at = evaluate->at;
      op.evaluation = evaluation++;
    } else if (const auto* update = std::get_if<Update>(&row)) {
      for (const Term& term : update->terms)
        if (term.operand.kind == Operand::Kind::value)
          op.values.push_back({buffer(term.operand.index), static_cast<T>(term.weight)});
        else
          op.draws.push_back({term.operand.index, static_cast<T>(term.weight)});
    } else {
      const auto& langevin = std::get<Langevin>(row);
      op.kind = Op::Kind::langevin;
      program.has_langevin = true;
      op.values = {{buffer(langevin.in), T(1)}, {buffer(langevin.score), T(1)}};
      op.draws = {{langevin.draw, T(1)}};
      op.options = langevin.options;
    }
    step += op.commits;
    for (const auto& draw : op.draws) program.draws = std::max(program.draws, draw.number);
    program.most_draws = std::max(program.most_draws, op.draws.size());
    program.instructions.push_back(std::move(op));
  }
  return program;
}

}  // namespace tweedie
