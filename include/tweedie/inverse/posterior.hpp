// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <array>
#include <cmath>
#include <utility>

#include "tweedie/inverse/measured.hpp"

namespace tweedie {

// Models of E[x0 | x, y] for y = A x0 + noise, in place of E[x0 | x]: with D = E[x0 | x] and a
// covariance C for x0 given x they are
//
//     D + C A^T (noise^2 + A C A^T)^-1 (y - A D),
//
// exact where x0 given x is Gaussian with that covariance. In any solver they sample from the
// posterior, as far as C is right. y has one column for all samples, or one for each.

/// What is taken for the covariance of x0 given x.
enum class DataCovariance {
  identity,     ///< 1: D + A^+ (y - A D) without noise, the projection of DDNM
  of_variance,  ///< r^2, but J sigma^2 on the left: PiGDM
  of_network,   ///< sigma^2 J: moment matching
};

struct MeasurementOptions {
  double noise = 0;          ///< deviation of the noise of y
  double data_variance = 1;  ///< PiGDM's: r^2 = sigma^2 v / (sigma^2 + v)
  int iterations = 5;        ///< of conjugate gradients; a mask needs 1
};

template <Measurement A>
struct Posterior {
  Measured<A> measured;
  DataCovariance covariance;
  MeasurementOptions options;
  JacobianProduct jacobian = JacobianProduct();
  std::array<Scratch, 2> memory = {};
  std::array<Scratch, 4> vectors = {};

  Output output(const Output& inner) const { return measured.output(inner); }
  template <class Out>
  void operator()(auto& model, const auto& x, const Call& call, Out& out) {
    using T = typename Out::Scalar;
    measured.check_call(x, call);
    const Level& l = call.level;
    verbs::predict(model, Prediction::data, x, call, out);
    if (l.is_clean_data()) return;
    const Eigen::Index count = x.cols();
    auto residual = measured.template vectors<T>(vectors[0], count),
         direction = measured.template vectors<T>(vectors[1], count),
         image = measured.template vectors<T>(vectors[2], count),
         solution = measured.template vectors<T>(vectors[3], count);
    auto state = memory[0].like(out);
    measured.residual(call, out, residual);

    // Conjugate gradients for (noise^2 + A C A^T) solution = y - A D, every sample at once.
    solution.setZero();
    direction = residual;
    for (int iteration = 0; iteration < options.iterations; ++iteration) {
      apply_covariance(model, x, call, direction, state, image);
      for (Eigen::Index k = 0; k < count; ++k) {
        const T before = residual.col(k).squaredNorm(), curve = direction.col(k).dot(image.col(k));
        if (!(before > 0 && curve > 0)) continue;
        const T step = before / curve;
        solution.col(k) += step * direction.col(k);
        residual.col(k) -= step * image.col(k);
        direction.col(k) =
            residual.col(k) + residual.col(k).squaredNorm() / before * direction.col(k);
      }
    }
    measured.map.adjoint(solution, state.matrix());
    if (covariance == DataCovariance::identity) {
      out += state;
      return;
    }
    auto moved = memory[1].like(out);
    verbs::data_vjp(jacobian, model, x, call, state, moved);
    out += static_cast<T>(l.sigma() * l.sigma()) * moved;
  }
  template <class Plain>
  void reserve(Eigen::Index dim, Eigen::Index count) {
    using T = typename Plain::Scalar;
    for (Scratch& scratch : vectors) measured.template vectors<T>(scratch, count);
    for (Scratch& scratch : jacobian.memory) scratch.data<T>(dim * count);
  }

 private:
  /// image = (noise^2 + A C A^T) direction.
  void apply_covariance(auto& model, const auto& x, const Call& call, const auto& direction,
                        auto& state, auto& image) {
    using T = typename std::decay_t<decltype(image)>::Scalar;
    const double sigma = call.level.sigma(), v = options.data_variance;
    measured.map.adjoint(direction, state.matrix());
    double factor = 1;
    if (covariance == DataCovariance::of_network) {
      auto moved = memory[1].like(state);
      verbs::data_vjp(jacobian, model, x, call, state, moved);
      measured.map.apply(moved.matrix(), image);
      factor = sigma * sigma;
    } else {
      measured.map.apply(state.matrix(), image);
      if (covariance == DataCovariance::of_variance) factor = v / (1 + v / (sigma * sigma));
    }
    image =
        static_cast<T>(factor) * image + static_cast<T>(options.noise * options.noise) * direction;
  }
};

namespace verbs {

template <Predictor M, Measurement A>
Wrapped<Posterior<A>, M> posterior(M model, A map, Eigen::MatrixXd y, DataCovariance covariance,
                                   const MeasurementOptions& options) {
  check(options.noise >= 0 && std::isfinite(options.noise), "posterior: noise = ", options.noise,
        " must be at least 0 and finite");
  check(options.data_variance > 0, "posterior: data_variance = ", options.data_variance,
        " must be positive");
  check(options.iterations >= 1 && options.iterations <= 1000,
        "posterior: iterations = ", options.iterations, " must lie from 1 to 1000");
  return verbs::wrapped(
      Posterior<A>{Measured<A>("posterior", std::move(map), std::move(y)), covariance, options},
      std::move(model));
}

/// DDNM, Wang et al. 2022, arXiv:2212.00490: the data projected onto those that fit y. No evaluation
/// more than the model's own.
template <Predictor M, Measurement A>
Wrapped<Posterior<A>, M> projected(M model, A map, Eigen::MatrixXd y,
                                   const MeasurementOptions& options = {}) {
  return verbs::posterior(std::move(model), std::move(map), std::move(y), DataCovariance::identity,
                          options);
}
/// PiGDM, Song et al. 2023, ICLR ("pseudoinverse-guided diffusion models"). One product with the
/// network's Jacobian.
template <Predictor M, Measurement A>
Wrapped<Posterior<A>, M> pseudo_inverse_guided(M model, A map, Eigen::MatrixXd y,
                                               const MeasurementOptions& options = {}) {
  return verbs::posterior(std::move(model), std::move(map), std::move(y),
                          DataCovariance::of_variance, options);
}
/// Moment matching: the covariance by Tweedie's formula, sigma^2 J, and conjugate gradients. Rozet et
/// al. 2024, arXiv:2405.13712; Boys et al. 2023, arXiv:2310.06721. Exact for Gaussian data.
/// `iterations` + 1 products with the network's Jacobian.
template <Predictor M, Measurement A>
Wrapped<Posterior<A>, M> moment_matched(M model, A map, Eigen::MatrixXd y,
                                        const MeasurementOptions& options = {}) {
  return verbs::posterior(std::move(model), std::move(map), std::move(y),
                          DataCovariance::of_network, options);
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
