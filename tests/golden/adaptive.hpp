// SPDX-License-Identifier: MIT
// Runs whose steps are chosen by their errors, and likelihoods.
//
// | theirs                          | ours                                                       |
// |---------------------------------|------------------------------------------------------------|
// | score_sde get_ode_sampler       | EmbeddedPair<InTime>{}, ErrorNorm::batch                   |
// | ... denoise                     | a step of ReverseDiffusion's mean, of length 1/1000        |
// | score_sde get_likelihood_fn     | log_likelihood, x_is_state, prior_deviation = 1 (VP)       |
// | dpm-solver, method = adaptive   | DPMSolver12, 23 on epsilon or data, worst_sample           |
// | k-diffusion sample_dpm_adaptive | the same on epsilon, batch, StepControl::softened(P, I, D) |
// | ... eta                         | not ours                                                   |
// | k-diffusion log_likelihood      | not to 1e-10: it steps beyond the end and interpolates     |
#pragma once

#include "case.hpp"

#include <Eigen/Cholesky>

#include <tweedie/adaptive/methods.hpp>
#include <tweedie/likelihood/log_likelihood.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/sub_vp.hpp>
#include <tweedie/process/ve.hpp>
#include <tweedie/process/vp.hpp>

namespace golden {

inline tw::AnyProcess adaptive_process(const Case& c) {
  const Case& p = c["process"];
  const std::string name = p["name"];
  if (name == "VESDE") return tw::VE{.sigma_min = p["sigma_min"], .sigma_max = p["sigma_max"]};
  if (name == "VPSDE") return tw::VP{.beta_min = p["beta_min"], .beta_max = p["beta_max"]};
  if (name == "subVPSDE") return tw::SubVP{.beta_min = p["beta_min"], .beta_max = p["beta_max"]};
  if (name == "VP linear") return tw::VP{.beta_min = p["beta_0"], .beta_max = p["beta_1"]};
  return tw::EDM{};
}

/// The run of DPM-Solver's pair of that order.
template <tw::Prediction on>
tw::AdaptiveRun dpm_adaptive(const tw::AnyProcess& process, const Case& c, Eigen::MatrixXd& x,
                             const tw::Level& from, const tw::Level& to,
                             const tw::AdaptiveOptions& options) {
  if (c["parameters"]["order"].get<int>() == 2)
    return tw::adaptive_sampler(process, tw::DPMSolver12<on>{}, model(c), x, options)(x, from, to);
  return tw::adaptive_sampler(process, tw::DPMSolver23<on>{}, model(c), x, options)(x, from, to);
}

/// score_sde's last step: the mean of reverse diffusion over 1/1000 of the time.
inline void denoise(const Case& c, const tw::Level& l, Eigen::MatrixXd& x) {
  Eigen::MatrixXd D(x.rows(), x.cols());
  model(c)(x, tw::Call{.level = l}, D);
  const Eigen::MatrixXd score = (l.scale * D - x) / (l.std * l.std);
  const Case& p = c["process"];
  double drift = l.f() / 1000, variance = l.g2 / 1000;
  if (p["name"] == "VPSDE") {
    const double low = p["beta_min"], beta = low / 1000;  // entry trunc(eps (N - 1)) = 0
    drift = std::sqrt(1 - beta) - 1, variance = beta;
  } else if (p["name"] == "VESDE") {
    const double low = p["sigma_min"];
    drift = 0, variance = low * low;
  }
  x = x - drift * x + variance * score;
}

/// The case's exact model with products with its Jacobian, by formulas of its own.
struct WithJacobian : tw::Mixture {
  explicit WithJacobian(tw::Mixture mixture) : tw::Mixture(std::move(mixture)) {}

