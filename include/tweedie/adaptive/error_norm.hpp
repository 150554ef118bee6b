// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>

#include "tweedie/adaptive/options.hpp"

namespace tweedie::verbs {

/// The root mean square of factor * error / (atol + rtol max(|x|, |x_new|)) over what the norm says,
/// counted in double. NaN if one of them is. 0 / 0 counts as 0.
template <class T>
double error_norm(ErrorNorm norm, double atol, double rtol, const T* x, const T* x_new,
                  const T* error, Eigen::Index dim, Eigen::Index count, double factor = 1) {
  const auto mean_square = [&](Eigen::Index begin, Eigen::Index end) {
    double sum = 0;
    for (Eigen::Index i = begin; i < end; ++i) {
      const double size = std::max(std::abs(double(x[i])), std::abs(double(x_new[i])));
      const double part = double(error[i]) * factor;
      if (part == 0) continue;
      const double ratio = part / (atol + rtol * size);
      sum += ratio * ratio;
    }
    return sum / double(end - begin);
  };
  if (dim * count == 0) return 0;
  if (norm == ErrorNorm::batch) return std::sqrt(mean_square(0, dim * count));
  double most = 0;
  for (Eigen::Index column = 0; column < count; ++column) {
    const double own = mean_square(column * dim, (column + 1) * dim);
    if (!(own <= most)) most = own;
    if (std::isnan(own)) break;
  }
  return std::sqrt(most);
}

}  // namespace tweedie::verbs

namespace tweedie {
using namespace verbs;
}
