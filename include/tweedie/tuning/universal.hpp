// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "tweedie/distribution/mixture.hpp"
#include "tweedie/forward/prior.hpp"
#include "tweedie/solver/ode/dpm_solver_multistep.hpp"
#include "tweedie/tuning/fit_rows.hpp"

namespace tweedie {

/// The exact model of many kinds of data, `each` samples of one after those of another: random
/// mixtures of Gaussians in 4 dimensions, 1 to 8 components of 0.03 to 1 of their deviation, of mean
/// 0 and of the same deviation all.
class ManyMixtures {
 public:
  static constexpr Prediction prediction = Prediction::data;
  static constexpr Eigen::Index dim = 4;

  ManyMixtures(int kinds, Eigen::Index each, double deviation, std::uint64_t seed) : each_(each) {
    Samples<double> z(8 * (2 * dim + 1) + 1, kinds);
    Noise{.seed = seed}.stream("mixtures").fill(0, z);
    for (int k = 0; k < kinds; ++k) mixtures_.push_back(random(z.col(k), deviation));
  }

  Eigen::Index count() const { return std::ssize(mixtures_) * each_; }
  void operator()(const auto& x, const Call& call, auto& out) const {
    for (std::size_t k = 0; k < mixtures_.size(); ++k) {
      const Eigen::Index first = static_cast<Eigen::Index>(k) * each_ * dim;
      const Eigen::Map<const Samples<double>> in(x.data() + first, dim, each_);
      Eigen::Map<Samples<double>> part(out.data() + first, dim, each_);
      mixtures_[k](in, call, part);
    }
  }

 private:
  Eigen::Index each_;
  std::vector<Mixture> mixtures_;

  static Mixture random(const Eigen::VectorXd& z, double deviation) {
    const auto uniform = [](double normal) { return std::erfc(-normal / std::sqrt(2.0)) / 2; };
    const auto n = static_cast<Eigen::Index>(1 + std::floor(7.999 * uniform(z[0])));
    Eigen::VectorXd weights(n);
    Eigen::MatrixXd means(dim, n), variances(dim, n);
    for (Eigen::Index k = 0; k < n; ++k) {
      const auto own = z.segment(1 + k * (2 * dim + 1), 2 * dim + 1);
      weights[k] = 0.1 + uniform(own[0]);
      means.col(k) = own.segment(1, dim);
      for (Eigen::Index i = 0; i < dim; ++i)
        variances(i, k) = std::pow(10, -3 * uniform(own[1 + dim + i]));
    }
    weights /= weights.sum();
    means.colwise() -= Eigen::VectorXd(means * weights);
    const double now =
        std::sqrt((means.cwiseAbs2() + variances).colwise().sum().dot(weights) / double(dim));
    std::vector<Gaussian> parts;
    for (Eigen::Index k = 0; k < n; ++k)
      parts.push_back(Gaussian::diagonal(means.col(k) * (deviation / now),
                                         variances.col(k) * std::pow(deviation / now, 2)));
    return Mixture({weights.data(), weights.data() + n}, std::move(parts));
  }
};

struct UniversalOptions {
  Deviations data = {};  ///< {s}, or deviations(samples)
  NoiseRange range = {};
  int kinds = 100, each = 8;       ///< of data, and starts of each
  double ridge = 1e-8, shift = 1;  ///< of the fit
  /// A network's errors, relative to the deviation, that it should not multiply. With 0 it is up to 3
  /// times nearer on exact models at 20 evaluations, and worse on networks.
  double model_noise = 1e-3;
  std::uint64_t seed = 1;
};

namespace verbs {

/// A plan for any data of known deviation and mean near 0, fitted to many random mixtures instead of a
/// network: in 0.03 s for 10 evaluations, and without one of a network. On a grid of your own, from
/// noise to data.
inline Plan universal(const AnyProcess& process, const Grid& grid,
                      const UniversalOptions& options = {}) {
  const Focus focus = focus_of(options.data);
  const Level bottom = ends(process, options.range).second;
  // Data that are smaller than the range's end are points to it.
  const double deviation = std::max(options.data.typical(), bottom.sigma());
  check(options.kinds >= 1 && options.each >= 1, "universal: kinds = ", options.kinds,
        " and each = ", options.each, " must be at least 1");
  const ManyMixtures model(options.kinds, options.each, deviation, options.seed);
  Samples<double> start(ManyMixtures::dim, model.count());
  const Noise noise{.seed = options.seed};
  prior(grid.front(), start, noise);
  const Pilots pilots = fine_run(process, model, grid, start, noise,
                                 {.focus = {focus.centre, 3}, .sigma_min = bottom.sigma()});
  return fit_rows(model, grid, pilots, make_plan(process, DPMSolverPP2M{}, grid),
                  {.ridge = options.ridge,
                   .shift = options.shift,
                   .model_noise = options.model_noise * deviation});
}
/// On the grid focused for that deviation.
inline Plan universal(const AnyProcess& process, math::Whole nfe,
                      const UniversalOptions& options = {}) {
  const Grid grid = focused(process, nfe, focus_of(options.data), options.range);
  return universal(process, grid, options);
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