  void jvp(const auto& x, const tw::Call& call, const auto& v, auto& out) const {
    const double s = call.level.scale, std = call.level.std;
    const auto K = static_cast<Eigen::Index>(components().size());
    for (Eigen::Index n = 0; n < x.cols(); ++n) {
      Eigen::VectorXd logits(K), slopes(K);
      Eigen::MatrixXd means(x.rows(), K), moved(x.rows(), K);
      for (Eigen::Index k = 0; k < K; ++k) {
        const tw::Gaussian& g = components()[static_cast<std::size_t>(k)];
        const Eigen::MatrixXd C = g.with_eigenvalues(g.variances()),
                              S = s * s * C +
                                  std * std * Eigen::MatrixXd::Identity(C.rows(), C.cols());
        const Eigen::LLT<Eigen::MatrixXd> llt(S);
        const Eigen::VectorXd r = x.col(n) - s * g.mean(), solved = llt.solve(r);
        logits[k] = std::log(weights()[static_cast<std::size_t>(k)]) - r.dot(solved) / 2 -
                    llt.matrixLLT().diagonal().array().log().sum();
        slopes[k] = -solved.dot(v.col(n));
        means.col(k) = g.mean() + s * C * solved;
        moved.col(k) = s * C * llt.solve(v.col(n));
      }
      Eigen::VectorXd w = (logits.array() - logits.maxCoeff()).exp();
      w /= w.sum();
      out.col(n) = moved * w + means * (w.array() * (slopes.array() - w.dot(slopes))).matrix();
    }
  }
};

inline Difference adaptive(const Case& c) {
  const Case& p = c["parameters"];
  const tw::AnyProcess process = adaptive_process(c);
  const std::string peer = c["peer"];
  if (c["kind"] == "likelihood") {
    // There the first step is measured by a slope beyond the end, where a process need not go.
    const bool beyond = text(c, "case").find("likelihood_ve_gauss") != std::string::npos;
    if (peer == "k-diffusion" || beyond) return {};
    const std::string kind = p["hutchinson_type"];
    tw::LikelihoodOptions options{.rtol = p["rtol"], .atol = p["atol"], .x_is_state = true};
    options.range.t_min = p["eps"].get<double>();
    if (c["process"]["name"] != "VESDE") options.prior_deviation = 1;
    Eigen::MatrixXd probes;
    if (kind != "exact_trace") probes = state(c["noise"][0]);
    const tw::LogLikelihood r = tw::log_likelihood_with(process, WithJacobian(model(c)),
                                                        state(c["x_init"]), probes, options);
    const Eigen::VectorXd ours = r.bits_per_dim(7);
    const Numbers theirs = c["bpd"];
    double most = 0;
    for (Eigen::Index k = 0; k < ours.size(); ++k)
      most = std::max(most, std::abs(ours[k] - theirs[static_cast<std::size_t>(k)]));
    return most;
  }
  Eigen::MatrixXd x = state(c["x_init"]);
  tw::AdaptiveOptions options{.rtol = p["rtol"], .atol = p["atol"]};
  if (peer == "score_sde_pytorch") {
    const tw::Level from = process.at(1), to = process.at(p["eps"].get<double>());
    const int nfe =
        tw::adaptive_sampler(process, tw::EmbeddedPair<>{}, model(c), x, options)(x, from, to)
            .evaluations;
    if (c.contains("nfe_returned_by_peer") && nfe != c["nfe_returned_by_peer"].get<int>())
      return 1e9 + nfe;
    if (p["denoise"].get<bool>()) denoise(c, to, x);
    return compare(c, x);
  }
  if (peer == "k-diffusion") {
    if (number(p, "eta", 0) > 0) return {};
    options.control =
        tw::StepControl::softened(number(p, "pcoeff", 0), number(p, "icoeff", 1),
                                  number(p, "dcoeff", 0), number(p, "accept_safety", 0.81));
    dpm_adaptive<tw::Prediction::epsilon>(process, c, x, process.at_sigma(p["sigma_max"]),
                                          process.at_sigma(p["sigma_min"]), options);
  } else {
    options.norm = tw::ErrorNorm::worst_sample;
    options.control = tw::StepControl::unlimited();
    const tw::Level from = process.at(1), to = process.at(p["t_end"].get<double>());
    const bool on_data = text(c["constructor"], "algorithm_type") == "dpmsolver++";
    if (on_data)
      dpm_adaptive<tw::Prediction::data>(process, c, x, from, to, options);
    else
      dpm_adaptive<tw::Prediction::epsilon>(process, c, x, from, to, options);
  }
  return compare(c, x);
}

}  // namespace golden
