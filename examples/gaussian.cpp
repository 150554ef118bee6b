// SPDX-License-Identifier: MIT
// How good is every sampler on a problem whose answer is known?
//
// The data are an anisotropic Gaussian, so the perfect network is a formula, and what a sampler
// makes of it is known exactly without sampling (tweedie::moments). For each process, solver and
// number of network evaluations (NFE) this program compares that figure with real samples, and
// draws both.  Options: --quick (fewer samples), --all (tables for every NFE).
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tweedie/analysis/moments.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/sub_vp.hpp>
#include <tweedie/process/ve.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/sample.hpp>
#include <tweedie/solver/ode/runge_kutta.hpp>

#include "gaussian.hpp"

namespace tw = tweedie;

std::vector<std::pair<std::string, tw::AnySolver>> all_solvers();  // gaussian_solvers.cpp

namespace {

const std::vector<int> budgets{12, 24, 48, 96};  // NFE, each a multiple of every solver's need

tw::Gaussian data() {
  Eigen::Matrix2d covariance;
  covariance << 0.82, 0.42, 0.42, 0.28;
  return tw::Gaussian(Eigen::Vector2d(0.5, -0.25), covariance);
}

/// The distance of samples from the perfect moments. Along the data's axes its square is a sum of
/// squares of means and deviations, whose sampling errors are known to first order.
void measure(const Eigen::MatrixXd& x, const tw::Gaussian& target, const tw::Level& at, Result& r) {
  const double n = static_cast<double>(x.cols());
  const Eigen::MatrixXd y = target.axes().transpose().lazyProduct(x);
  const Eigen::VectorXd centre = at.scale * target.in_eigenbasis(target.mean());
  const Eigen::ArrayXd deviation = target.marginal_variances(at).sqrt();
  double square = 0, variance = 0;
  const auto add = [&](double difference, double error2) {
    square += difference * difference - error2;  // without its bias
    variance += 4 * difference * difference * error2 + 2 * error2 * error2;
  };
  for (Eigen::Index axis = 0; axis < y.rows(); ++axis) {
    const double mean = y.row(axis).mean();
    const double spread = std::sqrt((y.row(axis).array() - mean).square().sum() / (n - 1));
    add(mean - centre[axis], spread * spread / n);
    add(spread - deviation[axis], spread * spread / (2 * n));
  }
  const auto root = [](double value) { return std::sqrt(std::max(value, 0.0)); };
  const double margin = 1.96 * std::sqrt(variance);
  r.sampled = root(square), r.lowest = root(square - margin), r.highest = root(square + margin);
}

/// The exact error of a plan: no samples.
double error(const tw::Plan& plan) {
  return tw::wasserstein(tw::moments(plan, data()), tw::exact_moments(data(), plan.to()));
}

Study study(const std::string& name, const tw::AnyProcess& process, Eigen::Index samples) {
  const tw::Gaussian target = data();
  Study result{
      name, error(tw::make_plan(process, tw::RK4<tw::InSigma>{}, tw::karras(process, 800))), {}};
  Eigen::MatrixXd x(2, samples);
  for (const auto& [solver_name, solver] : all_solvers()) {
    for (int nfe : budgets) {
      const int steps = nfe / solver.facts().evaluations;
      const tw::Plan plan = tw::make_plan(process, solver, tw::karras(process, steps));
      Result r{solver_name, solver.facts().order, nfe, error(plan), 0, 0, 0, 0};

      const tw::Noise noise{.seed = 1000 + result.results.size()};
      tw::Sampler sampler(plan, target, x);
      tw::prior(plan.from(), x, noise);
      const auto start = std::chrono::steady_clock::now();
      sampler(x, noise);
      const std::chrono::duration<double, std::nano> time =
          std::chrono::steady_clock::now() - start;
      r.nanoseconds =
          time.count() / static_cast<double>(plan.nfe()) / static_cast<double>(x.size());
      measure(x, target, plan.to(), r);
      result.results.push_back(r);
    }
    if (isatty(STDERR_FILENO))
      std::fprintf(stderr, "\r%-6s %-20s\r", name.c_str(), solver_name.c_str());
  }
  return result;
}

void print(const Study& study, int nfe) {
  std::printf(
      "\n%s, %d network evaluations. Starting from pure noise costs a perfect solver of the ODE "
      "%.4f;\n"
      "stochastic solvers forget it on the way.\n",
      study.process.c_str(), nfe, study.floor);
  std::printf("  %-20s%6s%9s%10s  %-18s%7s   %-36s\n", "solver", "order", "exact", "sampled",
              "95 % interval", "ns", "0.001      0.01      0.1       1");
  for (const Result& r : study.results) {
    if (r.nfe != nfe) continue;
    const double place = std::clamp(10 * std::log10(r.exact / 1e-3), 0.0, 31.0);
    std::string bar(static_cast<std::size_t>(place), '-');
    char interval[32];
    std::snprintf(interval, sizeof interval, "%.4f to %.4f", r.lowest, r.highest);
    std::printf("  %-20s%6d%9.4f%10.4f  %-18s%7.1f   %s%s\n", r.solver.c_str(), r.order, r.exact,
                r.sampled, interval, r.nanoseconds, bar.c_str(), r.agrees() ? "o" : "x");
  }
}

/// Samples of a solver with twelve evaluations on VP.
Cloud cloud(const std::string& name, const tw::AnySolver& solver) {
  const tw::Gaussian target = data();
  const tw::AnyProcess process = tw::VP{};
  const tw::Plan plan =
      tw::make_plan(process, solver, tw::karras(process, 12 / solver.facts().evaluations));
  Eigen::MatrixXd x(2, 700);
  tw::Sampler sampler(plan, target, x);
  tw::prior(plan.from(), x, tw::Noise{.seed = 5});
  sampler(x, tw::Noise{.seed = 5});
  Eigen::Matrix2Xd ellipse(2, 91);
  for (Eigen::Index k = 0; k < ellipse.cols(); ++k) {
    const double angle = static_cast<double>(k) * std::acos(-1.0) / 45;
    ellipse.col(k) = 2 * Eigen::Vector2d(std::cos(angle), std::sin(angle));
  }
  ellipse =
      (target.axes() * target.variances().cwiseSqrt().asDiagonal()).lazyProduct(ellipse).eval();
  ellipse.colwise() += Eigen::Vector2d(target.mean());
  return {name, error(plan), x, ellipse};
}

}  // namespace

