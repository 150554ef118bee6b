// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "tweedie/plan/fold_both.hpp"

namespace tweedie {

namespace lowering {

/// Data N(0, variance), on which a model is linear: its answers to a small change of the state.
/// 0 is a direction in which the data do not vary, 1 one of usual deviation.
inline constexpr std::array<double, 3> data_variances{0, 0.1, 1};

/// d prediction / dx of the exact model for data N(0, variance).
inline double slope(const PredictionRow& row, const Level& l, double variance) {
  if (variance == 0) return l.std > 0 ? row.epsilon / l.std / row.divisor : 0;
  const double total = l.scale * l.scale * variance + l.std * l.std;
  if (row.divisor == -l.std) return -1 / total;  // of the score
  return (row.data * l.scale * variance + row.epsilon * l.std) / total / row.divisor;
}

/// For every value of the rows, by how much the final state moves if it is moved by 1.
inline math::ByIndex<double> effects(const std::vector<Row>& rows, double variance) {
  math::ByIndex<double> effect(value_count(rows));
  const auto final_state = std::find_if(rows.rbegin(), rows.rend(), is_commit);
  effect[final_state == rows.rend() ? 0 : output(*final_state)] = 1;
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    const double of_out = effect[output(*row)];
    if (const auto* evaluate = std::get_if<Evaluate>(&*row)) {
      effect[evaluate->in] += of_out * slope(row_of(*evaluate), evaluate->level, variance);
    } else if (const auto* update = std::get_if<Update>(&*row)) {
      for (const Term& term : update->terms)
        if (term.operand.is_value()) effect[term.operand.index] += of_out * term.weight;
    } else {
      effect[std::get<Langevin>(*row).in] += of_out;
    }
  }
  return effect;
}

/// The usual size of what a model predicts, for data of deviation 1.
inline double size_of(const PredictionRow& row) {
  return std::hypot(row.data, row.epsilon) / std::abs(row.divisor);
}

/// How many roundings of its scalar the final state of these rows is off by, each sum of a row and
/// each output of the model being rounded once: the root of the sum of their squares.
inline double rounding(const std::vector<Row>& rows, const Intervals& intervals) {
  math::ByIndex<double> size(value_count(rows));
  const auto of_state = [](const Level& l) { return std::hypot(l.scale, l.std); };
  size[0] = of_state(intervals.front().from);
  math::ByIndex<double> rounded(size.size());  // by a rounding of all terms of its sum
  int step = 0;
  for (const Row& row : rows) {
    const int out = output(row);
    if (const auto* evaluate = std::get_if<Evaluate>(&row)) {
      size[evaluate->in] = of_state(evaluate->level);
      size[out] = rounded[out] = size_of(row_of(*evaluate));
    } else if (const auto* update = std::get_if<Update>(&row)) {
      for (const Term& term : update->terms)
        rounded[out] +=
            std::abs(term.weight) * (term.operand.is_value() ? size[term.operand.index] : 1);
      size[out] = is_commit(row) ? of_state(intervals[step].to) : rounded[out];
    } else {
      size[out] = rounded[out] = size[std::get<Langevin>(row).in];
    }
    step += is_commit(row);
  }
  double most = 0;
  for (const double variance : data_variances) {
    const math::ByIndex<double> effect = effects(rows, variance);
    double squares = 0;
    for (int value = 1; value < size.size(); ++value)
      if (effect[value] != 0) squares += std::pow(effect[value] * rounded[value], 2);
    most = std::max(most, std::sqrt(squares));
  }
  return most / of_state(intervals.back().to);
}

}  // namespace lowering

namespace verbs {

/// How many roundings of the state's scalar a run is off by in the end, relative to the final
/// state, for a model that predicts `given`: about 1 to 100 for a sound plan. Times 6e-8 it is the
/// error of a run in float, times 1e-16 that in double.
inline double rounding(const Plan& plan, const Output& given) {
  return lowering::rounding(lowering::folded(plan, given), plan.intervals());
}

/// By how much the final state moves at most if the model's data prediction is off by
/// sigma / sqrt(1 + sigma^2) in every evaluation, which is the error that a network of usual
/// preconditioning makes, times a constant. About 1 to 5 for DDIM.
inline double model_error(const Plan& plan) {
  double most = 0;
  for (const double variance : lowering::data_variances) {
    const math::ByIndex<double> effect = lowering::effects(plan.rows(), variance);
    math::ByIndex<double> of_evaluation(plan.nfe());
    for (const Row& row : plan.rows())
      if (const auto* evaluate = std::get_if<Evaluate>(&row)) {
        const Level& l = evaluate->level;
        const PredictionRow wanted = row_of(evaluate->prediction, l);
        // D is off by sigma e and epsilon by -e, with e = 1 / sqrt(1 + sigma^2).
        const double off = (wanted.data * l.std - wanted.epsilon * l.scale) /
                           std::hypot(l.scale, l.std) / wanted.divisor;
        of_evaluation[evaluate->evaluation] += effect[evaluate->out] * off;
      }
    double sum = 0;
    for (const double off : of_evaluation) sum += std::abs(off);
    most = std::max(most, sum);
  }
  return most / std::hypot(plan.to().scale, plan.to().std);
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
