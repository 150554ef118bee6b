// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "tweedie/adaptive/adaptive_sampler.hpp"
#include "tweedie/likelihood/divergence.hpp"
#include "tweedie/likelihood/prior_gap.hpp"
#include "tweedie/model/trained_on.hpp"
#include "tweedie/noise/noise.hpp"
#include "tweedie/process/edm.hpp"

namespace tweedie {

enum class ProbeKind { rademacher, gaussian };

struct LikelihoodOptions {
  double rtol = 1e-5, atol = 1e-5;
  int probes =
      0;  ///< Hutchinson's, of each sample; 0: the exact trace, by as many directions as dim
  ProbeKind probe_kind = ProbeKind::rademacher;  ///< of less variance than gaussian
  Noise noise = {};                              ///< of the probes; column 0 is its first_sample
  NoiseRange range = {};                         ///< from its lower end to its upper one
  /// The prior's deviation; 0: the process's own at the upper end. score_sde has 1 for VP.
  double prior_deviation = 0;
  /// What x is: data, whose density is asked for as that of x0 + sigma_min z; or, as the peers take
  /// it, the state at the lower end.
  bool x_is_state = false;
  /// Relative precision of the network's numbers: 1.2e-7 for one that computes in float, or its
  /// central differences are noise.
  double network_epsilon = std::numeric_limits<double>::epsilon();
  int max_evaluations = 100'000;  ///< of the velocity and its divergence
};

/// log p of each sample in nats, and what it is worth.
struct LogLikelihood {
  Eigen::VectorXd value;
  /// Of Hutchinson's probes: 0 with the exact trace, infinity with one probe.
  Eigen::VectorXd standard_error;
  /// log p_sigma_min - log p of the data themselves, to first order in sigma_min^2: what stopping
  /// there has added to `value`. Of sigma^2 (tr H + |s|^2) / 2, with H and s the derivatives of log
  /// p, by the heat equation.
  Eigen::VectorXd truncation;
  /// log p_T - log prior at each latent, with p_T taken for the Gaussian that the samples' mean and
  /// covariance become at the upper end: what the prior's not being p_T has taken
  /// from `value`, as far as these samples can tell. 0 with one sample.
  Eigen::VectorXd prior_gap;
  Samples<double> latent;  ///< the states at the upper end
  AdaptiveRun run;         ///< its evaluations are of the velocity with its divergence
  int evaluations = 0;     ///< of the network

