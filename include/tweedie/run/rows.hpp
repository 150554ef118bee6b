// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <span>

#include "tweedie/run/workspace.hpp"

namespace tweedie::executor {

/// An update row: one pass over memory, its noise made inside the pass.
template <class T, class Isa>
void run_update(Workspace<T, Isa>& workspace, int k, const Instruction<T>& op, auto& noise) {
  T* const out = workspace.buffer(op.out);
  if (op.draws.empty()) return combine<T, Isa>(out, workspace.size(), workspace.operands(op));
  workspace.for_each_chunk(k, op, noise, 0, workspace.size(),
                           [&](Index begin, Index length, std::span<const Weighted<T>> operands) {
                             combine<T, Isa>(out + begin, length, operands);
                           });
}

/// A Langevin row: out = in + a score + sqrt(2 a) z. The norms that a depends on are summed in a
/// pass of their own, for which counter-based noise is made twice.
template <class T, class Isa>
void run_langevin(Workspace<T, Isa>& workspace, int k, const Instruction<T>& op, auto& noise) {
  using Operands = std::span<Weighted<T>>;
  const Index dim = workspace.dim();
  T* const out = workspace.buffer(op.out);
  const std::span<double> of_score = workspace.score_norms(), of_noise = workspace.noise_norms();
  const auto add_squares = [](double& sum, const T* data, Index length) {
    for (Index i = 0; i < length; ++i)
      sum += static_cast<double>(data[i]) * static_cast<double>(data[i]);
  };
  const auto element = [](const std::span<double>& all, Index column) -> double& {
    return all[static_cast<std::size_t>(column)];
  };
  for (Index column = 0; column < workspace.count(); ++column) {
    double score = 0, drawn = 0;
    workspace.for_each_chunk(k, op, noise, column * dim, dim,
                             [&](Index, Index length, Operands operands) {
                               add_squares(score, operands[1].data, length);
                               add_squares(drawn, operands[2].data, length);
                             });
    element(of_score, column) = std::sqrt(score);
    element(of_noise, column) = std::sqrt(drawn);
  }
  if (op.options.norms == LangevinNorms::batch_mean)
    for (const std::span<double> norms : {of_score, of_noise}) {
      double sum = 0;
      for (const double norm : norms) sum += norm;
      for (double& norm : norms) norm = sum / static_cast<double>(norms.size());
    }

  for (Index column = 0; column < workspace.count(); ++column) {
    const double ratio = op.options.snr * element(of_noise, column) / element(of_score, column);
    const double a = 2 * op.options.alpha * ratio * ratio;
    workspace.for_each_chunk(k, op, noise, column * dim, dim,
                             [&](Index begin, Index length, Operands operands) {
                               operands[1].weight = static_cast<T>(a);
                               operands[2].weight = static_cast<T>(std::sqrt(2 * a));
                               combine<T, Isa>(out + begin, length, operands);
                             });
  }
}

}  // namespace tweedie::executor
