// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>

#include "tweedie/adaptive/options.hpp"

namespace tweedie::verbs {

/// The root mean square of error / (atol + rtol max(|y|, |y_new|)) over what the options say, where
/// y = x * of_x; errors are counted in double. With ErrorNorm::parts the first `rows` of `dim` rows
/// are one part and the others another.
template <class T>
double error_norm(const AdaptiveOptions& options, const T* x, double of_x, const T* x_new,
                  double of_new, const T* error, Eigen::Index dim, Eigen::Index count,
                  double of_error = 1) {
  const auto sum_over = [&](Eigen::Index begin, Eigen::Index end) {
    double sum = 0;
    for (Eigen::Index i = begin; i < end; ++i) {
      const double size =
          std::max(std::abs(double(x[i]) * of_x), std::abs(double(x_new[i]) * of_new));
      const double part = double(error[i]) * of_error / (options.atol + options.rtol * size);
      sum += part * part;
    }
    return sum;
  };
  if (dim * count == 0) return 0;
  if (options.norm == ErrorNorm::batch)
    return std::sqrt(sum_over(0, dim * count) / double(dim * count));
  double most = 0, last = 0;
  for (Eigen::Index column = 0; column < count; ++column) {
    const Eigen::Index begin = column * dim, end = begin + dim;
    if (options.norm == ErrorNorm::worst_sample) {
      const double own = sum_over(begin, end) / double(dim);
      if (!(own <= most)) most = own;  // NaN too
    } else {
      most += sum_over(begin, end - 1) / double((dim - 1) * count);
      last += sum_over(end - 1, end) / double(count);
    }
  }
  return std::sqrt(last > most ? last : most);
}

/// The same norm of factor * values, with the sizes of one state.
template <class T>
double scaled_norm(const AdaptiveOptions& options, const T* x, double of_x, const T* values,
                   double factor, Eigen::Index dim, Eigen::Index count) {
  return error_norm(options, x, of_x, x, of_x, values, dim, count, factor);
}

}  // namespace tweedie::verbs

namespace tweedie {
using namespace verbs;
}
