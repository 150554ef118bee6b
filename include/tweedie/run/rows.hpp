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
  const Index dim = workspace.dim(), count = workspace.count();
  const auto add_squares = [](double& sum, const T* data, Index length) {
    for (Index i = 0; i < length; ++i)
      sum += static_cast<double>(data[i]) * static_cast<double>(data[i]);
  };
  double of_score = 0, of_noise = 0;  // sums of the columns' norms
  for (Index column = 0; column < count; ++column) {
    double score = 0, drawn = 0;
    workspace.for_each_chunk(k, op, noise, column * dim, dim,
                             [&](Index, Index length, Operands operands) {
                               add_squares(score, operands[1].data, length);
                               add_squares(drawn, operands[2].data, length);
                             });
    of_score += std::sqrt(score), of_noise += std::sqrt(drawn);
  }
  T* const out = workspace.buffer(op.out);
  const double a =
      op.options.step(of_noise / static_cast<double>(count), of_score / static_cast<double>(count));
  workspace.for_each_chunk(k, op, noise, 0, workspace.size(),
                           [&](Index begin, Index length, Operands operands) {
                             operands[1].weight = static_cast<T>(a);
                             operands[2].weight = static_cast<T>(std::sqrt(2 * a));
                             combine<T, Isa>(out + begin, length, operands);
                           });
}

}  // namespace tweedie::executor
