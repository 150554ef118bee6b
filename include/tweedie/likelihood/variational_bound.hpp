// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "tweedie/forward/diffuse.hpp"
#include "tweedie/grid/grid.hpp"
#include "tweedie/model/predict.hpp"
#include "tweedie/noise/noise.hpp"

namespace tweedie {

/// A lower bound of log p of each sample, in nats, by one draw of noise a level: unbiased for the
/// bound, with a standard error over the samples for their mean.
struct VariationalBound {
  Eigen::VectorXd value;
  double mean = 0, standard_error = 0;
  int evaluations = 0;
};

namespace verbs {

/// The variational bound (ELBO) of a chain over the grid's levels, one evaluation a step: the
/// density of data seen through the last level's noise, less half of |x0 - D|^2 times the growth of
/// 1 / sigma^2 in each step, less the divergence of the first level from the prior. Kingma et al.
/// 2021, arXiv:2107.00630, eq. 11 to 13. It grows with the number of steps, towards that of
/// continuous time. The grid ends above clean data (to_zero = false) and begins below pure noise.
template <class M>
VariationalBound variational_bound(const Grid& grid, M model, const Samples<double>& x0,
                                   const Noise& noise = {}) {
  static_assert(verbs::require_predictor<M>());
  const Level &top = grid.front(), &bottom = grid.back();
  check(grid.direction() == Grid::Direction::falling && !bottom.is_clean_data() &&
            !top.is_pure_noise(),
        "variational_bound: the grid must fall and end above clean data, with {.to_zero = false}, "
        "and begin below pure noise");
  const Eigen::Index dim = x0.rows(), count = x0.cols();
  check(dim >= 1 && count >= 1, "variational_bound: the samples are ", dim, " x ", count,
        "; there must be at least one of at least one coordinate");
  verbs::reserve<Samples<double>>(model, dim, count);
  const auto n = static_cast<double>(dim);
  // Data through the last level: -log N(x0; z / scale, sigma^2) in the mean.
  Eigen::ArrayXd bound = Eigen::ArrayXd::Constant(
      count, -n / 2 * (std::log(2 * std::numbers::pi * bottom.sigma() * bottom.sigma()) + 1));
  const double kept = top.scale / top.std;
  bound -= kept * kept * x0.colwise().squaredNorm().transpose().array() / 2;
  Samples<double> z(dim, count), output(dim, count);
  Eigen::Map<Samples<double>> out(output.data(), dim, count);
  for (int k = 0; k < grid.steps(); ++k) {
    const Level &l = grid[k], &next = grid[k + 1];
    verbs::diffuse(l, x0, noise, z, k);
    const Call call{
        .level = l, .step = k, .evaluation = k, .first_sample = noise.first_sample, .to = next};
    verbs::predict(model, Prediction::data, verbs::view_of(z), call, out);
    const double a = 1 / next.sigma(), b = 1 / l.sigma();
    bound -= (a - b) * (a + b) / 2 * (x0 - output).colwise().squaredNorm().transpose().array();
  }
  const double mean = bound.mean();
  const auto samples = static_cast<double>(count);
  const double spread = count < 2
                            ? std::numeric_limits<double>::infinity()
                            : std::sqrt((bound - mean).square().sum() / (samples * (samples - 1)));
  return {bound.matrix(), mean, spread, grid.steps()};
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
