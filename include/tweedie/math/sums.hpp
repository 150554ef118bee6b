// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

namespace tweedie::math {

/// The mean of a column, in double and from the first number to the last. Eigen's own sums depend in
/// their last bits on where a column lies in memory, and so on blocks.
double mean(const auto& column) {
  double sum = 0;
  for (decltype(column.size()) i = 0; i < column.size(); ++i) sum += static_cast<double>(column(i));
  return sum / static_cast<double>(column.size());
}
/// The deviation of its numbers from their mean.
double deviation(const auto& column) {
  const double middle = math::mean(column);
  double sum = 0;
  for (decltype(column.size()) i = 0; i < column.size(); ++i) {
    const double off = static_cast<double>(column(i)) - middle;
    sum += off * off;
  }
  return std::sqrt(sum / static_cast<double>(column.size()));
}

}  // namespace tweedie::math
