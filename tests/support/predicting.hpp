// SPDX-License-Identifier: MIT
// What many tests need to run a plan: a model, a start, draws, and the run itself.
#pragma once

#include <Eigen/Core>

#include <type_traits>
#include <utility>
#include <vector>

#include <tweedie/analysis/order.hpp>
#include <tweedie/forward/prior.hpp>
#include <tweedie/noise/recorded.hpp>
#include <tweedie/run/sampler.hpp>

/// The order target's exact model, turned into one that predicts anything by the tables of the
/// papers.
struct Predicting {
  tweedie::Prediction prediction = tweedie::Prediction::data;
  tweedie::Mixture target = tweedie::order_target();

  void operator()(const auto& x, const tweedie::Call& call, auto& out) const {
    using tweedie::Prediction;
    using T = typename std::decay_t<decltype(out)>::Scalar;
    const tweedie::Level& l = call.level;
    const Eigen::MatrixXd state = x.matrix().template cast<double>();
    Eigen::MatrixXd data(state.rows(), state.cols());
    target(state, call, data);
    Eigen::MatrixXd epsilon = (state - l.scale * data) / l.std;
    if (l.is_clean_data()) epsilon.setZero();  // the limit of -std score
    Eigen::MatrixXd m = data;
    if (prediction == Prediction::epsilon) m = epsilon;
    if (prediction == Prediction::score) m = -epsilon / l.std;
    if (prediction == Prediction::v) m = l.scale * epsilon - l.std * data;
    if (prediction == Prediction::velocity) m = l.scale_rate * data + l.std_rate * epsilon;
    out.matrix() = m.cast<T>();
  }
};

/// Draws 0 to `draws` of one seed.
inline tweedie::RecordedNoise recorded(int draws, Eigen::Index rows, Eigen::Index cols) {
  std::vector<Eigen::MatrixXd> all;
  for (int k = 0; k <= draws; ++k) {
    all.emplace_back(rows, cols);
    tweedie::Noise{.seed = 99}.fill(k, all.back());
  }
  return tweedie::RecordedNoise(std::move(all));
}
inline tweedie::RecordedNoise recorded(const tweedie::Plan& plan, const Eigen::MatrixXd& x) {
  return recorded(plan.draw_count(), x.rows(), x.cols());
}

/// Pure noise at the level where a plan starts.
inline Eigen::MatrixXd start(const tweedie::Plan& plan, Eigen::Index rows = 3,
                             Eigen::Index cols = 5) {
  Eigen::MatrixXd x(rows, cols);
  tweedie::prior(plan.from(), x, tweedie::Noise{.seed = 3});
  return x;
}

/// What a plan makes of x.
Eigen::MatrixXd run(const tweedie::Plan& plan, const auto& model, Eigen::MatrixXd x,
                    const auto& noise) {
  tweedie::Sampler sampler(plan, model, x);
  sampler(x, noise);
  return x;
}
/// The same with a model of the data and draws that nobody asks for, as deterministic solvers do.
inline Eigen::MatrixXd run(const tweedie::Plan& plan, Eigen::MatrixXd x) {
  return run(plan, Predicting{}, std::move(x), tweedie::Noise{.seed = 4});
}

inline double largest(const Eigen::MatrixXd& x) {
  return x.cwiseAbs().maxCoeff();
}
