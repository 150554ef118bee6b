// SPDX-License-Identifier: MIT
// Paths of six processes, forward by the SDE and back by the SDE and the ODE, in one picture: time runs
// to the right, each state is divided by its deviation. Data are two clusters in one dimension, of which
// everything is known.
#include <cstdio>
#include <tweedie/distribution/mixture.hpp>
#include <tweedie/tweedie.hpp>
#include <vector>

#include "svg.hpp"
namespace tw = tweedie;
using Eigen::MatrixXd;

const tw::Mixture& data() {
  const auto at = [](double centre) {
    return tw::Gaussian(Eigen::VectorXd::Constant(1, centre), MatrixXd::Constant(1, 1, 0.02));
  };
  static const tw::Mixture two({0.4, 0.6}, {at(1), at(-0.8)});
  return two;
}

// A path as it is drawn: the fraction of the time, and the state divided by its deviation.
struct Row {
  Panel panel;
  tw::Grid grid;
  Svg::Point at(int k, double x) const {
    const tw::Level& l = grid[k];
    const double part = (l.t - grid.back().t) / (grid.front().t - grid.back().t);
    return panel.at(part, x / std::hypot(l.scale * 0.9, l.std));
  }
};

void draw(Svg& drawing, const Row& row, const std::vector<MatrixXd>& states) {
  for (Eigen::Index path = 0; path < states[0].cols(); ++path) {
    std::vector<Svg::Point> points;
    for (std::size_t k = 0; k < states.size(); k += 2)
      points.push_back(row.at(int(k), states[k](0, path)));
    drawing.path(points, states.back()(0, path) > 0 ? "#2a7de1" : "#e07b39", 0.8);
  }
}

int main(int argc, char** argv) {
  const auto one = [](auto t) { return 1 + 0 * t; };
  const auto root = [](auto t) {
    using std::sqrt;
    return sqrt(t);
  };
  struct Named {
    const char* name;
    tw::AnyProcess process;
  };
  const std::vector<Named> processes{
      {"VP", tw::VP{}},
      {"sub-VP", tw::SubVP{}},
      {"VE, geometric", tw::VE{.sigma_max = 10}},
      {"VE, sigma = sqrt(t)", tw::from_scale_and_sigma(one, root, 1e-4, 100)},
      {"EDM, sigma = t", tw::EDM{.t_max = 10}},
      {"flow", tw::Flow{.t_min = 1e-3, .t_max = 0.999}}};
  Svg drawing(1180, 560);
  const char* rows[] = {"forward SDE", "back by the SDE", "back by the ODE"};
  std::puts("deviation of the samples (the data's: 0.893)   by the SDE   by the ODE");
  double left = 116;
  for (const auto& [name, process] : processes) {
    const tw::Grid grid = tw::power(process, 300, 2, {.to_zero = false});
    const auto panel = [&](int row) {
      return Row{{left, 50 + 170.0 * row, 165, 150, 0, 1, -2.7, 2.7}, grid};
    };
    drawing.text(left + 82, 32, name, 14, "middle");
    MatrixXd x(1, 12);
    data().sample(x, tw::Noise{.seed = 2});
    draw(drawing, panel(0), tw::forward_path(grid, x, tw::Noise{.seed = 1}));
    double deviations[2];
    for (int row = 1; row < 3; ++row) {
      const tw::Plan plan = tw::make_plan(process, row == 1 ? "euler_maruyama" : "heun_time", grid);
      tw::prior(plan.from(), x, tw::Noise{.seed = 3});
      tw::Sampler sampler(plan, data(), x);
      draw(drawing, panel(row), tw::trajectory(sampler, x, tw::Noise{.seed = 3}));
      MatrixXd many(1, 4000);
      tw::prior(plan.from(), many, tw::Noise{.seed = 4});
      tw::Sampler(plan, data(), many)(many, tw::Noise{.seed = 4});
      deviations[row - 1] = std::sqrt((many.array() - many.mean()).square().mean());
    }
    std::printf("%-44s %12.3f %12.3f\n", name, deviations[0], deviations[1]);
    left += 177;
  }
  for (int row = 0; row < 3; ++row) drawing.text(8, 130 + 170.0 * row, rows[row], 13);
  drawing.text(116, 550, "data", 12);
  drawing.text(281, 550, "noise", 12, "end");
  if (argc > 1) drawing.save(argv[1]);
}
