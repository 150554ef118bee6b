// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <span>

#include "tweedie/run/workspace.hpp"

namespace tweedie {

/// An update row: one pass over memory, its noise made inside the pass.
template <class T, class Set>
void run_update(Workspace<T, Set>& workspace, std::size_t k, const Instruction<T>& op,
                auto& noise) {
  Weighted<T>* const operands = workspace.operands(k);
  T* const out = workspace.buffer(op.out);
  const std::size_t values = op.values.size();
  if (op.draws.empty()) return combine<T, Set>(out, workspace.size(), {operands, values});
  workspace.for_each_piece(
      k, op, noise, 0, workspace.size(), [&](Eigen::Index begin, Eigen::Index length) {
        for (std::size_t j = 0; j < values; ++j)
          operands[j].data = workspace.buffer(op.values[j].buffer) + begin;
        combine<T, Set>(out + begin, length, {operands, values + op.draws.size()});
      });
}

/// A Langevin row: out = in + a score + sqrt(2 a) z. The norms that a depends on are summed in a
/// pass of their own, for which counter-based noise is made twice.
template <class T, class Set>
void run_langevin(Workspace<T, Set>& workspace, std::size_t k, const Instruction<T>& op,
                  auto& noise) {
  const Eigen::Index dim = workspace.dim();
  const T* in = workspace.buffer(op.values[0].buffer);
  const T* score = workspace.buffer(op.values[1].buffer);
  T* const out = workspace.buffer(op.out);
  Weighted<T>* const operands = workspace.operands(k);
  const std::span<double> of_score = workspace.score_norms(), of_noise = workspace.noise_norms();
  const auto sum_of_squares = [](const T* data, Eigen::Index length) {
    double sum = 0;
    for (Eigen::Index i = 0; i < length; ++i)
      sum += static_cast<double>(data[i]) * static_cast<double>(data[i]);
    return sum;
  };
  const auto at = [](Eigen::Index column) { return static_cast<std::size_t>(column); };
  for (Eigen::Index column = 0; column < workspace.count(); ++column) {
    double squares = 0;
    workspace.for_each_piece(k, op, noise, column * dim, dim,
                             [&](Eigen::Index, Eigen::Index length) {
                               squares += sum_of_squares(operands[2].data, length);
                             });
    of_score[at(column)] = std::sqrt(sum_of_squares(score + column * dim, dim));
    of_noise[at(column)] = std::sqrt(squares);
  }
  if (op.options.norms == LangevinNorms::batch_mean)
    for (const std::span<double> norms : {of_score, of_noise}) {
      double sum = 0;
      for (const double norm : norms) sum += norm;
      for (double& norm : norms) norm = sum / static_cast<double>(norms.size());
    }

  for (Eigen::Index column = 0; column < workspace.count(); ++column) {
    const double ratio = op.options.snr * of_noise[at(column)] / of_score[at(column)];
    const double a = 2 * op.options.alpha * ratio * ratio;
    workspace.for_each_piece(k, op, noise, column * dim, dim,
                             [&](Eigen::Index begin, Eigen::Index length) {
                               operands[0] = {in + begin, T(1)};
                               operands[1] = {score + begin, static_cast<T>(a)};
                               operands[2].weight = static_cast<T>(std::sqrt(2 * a));
                               combine<T, Set>(out + begin, length, {operands, 3});
                             });
  }
}

}  // namespace tweedie
