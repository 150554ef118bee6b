// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "tweedie/model/wrapped.hpp"
#include "tweedie/process/vp.hpp"

namespace tweedie {

// How a network F is wrapped into a denoiser, D(x; sigma) = c_skip x + c_out F(c_in x; c_noise) for
// x = x0 + sigma eps: Karras et al. 2022, arXiv:2206.00364, table 1 and eq. 7. Each has, as
// functions of sigma, `row`, which is F over (data, epsilon), ((1 - c_skip) / c_out,
// -c_skip sigma / c_out), in a form that does not cancel; `input`, c_in; and `label`, c_noise.

/// Unit variance of what goes in and comes out, for data of deviation sigma_data.
struct EDMPreconditioning {
  double sigma_data = 0.5;

  PredictionRow row(double sigma) const {
    return {1 / (sigma_data * std::hypot(1, sigma_data / sigma)),
            -1 / std::hypot(1, sigma / sigma_data)};
  }
  double input(double sigma) const { return 1 / std::hypot(sigma, sigma_data); }
  double label(double sigma) const { return std::log(sigma) / 4; }
};

/// Networks of score_sde's VP: F is epsilon, told (M - 1) t.
struct VPPreconditioning {
  double beta_min = 0.1, beta_max = 20;
  int M = 1000;

  PredictionRow row(double) const { return {0, 1}; }
  double input(double sigma) const { return 1 / std::hypot(1, sigma); }
  double label(double sigma) const {
    return (M - 1) * VP{.beta_min = beta_min, .beta_max = beta_max}.time_of_sigma(sigma);
  }
};

/// Networks of score_sde's VE: F is -epsilon, told log(sigma / 2).
struct VEPreconditioning {
  PredictionRow row(double) const { return {0, -1}; }
  double input(double) const { return 1; }
  double label(double sigma) const { return std::log(sigma / 2); }
};

/// Networks of iDDPM: F is epsilon, told the number of the nearest of M discrete noise levels.
struct IDDPMPreconditioning {
  int M = 1000;
  double C_1 = 1e-3, C_2 = 8e-3;

  PredictionRow row(double) const { return {0, 1}; }
  double input(double sigma) const { return 1 / std::hypot(1, sigma); }
  /// The levels are u_0 > u_1 > ... > u_M = 0, eq. 153.
  double label(double sigma) const {
    double best = sigma, u = 0;
    int nearest = M;
    for (int j = M; j >= 1; --j) {
      u = above(u, j);
      if (std::abs(u - sigma) <= best) best = std::abs(u - sigma), nearest = j - 1;
    }
    return M - 1 - nearest;
  }
  /// u_(j-1) from u_j.
  double above(double u, int j) const {
    return std::sqrt((u * u + 1) / std::max(alpha_bar(j - 1) / alpha_bar(j), C_1) - 1);
  }

 private:
  double alpha_bar(int j) const {
    const double sine = std::sin(std::numbers::pi / 2 * j / M / (C_2 + 1));
    return sine * sine;
  }
};

/// What a network's preconditioning makes of x: c_in x / scale. c_skip and c_out go into the plan's
/// coefficients.
template <class Kind>
struct Precondition {
  Kind kind;
  std::array<Scratch, 1> memory = {};

  Output output(const Output&) const {
    return Output("a preconditioned network's output",
                  [kind = kind](const Level& l) { return kind.row(l.sigma()); });
  }
  void operator()(auto& network, const auto& x, const Call& call, auto& out) {
    network(verbs::scaled(memory[0], x, factor(call.level)), call, out);
  }
  template <class Out>
  void vjp(auto& network, const auto& x, const Call& call, const auto& v, Out& out) {
    network.vjp(verbs::scaled(memory[0], x, factor(call.level)), call, v, out);
    out *= static_cast<typename Out::Scalar>(factor(call.level));
  }

 private:
  double factor(const Level& l) const {
    return l.is_pure_noise() ? 1 / l.std : kind.input(l.sigma()) / l.scale;
  }
};

namespace verbs {

/// A network with its preconditioning, on any process: it is given c_in x / scale and told c_noise.
/// `f` is F, in one of a model's forms.
template <class Kind, class F>
Wrapped<Precondition<Kind>, Predicts<F>> preconditioned(Kind kind, F f) {
  return verbs::wrapped(
      Precondition<Kind>{kind},
      verbs::predicts(Prediction::data, std::move(f),
                      Label([kind](const Level& l) { return kind.label(l.sigma()); })));
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