int main(int argc, char** argv) {
  bool quick = false, all = false;
  for (int k = 1; k < argc; ++k) {
    const std::string_view option = argv[k];
    quick |= option == "--quick";
    all |= option == "--all";
    if (option != "--quick" && option != "--all") {
      std::fprintf(stderr, "%s: unknown option %s; there are --quick and --all\n", argv[0],
                   argv[k]);
      return 1;
    }
  }
  const Eigen::Index samples = quick ? 3000 : 10000;
  std::printf(
      "Every sampler on Gaussian data in two dimensions, for which a perfect network is a "
      "formula.\n"
      "The data have mean (0.5, -0.25) and deviations 1.02 and 0.23 along their axes; grids are\n"
      "Karras's with rho = 7, from the process's t_max to its t_min.\n\n"
      "exact    error of the sampler's distribution (2-Wasserstein, in the units of the data),\n"
      "         computed from the plan alone, without sampling\n"
      "sampled  the same measured on %ld samples, with its 95 %% interval; what sampling adds\n"
      "         is subtracted, so that an error too small to be seen shows as 0\n"
      "order    of a step with full history; multistep solvers start with lower orders\n"
      "ns       time per network evaluation and element, formula and noise included\n"
      "----o    the exact error on a logarithmic scale; x where it lies outside the interval\n",
      static_cast<long>(samples));

  std::vector<Study> studies;
  for (const auto& [name, process] : {std::pair<std::string, tw::AnyProcess>{"VP", tw::VP{}},
                                      {"VE", tw::VE{}},
                                      {"SubVP", tw::SubVP{}},
                                      {"EDM", tw::EDM{}}}) {
    studies.push_back(study(name, process, samples));
    for (int nfe : budgets)
      if (all || nfe == 48) print(studies.back(), nfe);
  }
  long runs = 0, inside = 0;
  for (const Study& s : studies)
    for (const Result& r : s.results) ++runs, inside += r.agrees();
  std::vector<Cloud> clouds;
  for (const auto& [name, solver] : all_solvers())
    if (name == "euler_maruyama" || name == "ddim" || name == "dpmpp_2m" || name == "heun")
      clouds.push_back(cloud(name, solver));
  draw(clouds, studies, budgets, "gaussian.svg");
  std::printf(
      "\nThe exact error lies inside the samples' 95 %% interval in %ld of %ld runs (%.0f are "
      "expected).\nThe picture is %s; --all prints the tables for %d, %d and %d "
      "evaluations too.\n",
      inside, runs, 0.95 * double(runs), std::filesystem::absolute("gaussian.svg").c_str(),
      budgets[0], budgets[1], budgets[3]);
}
