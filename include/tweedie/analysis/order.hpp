// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <ostream>
#include <string>
#include <vector>

#include "tweedie/analysis/moments.hpp"
#include "tweedie/distribution/mixture.hpp"
#include "tweedie/grid/spacing.hpp"
#include "tweedie/run/steps.hpp"

namespace tweedie {

/// The error at the end of a run, for several numbers of steps, and the slopes between them.
struct OrderTable {
  struct Entry {
    int steps;
    double error, slope;  ///< slope: log(error before / error) / log(steps / steps before)
  };

  Facts facts;
  std::vector<Entry> entries;

  void add(int steps, double error) {
    const double slope = entries.empty() ? std::nan("")
                                         : std::log(entries.back().error / error) /
                                               std::log(double(steps) / entries.back().steps);
    entries.push_back({steps, error, slope});
  }
  /// The measured order: the last slope.
  double order() const { return entries.back().slope; }
};

inline std::ostream& operator<<(std::ostream& out, const OrderTable& table) {
  out << sentence({table.facts.name, ", order ", table.facts.order, " declared\n"});
  for (const auto& [steps, error, slope] : table.entries)
    out << sentence({"  ", steps, " steps: error ", error,
                     std::isnan(slope) ? "" : ", order " + to_text(slope), "\n"});
  return out;
}

/// The range of noise levels over which an order is measured, and how a multistep method starts:
/// warm, from states on the exact trajectory, or cold, as in a run.
struct OrderOptions {
  double sigma_max = 10, sigma_min = 0.1;
  bool warm = true;
};

namespace verbs {

/// A mixture of four Gaussians in three dimensions, without symmetry.
inline Mixture order_target() {
  const auto gaussian = [](Eigen::Vector3d mean, double xx, double yy, double zz, double xy,
                           double xz, double yz) {
    Eigen::Matrix3d covariance;
    covariance << xx, xy, xz, xy, yy, yz, xz, yz, zz;
    return Gaussian(mean, covariance);
  };
  return Mixture({0.1, 0.2, 0.3, 0.4},
                 {gaussian({0.062, 1.401, 0.811}, 0.216, 0.198, 0.096, 0.026, 0.066, -0.018),
                  gaussian({0.814, 0.533, 0.123}, 0.266, 0.481, 0.099, 0, 0, 0),
                  gaussian({-1.562, 0.434, -0.093}, 0.328, 0.44, 0.293, 0.005, 0.155, 0.081),
                  gaussian({0.981, 0.643, 0.875}, 0.339, 0.146, 0.187, 0, 0, 0)});
}

/// y = x / scale carried along the exact ODE dy/dlambda = data - y by `steps` steps of the
/// classical Runge-Kutta method: written out, so that it shares nothing with the solvers that it
/// judges.
inline Samples<double> reference_solution(Mixture target, Samples<double> y, double lambda,
                                          double lambda_end, int steps) {
  const double h = (lambda_end - lambda) / steps;
  const auto slope = [&](double l, const Samples<double>& state) -> Samples<double> {
    Samples<double> data(state.rows(), state.cols());
    target(state, Call{{.scale = 1, .std = std::exp(-l)}}, data);
    return data - state;
  };
  for (int k = 0; k < steps; ++k) {
    const double l = lambda + k * h;
    const Samples<double> a = slope(l, y), b = slope(l + h / 2, y + h / 2 * a);
    const Samples<double> c = slope(l + h / 2, y + h / 2 * b), d = slope(l + h, y + h * c);
    y += h / 6 * (a + 2 * b + 2 * c + d);
  }
  return y;
}

/// The order of a deterministic solver: rms error of x / scale at sigma_min, from eight starts at
/// sigma_max, against the exact trajectory, on grids uniform in lambda.
inline OrderTable measure_strong_order(const AnyProcess& process, const AnySolver& solver,
                                       const std::vector<int>& steps, const OrderOptions& options) {
  const Mixture target = order_target();
  const double from = -std::log(options.sigma_max), to = -std::log(options.sigma_min);
  Samples<double> start(3, 8);
  Noise{.seed = 1}.fill(0, start);
  start *= options.sigma_max;
  const Samples<double> exact = reference_solution(target, start, from, to, 4000);

  OrderTable table{solver.facts(), {}};
  for (int n : steps) {
    const double h = (to - from) / n;
    // A predictor-corrector method evaluates at states that it predicts, so that its history is
    // exact only after some steps more than it remembers.
    const int order = solver.facts().order, before = options.warm && order > 1 ? 3 * order : 0;
    std::vector<double> sigmas;
    for (int k = -before; k <= n; ++k) sigmas.push_back(std::exp(-(from + k * h)));
    const Plan plan = make_plan(process, solver, from_sigmas(process, sigmas));
    const int fine = 40;
    Samples<double> on_path =
        before == 0 ? start
                    : reference_solution(target, start, from, from - before * h, fine * before);
    Samples<double> x = plan.from().scale * on_path;
    Sampler sampler(plan, target, x);
    Noise none;
    for (auto step : sampler.steps(x, none)) {
      if (step.index >= before) continue;
      on_path = reference_solution(target, on_path, step.from.lambda(), step.to.lambda(), fine);
      step.x = step.to.scale * on_path;
    }
    table.add(
        n, std::sqrt((x / plan.to().scale - exact).squaredNorm() / static_cast<double>(x.size())));
  }
  return table;
}

/// The weak order of a stochastic solver: error of the second moment of x / scale on Gaussian data
/// N(0.7, 0.3) in one dimension, from the exact recursion over its plan.
inline OrderTable measure_weak_order(const AnyProcess& process, const AnySolver& solver,
                                     const std::vector<int>& steps, const OrderOptions& options) {
  const Gaussian data(Eigen::VectorXd::Constant(1, 0.7), Samples<double>::Constant(1, 1, 0.3));
  const auto second = [](const Moments& m, const Level& l) {
    return (m.covariance(0, 0) + m.mean[0] * m.mean[0]) / (l.scale * l.scale);
  };
  OrderTable table{solver.facts(), {}};
  for (int n : steps) {
    const NoiseRange range{
        .sigma_max = options.sigma_max, .sigma_min = options.sigma_min, .to_zero = false};
    const Plan plan = make_plan(process, solver, log_snr(process, n, range));
    table.add(n, std::abs(second(moments(plan, data, Start::exact), plan.to()) -
                          second(exact_moments(data, plan.to()), plan.to())));
  }
  return table;
}

/// The measured order of a solver on a process: strong on a mixture if it is deterministic, weak on
/// Gaussian data if it draws noise. Print the result, or compare order() with facts().order.
inline OrderTable measure_order(const AnyProcess& process, const AnySolver& solver,
                                const std::vector<int>& steps, const OrderOptions& options = {}) {
  check(steps.size() >= 2, "measure_order: a slope needs 2 numbers of steps, not ", steps.size());
  for (std::size_t k = 0; k < steps.size(); ++k)
    check(steps[k] >= 1 && (k == 0 || steps[k] > steps[k - 1]), "measure_order: ", steps[k],
          " steps; the numbers must rise, from at least 1");
  return solver.facts().stochastic() ? measure_weak_order(process, solver, steps, options)
                                     : measure_strong_order(process, solver, steps, options);
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
