// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "tweedie/tuning/pilots.hpp"

namespace tweedie {

struct FitOptions {
  /// Pull towards DPM-Solver++(2M)'s weights, relative to each feature's square: large for networks
  /// that are noisy in their label, small for smooth ones.
  double ridge = 1e-6;
  /// Weight of the condition that data moved by mu move the output by mu. 1 makes a plan that serves
  /// data of another mean as well as its own; under strong guidance that doubles its errors.
  double shift = 0.01;
  int reweighted = 3;  ///< passes in which pilots far off lose weight
  int window = 1000;   ///< evaluations that a row reads: the last so many, and the first
};

namespace verbs {

/// The weights of a step that 2M would take, over the state and the data of all evaluations so far.
inline Eigen::VectorXd usual_weights(const Plan& usual, int step) {
  Eigen::VectorXd weights = Eigen::VectorXd::Zero(step + 2);
  std::vector<int> evaluation_of(static_cast<std::size_t>(usual.value_count()), -1);
  int made = -1;
  for (const Row& row : usual.rows()) {
    if (const auto* e = std::get_if<Evaluate>(&row))
      evaluation_of[static_cast<std::size_t>(e->out)] = e->evaluation;
    if (!is_commit(row) || ++made != step) continue;
    for (const Term& term : std::get<Update>(row).terms) {
      const int evaluation = evaluation_of[static_cast<std::size_t>(term.operand.index)];
      weights[evaluation < 0 ? 0 : 1 + evaluation] += term.weight;
    }
  }
  return weights;
}

/// Weights w with features w near target, over samples in the columns' order: features are matrices
/// of one shape. Least squares with a pull towards `usual`, the shift condition, and pilots whose
/// error is far above the others' counting less.
inline Eigen::VectorXd fitted_weights(const std::vector<Samples<double>>& features,
                                      const Samples<double>& target, const Eigen::VectorXd& usual,
                                      const std::vector<double>& moved, double moves_to,
                                      const FitOptions& options) {
  const auto n = static_cast<Eigen::Index>(features.size());
  const Eigen::Index count = target.cols();
  Eigen::VectorXd weights = usual, of_pilot = Eigen::VectorXd::Ones(count);
  for (int pass = 0; pass <= options.reweighted; ++pass) {
    Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(n, n);
    Eigen::VectorXd right = Eigen::VectorXd::Zero(n);
    for (Eigen::Index k = 0; k < count; ++k) {
      Eigen::MatrixXd own(target.rows(), n);
      for (Eigen::Index j = 0; j < n; ++j)
        own.col(j) = features[static_cast<std::size_t>(j)].col(k);
      gram += of_pilot[k] * own.transpose() * own;
      right += of_pilot[k] * own.transpose() * target.col(k);
    }
    const Eigen::VectorXd pull = options.ridge * gram.diagonal();
    const Eigen::Map<const Eigen::VectorXd> shift(moved.data(), n);
    const double of_shift = options.shift * target.squaredNorm() / (moves_to * moves_to + 1e-300);
    gram += of_shift * shift * shift.transpose();
    right += of_shift * moves_to * shift;
    gram.diagonal() += pull;
    right += pull.cwiseProduct(usual);
    weights = gram.ldlt().solve(right);
    Samples<double> error = -target;
    for (Eigen::Index j = 0; j < n; ++j)
      error += weights[j] * features[static_cast<std::size_t>(j)];
    Eigen::VectorXd size = error.colwise().norm().transpose(), sorted = size;
    std::sort(sorted.begin(), sorted.end());
    const double far = 4 * sorted[count / 2] + 1e-300;
    of_pilot = (size.array() / far).max(1).square().inverse();
  }
  return weights;
}

/// A plan of one evaluation a step whose rows are fitted to pilots, one after the other: each is the
/// least-squares sum of the state and of the data of all evaluations so far, at the states that the
/// rows before it made. In closed form, without gradients of the network. The pilots' first column
/// is sample `first_sample`, for models with a condition for each.
template <class M>
Plan fit_rows(const AnyProcess& process, M model, const Grid& grid, const Pilots& pilots,
              const FitOptions& options = {}, std::int64_t first_sample = 0) {
  check(static_cast<int>(pilots.size()) == grid.steps() + 1, "fit_rows: ", pilots.size(),
        " states of pilots for a grid of ", grid.steps() + 1, " levels");
  check(options.ridge >= 0 && options.shift >= 0 && options.window >= 1,
        "fit_rows: ridge = ", options.ridge, " and shift = ", options.shift,
        " must be at least 0, window = ", options.window, " at least 1");
  const Plan usual = make_plan(process, DPMSolverPP2M{}, grid);
  const Eigen::Index dim = pilots[0].rows(), count = pilots[0].cols();
  verbs::reserve<Samples<double>>(model, dim, count);
  Samples<double> x = pilots[0], output(dim, count);
  std::vector<Samples<double>> data;
  std::vector<Row> rows;
  std::vector<int> of_data;  // the value of each evaluation
  int state = 0, made = 0;
  for (int k = 0; k < grid.steps(); ++k) {
    const Level &t = grid[k], &u = grid[k + 1];
    const Conversion c = checked_conversion(Prediction::data, model.prediction, t);
    Eigen::Map<Samples<double>> out(output.data(), dim, count);
    const Eigen::Map<const Samples<double>> in(x.data(), dim, count);
    model(in, Call{.level = t, .step = k, .evaluation = k, .first_sample = first_sample, .to = u},
          out);
    data.push_back(c.state * x + c.output * output);
    rows.push_back(Evaluate{++made, state, Prediction::data, t, k});
    of_data.push_back(made);

    const Eigen::VectorXd all = usual_weights(usual, k);
    std::vector<Samples<double>> features{x};
    std::vector<int> read{state};
    std::vector<double> moved{t.scale}, own{all[0]};
    for (int j = 0; j <= k; ++j)
      if (j == 0 || j > k - options.window) {
        features.push_back(data[static_cast<std::size_t>(j)]);
        read.push_back(of_data[static_cast<std::size_t>(j)]);
        moved.push_back(1), own.push_back(all[1 + j]);
      }
    const Eigen::VectorXd weights = fitted_weights(
        features, pilots[static_cast<std::size_t>(k + 1)],
        Eigen::Map<const Eigen::VectorXd>(own.data(), std::ssize(own)), moved, u.scale, options);
    Update update{++made, Role::state, {}};
    x.setZero();
    for (std::size_t j = 0; j < features.size(); ++j) {
      const double weight = weights[static_cast<Eigen::Index>(j)];
      x += weight * features[j];
      update.terms.push_back({{Operand::Kind::value, read[j]}, weight});
    }
    rows.push_back(std::move(update));
    state = made;
  }
  Facts facts{.name = sentence({"tuned for ", grid.steps(), " evaluations"}), .order = 0};
  facts.remembers = std::min(grid.steps(), options.window);
  return Plan(std::move(facts), Intervals(grid), std::move(rows), {});
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
