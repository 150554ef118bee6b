// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cstdint>
#include <vector>

#include "tweedie/model/predict.hpp"
#include "tweedie/model/scratch.hpp"
#include "tweedie/plan/make_plan.hpp"
#include "tweedie/tuning/least_squares.hpp"

namespace tweedie {

namespace verbs {

/// The weights of a plan's step over the state and the data of all evaluations so far. The plan may
/// read data of any evaluation and epsilon of the step's own, as DPM-Solver++(2M) does.
inline Eigen::VectorXd usual_weights(const Plan& usual, int step) {
  Eigen::VectorXd weights = Eigen::VectorXd::Zero(step + 2);
  std::vector<const Evaluate*> evaluation_of(static_cast<std::size_t>(usual.value_count()));
  int made = -1, state = 0;
  for (const Row& row : usual.rows()) {
    if (const auto* e = std::get_if<Evaluate>(&row))
      evaluation_of[static_cast<std::size_t>(e->out)] = e;
    if (!is_commit(row)) continue;
    if (++made < step) {
      state = std::get<Update>(row).out;
      continue;
    }
    for (const Term& term : std::get<Update>(row).terms) {
      const Evaluate* const e = term.operand.is_draw()
                                    ? nullptr
                                    : evaluation_of[static_cast<std::size_t>(term.operand.index)];
      const bool reads_data = e != nullptr && e->prediction == Prediction::data,
                 reads_epsilon =
                     e != nullptr && e->prediction == Prediction::epsilon && e->in == state;
      check(e != nullptr ? (reads_data || reads_epsilon) && e->evaluation <= step
                         : !term.operand.is_draw() && term.operand.index == state,
            "fit_rows: step ", step,
            " of the usual plan reads more than its state, data and the newest epsilon; take "
            "dpmpp_2m's, or one that was fitted");
      const double weight = term.weight;
      if (reads_data) {
        weights[1 + e->evaluation] += weight;
      } else if (reads_epsilon) {
        weights[0] += weight / e->level.std;
        weights[1 + e->evaluation] -= weight * e->level.scale / e->level.std;
      } else {
        weights[0] += weight;
      }
    }
    break;
  }
  return weights;
}

}  // namespace verbs

/// Steps of one evaluation, each fitted to where the pilots are at the next level: a sum of the
/// state and of the data that the network predicted so far.
template <class M>
class StepFit {
 public:
  /// A step's weights over the state, which is feature 0, and evaluations e, features 1 + e.
  struct Weighted {
    std::vector<int> features;
    Eigen::VectorXd weights;
  };

  /// `usual` is a plan of one evaluation a step on the same grid, by 2M for instance.
  StepFit(const M& model, const Grid& grid, const Plan& usual, std::int64_t first_sample)
      : model_(model), grid_(grid), usual_(usual), first_sample_(first_sample) {
    check(usual.steps() == grid.steps() && usual.nfe() == grid.steps(),
          "fit_rows: the usual plan has ", usual.steps(), " steps and ", usual.nfe(),
          " evaluations for a grid of ", grid.steps(), "; it must have one a step");
    for (const Interval& s : usual.intervals())
      check(s.from == grid[s.index - usual.intervals().front().index] &&
                s.to == grid[s.index - usual.intervals().front().index + 1],
            "fit_rows: the usual plan is on another grid");
    check(grid.direction() == Grid::Direction::falling,
          "fit_rows: the grid rises, from data to noise; rows are fitted to sampling only");
  }

  /// Asks the network at x, where step k begins.
  void evaluate(const Samples<double>& x, int k) {
    const Level& t = grid_[k];
    verbs::reserve<Samples<double>>(model_, x.rows(), x.cols());
    Samples<double>& data = data_.emplace_back(x.rows(), x.cols());
    Eigen::Map<Samples<double>> out(data.data(), x.rows(), x.cols());
    const Call call{.level = t,
                    .step = grid_.first_step() + k,
                    .evaluation = k,
                    .first_sample = first_sample_,
                    .to = grid_[k + 1]};
    verbs::predict(model_, Prediction::data, verbs::view_of(x), call, out);
  }

  /// Step k from x, which ends near target.
  Weighted fitted(const Samples<double>& x, const Samples<double>& target, int k,
                  const FitOptions& options) const {
    const Eigen::VectorXd usual = verbs::usual_weights(usual_, k);
    Weighted row{{0}, {}};
    FitProblem problem{.target = &target, .moves_to = grid_[k + 1].scale};
    problem.add(x, usual[0], grid_[k].scale);
    for (int e = 0; e <= k; ++e)
      if (e == 0 || e > k - options.window) {
        row.features.push_back(1 + e);
        problem.add(data_[static_cast<std::size_t>(e)], usual[1 + e], 1);
      }
    row.weights = verbs::fitted_weights(problem, options);
    return row;
  }

  /// Where a step from x ends.
  Samples<double> after(const Samples<double>& x, const Weighted& row) const {
    Samples<double> y = row.weights[0] * x;
    for (std::size_t j = 1; j < row.features.size(); ++j)
      y += row.weights[static_cast<Eigen::Index>(j)] *
           data_[static_cast<std::size_t>(row.features[j] - 1)];
    return y;
  }

 private:
  M model_;
  Grid grid_;
  Plan usual_;
  std::int64_t first_sample_;
  std::vector<Samples<double>> data_;
};

}  // namespace tweedie
