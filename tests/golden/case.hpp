// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "../support/plans.hpp"
#include "../support/registry.hpp"

#include <tweedie/distribution/mixture.hpp>
#include <tweedie/noise/recorded.hpp>
#include <tweedie/run/sampler.hpp>

namespace golden {

namespace tw = tweedie;
using Case = nlohmann::json;
using Numbers = std::vector<double>;

/// The largest absolute difference between the library and a case; none if it is not covered.
using Difference = std::optional<double>;

inline double largest_difference(const Numbers& a, const Numbers& b) {
  if (a.size() != b.size()) return std::numeric_limits<double>::infinity();
  double most = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    const double difference = a[k] == b[k] ? 0 : std::abs(a[k] - b[k]);
    if (!(difference <= most)) most = difference;  // NaN as well, which std::max would drop
    if (std::isnan(most)) return std::numeric_limits<double>::infinity();
  }
  return most;
}

/// A peer's array of samples, one a row, as a state: one a column.
inline Eigen::MatrixXd state(const Case& rows) {
  Eigen::MatrixXd x(static_cast<Eigen::Index>(rows[0].size()),
                    static_cast<Eigen::Index>(rows.size()));
  for (Eigen::Index k = 0; k < x.cols(); ++k)
    for (Eigen::Index i = 0; i < x.rows(); ++i)
      x(i, k) = rows[static_cast<std::size_t>(k)][static_cast<std::size_t>(i)].get<double>();
  return x;
}

/// The case's exact model, a mixture of one or more Gaussians.
inline tw::Mixture model(const Case& c) {
  const Case& m = c["model"];
  std::vector<tw::Gaussian> components;
  for (std::size_t k = 0; k < m["weights"].size(); ++k) {
    const Numbers mean = m["means"][k];
    components.emplace_back(Eigen::Map<const Eigen::VectorXd>(mean.data(), std::ssize(mean)),
                            state(m["covariances"][k]));
  }
  return tw::Mixture(m["weights"].get<Numbers>(), std::move(components));
}

/// How the peers' orders fall over the last steps, as UniPC's always does; where they are stable
/// they do not ask.
inline constexpr tw::LowerOrder peers_always{std::numeric_limits<int>::max(), false};

/// Runs a plan from x with the case's draws, which are those that some row uses, in order.
inline Eigen::MatrixXd replay(const Case& c, const tw::Plan& plan, Eigen::MatrixXd x) {
  const std::set<int> used = draws_of(plan);
  std::vector<Eigen::MatrixXd> draws(static_cast<std::size_t>(plan.draw_count()) + 1, x);
  std::size_t next = 0;
  const Case& recorded = c["noise"];
  for (int draw : used) {
    tw::check(next < recorded.size(), "the plan uses ", used.size(), " draws, the case has ",
              recorded.size());
    tw::math::element(draws, draw) = state(recorded[next++]);
  }
  tw::Sampler sampler(plan, model(c), x);
  sampler(x, tw::RecordedNoise(std::move(draws)));
  return x;
}

inline Difference compare(const Case& c, const Eigen::MatrixXd& x,
                          const char* expected = "x_final") {
  const Eigen::MatrixXd difference = x - state(c[expected]);
  return difference.allFinite() ? difference.cwiseAbs().maxCoeff()
                                : std::numeric_limits<double>::infinity();
}

inline Difference run(const Case& c, const tw::Plan& plan, const char* expected = "x_final") {
  return compare(c, replay(c, plan, state(c["x_init"])), expected);
}

inline std::vector<double> sigmas_of(const tw::Grid& grid) {
  std::vector<double> all;
  for (const tw::Level& l : grid.levels()) all.push_back(l.sigma());
  return all;
}

/// The weights of the new epsilon and of older ones in every step of a plan of one evaluation each.
inline std::vector<Numbers> history_weights(const tw::Plan& plan) {
  std::vector<Numbers> all;
  for (const tw::Row& row : tw::lowering::fold(plan.rows(), tw::Prediction::epsilon))
    if (tw::is_commit(row)) {
      Numbers weights;
      const auto& terms = std::get<tw::Update>(row).terms;
      for (std::size_t k = 1; k < terms.size(); ++k) weights.push_back(terms[k].weight);
      all.push_back(weights);
    }
  return all;
}

inline double number(const Case& c, const char* name, double otherwise) {
  return c.contains(name) && !c[name].is_null() ? c[name].get<double>() : otherwise;
}
inline std::string text(const Case& c, const char* name, const std::string& otherwise = "") {
  return c.contains(name) && c[name].is_string() ? c[name].get<std::string>() : otherwise;
}

}  // namespace golden