  Eigen::Index dim() const { return latent.rows(); }
  /// -log2 p per coordinate. For 8-bit data scaled to [-1, 1], with uniform noise of one level added,
  /// the offset is 7: log2 of 128 levels a unit.
  Eigen::VectorXd bits_per_dim(double offset = 0) const {
    return (-value.array() / (double(dim()) * std::numbers::ln2) + offset).matrix();
  }
};

namespace verbs {

/// Probes of every sample, after each other: draw k of a stream of the noise's own.
inline Samples<double> draw_probes(Eigen::Index dim, Eigen::Index count,
                                   const LikelihoodOptions& options) {
  Samples<double> probes(dim, count * options.probes), one(dim, count);
  for (int k = 0; k < options.probes; ++k) {
    options.noise.stream("probes").fill(k, one);
    if (options.probe_kind == ProbeKind::rademacher)
      one = (one.array() < 0).select(Samples<double>::Constant(dim, count, -1.0), 1.0);
    for (Eigen::Index n = 0; n < count; ++n) probes.col(n * options.probes + k) = one.col(n);
  }
  return probes;
}

/// What noise of a small sigma adds to log p, to first order in sigma^2: sigma^2 (tr H + |s|^2) / 2
/// with H and s the derivatives of log p, by the heat equation. From the velocity f x - g^2/2 s and
/// its divergence at x.
inline Eigen::VectorXd truncation_of(const Samples<double>& x, const Samples<double>& velocity,
                                     const Eigen::VectorXd& divergence, const Level& l) {
  if (l.std == 0) return Eigen::VectorXd::Zero(x.cols());
  const Samples<double> score = (l.f() * x - velocity) * (2 / l.g2);
  return l.std * l.std / 2 *
         ((double(x.rows()) * l.f() - divergence.array()) * (2 / l.g2) +
          score.colwise().squaredNorm().transpose().array());
}

/// log p of states at level `bottom`, by the ODE in time.
template <class M>
LogLikelihood log_likelihood_in_time(const AnyProcess& process, M model, const Samples<double>& x,
                                     Samples<double> probes, const Level& bottom, const Level& top,
                                     const LikelihoodOptions& options) {
  const Eigen::Index dim = x.rows(), count = x.cols();
  const bool exact = probes.size() == 0;
  VelocityWithDivergence<M> flow(std::move(model), std::move(probes), options.network_epsilon);
  const int below = flow.rows(count);
  Samples<double> state(dim + below, count), start(dim + below, count);
  state.topRows(dim) = x;
  state.bottomRows(below).setZero();
  LogLikelihood result;
  flow(state, Call{.level = bottom, .first_sample = options.noise.first_sample, .to = top}, start);
  result.truncation = truncation_of(x, start.topRows(dim),
                                    start.bottomRows(below).colwise().mean().transpose(), bottom);

  auto sampler = verbs::adaptive_sampler(process, EmbeddedPair<>{}, flow, state,
                                         {.rtol = options.rtol,
                                          .atol = options.atol,
                                          .max_evaluations = options.max_evaluations,
                                          .noise = options.noise});
  result.run = sampler(state, bottom, top);
  check(result.run.stop == AdaptiveRun::Stop::done, "log_likelihood: ", options.max_evaluations,
        " evaluations did not reach the end; allow more, or a larger tolerance");
  result.evaluations = (result.run.evaluations + 1) * flow.evaluations(dim, count);
  result.latent = state.topRows(dim);
  const double deviation = options.prior_deviation > 0 ? options.prior_deviation : top.std;
  const Samples<double> integrals = state.bottomRows(below);
  const Eigen::RowVectorXd mean = integrals.colwise().mean();
  result.value = log_prior(result.latent, deviation) + mean.transpose();
  result.prior_gap = prior_gap_of(x, bottom, result.latent, top, deviation);
  result.standard_error.setConstant(count, exact ? 0 : std::numeric_limits<double>::infinity());
  if (below > 1)
    result.standard_error =
        ((integrals.rowwise() - mean).colwise().squaredNorm() / (double(below) * (below - 1)))
            .cwiseSqrt()
            .transpose();
  return result;
}

/// log_likelihood with given probes: dim rows, those of a sample after each other; none for the
/// exact trace.
template <class M>
LogLikelihood log_likelihood_with(const AnyProcess& process, M model, const Samples<double>& x,
                                  Samples<double> probes, LikelihoodOptions options = {}) {
  static_assert(verbs::require_predictor<M>());
  check(options.prior_deviation >= 0 && std::isfinite(options.prior_deviation),
        "log_likelihood: prior_deviation = ", options.prior_deviation,
        " must be at least 0 and finite");
  check(options.network_epsilon > 0 && options.network_epsilon < 0.1,
        "log_likelihood: network_epsilon = ", options.network_epsilon, " must lie in (0, 0.1)");
  check(x.rows() >= 1 && x.cols() >= 1, "log_likelihood: the samples are ", x.rows(), " x ",
        x.cols(), "; there must be at least one of at least one coordinate");
  check(probes.size() == 0 || (probes.rows() == x.rows() && probes.cols() % x.cols() == 0),
        "log_likelihood: the probes are ", probes.rows(), " x ", probes.cols(), ", the samples ",
        x.rows(), " x ", x.cols(), "; each sample has as many as another, after each other");
  const auto both = ends(process, options.range);
  Level top = both.first, bottom = both.second;
  // A data model gives no velocity at clean data itself.
  if (bottom.is_clean_data() &&
      !conversion(Prediction::velocity, model.prediction, bottom).finite())
    bottom = process.at_sigma(1e-4);
  const auto dim = static_cast<double>(x.rows());
  const double scale = options.x_is_state ? 1 : bottom.scale;
  LogLikelihood result;
  double moved = dim * std::log(scale);
  if (std::isinf(process.t_last)) {
    result = log_likelihood_in_time(process, std::move(model), scale * x, std::move(probes), bottom,
                                    top, options);
  } else {
    // The rates of a table jump at its entries. x / scale lives on EDM's process, which is smooth.
    options.prior_deviation /= top.scale;
    moved = (scale == 1 ? -dim * std::log(bottom.scale) : 0);
    const EDM edm;
    result = log_likelihood_in_time(edm, trained_on(process, std::move(model)),
                                    scale / bottom.scale * x, std::move(probes),
                                    edm.at(bottom.sigma()), edm.at(top.sigma()), options);
    result.latent *= top.scale;
  }
  result.value.array() += moved;
  return result;
}

/// log p(x) of each column under a model, by the probability-flow ODE from data to noise:
/// log p_0(x_0) = log p_T(x_T) + the integral of the velocity's divergence over t. Song et al. 2020,
/// arXiv:2011.13456, section 4.3. Steps are chosen for the tolerances, over data and integrals alike.
///
///     const auto p = tw::log_likelihood(process, model, x, {.probes = 16});
///     p.value, p.standard_error, p.bits_per_dim(7)
template <class M>
LogLikelihood log_likelihood(const AnyProcess& process, M model, const Samples<double>& x,
                             const LikelihoodOptions& options = {}) {
  check(options.probes >= 0 && options.probes <= 100'000, "log_likelihood: ", options.probes,
        " probes; 0 (the exact trace) to 100000 are possible");
  return verbs::log_likelihood_with(process, std::move(model), x,
                                    draw_probes(x.rows(), x.cols(), options), options);
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
