// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "tweedie/tuning/pilots.hpp"
#include "tweedie/tuning/step_fit.hpp"

namespace tweedie {

namespace verbs {

inline void check_fit(const Grid& grid, const Pilots& pilots, const FitOptions& options) {
  check(static_cast<int>(pilots.size()) == grid.steps() + 1, "fit_rows: ", pilots.size(),
        " states of pilots for a grid of ", grid.steps() + 1, " levels");
  check(options.ridge >= 0 && options.shift >= 0 && options.window >= 1 &&
            options.model_noise >= 0 && options.reweighted >= 0 &&
            std::isfinite(options.ridge + options.shift + options.model_noise),
        "fit_rows: ridge = ", options.ridge, ", shift = ", options.shift,
        ", model_noise = ", options.model_noise, " and reweighted = ", options.reweighted,
        " must be finite and at least 0, window = ", options.window, " at least 1");
}

/// A plan of one evaluation a step whose rows are fitted to pilots, one after the other: each is the
/// least-squares sum of the state and of the data of all evaluations so far, at the states that the
/// rows before it made, with a pull towards the `usual` plan's. In closed form, without gradients of
/// the network. The pilots' first column is sample `first_sample`, for models with a condition for
/// each.
template <class M>
Plan fit_rows(const M& model, const Grid& grid, const Pilots& pilots, const Plan& usual,
              const FitOptions& options = {}, std::int64_t first_sample = 0) {
  check_fit(grid, pilots, options);
  StepFit<M> fit(model, grid, usual, first_sample);
  std::vector<Row> rows;
  std::vector<int> value_of{0};  // of each feature
  Samples<double> x = pilots[0];
  int made = 0;
  for (int k = 0; k < grid.steps(); ++k) {
    fit.evaluate(x, k);
    rows.push_back(Evaluate{++made, value_of[0], Prediction::data, grid[k], k});
    value_of.push_back(made);
    const auto row = fit.fitted(x, pilots[static_cast<std::size_t>(k + 1)], k, options);
    x = fit.after(x, row);
    Update update{++made, Role::state, {}};
    for (std::size_t j = 0; j < row.features.size(); ++j)
      update.terms.push_back({{Operand::Kind::value, math::element(value_of, row.features[j])},
                              row.weights[static_cast<Eigen::Index>(j)]});
    rows.push_back(std::move(update));
    value_of[0] = made;
  }
  Facts facts{.name = sentence({"tuned for ", grid.steps(), " evaluations"}), .order = 0};
  facts.remembers = std::min(grid.steps() - 1, options.window);
  facts.starts_from_noise = grid.front().is_pure_noise();
  return Plan(std::move(facts), Intervals(grid), std::move(rows), {});
}

/// How many times nearer than Euler's a fitted step ends, the evaluations so far being exact: a
/// geometric mean over all steps but the first. It says how well this network's outputs predict
/// their successors: a smooth one has 2 to 7 at 5 evaluations, 3 to 12 at 10, 10 to 60 at 20; one that
/// is noisy in its label has less than 2 at any number, and no multistep method serves it.
template <class M>
double gain_of_rows(const M& model, const Grid& grid, const Pilots& pilots, const Plan& usual,
                    std::int64_t first_sample = 0) {
  const FitOptions options{.shift = 0};
  check_fit(grid, pilots, options);
  StepFit<M> fit(model, grid, usual, first_sample);
  double log_gain = 0;
  int counted = 0;
  for (int k = 0; k < grid.steps(); ++k) {
    const Level &t = grid[k], &u = grid[k + 1];
    const Samples<double>&x = pilots[static_cast<std::size_t>(k)],
          &y = pilots[static_cast<std::size_t>(k + 1)];
    fit.evaluate(x, k);
    if (k == 0) continue;
    const double stay = u.std / t.std;
    const typename StepFit<M>::Weighted euler{{0, 1 + k},
                                              Eigen::Vector2d(stay, u.scale - stay * t.scale)};
    const auto row = fit.fitted(x, y, k, options);
    // What was fitted on few numbers is better on them than on others.
    const double free = std::max(1.0 - double(row.features.size()) / double(y.size()), 0.01);
    const double of_euler = (fit.after(x, euler) - y).norm(),
                 of_row = (fit.after(x, row) - y).norm() / std::sqrt(free);
    if (of_euler == 0 || of_row == 0) continue;
    log_gain += std::log(of_euler / of_row);
    ++counted;
  }
  return std::exp(log_gain / std::max(counted, 1));
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
