// SPDX-License-Identifier: MIT
// Moments of plans, distances, and measured orders.
#include "support/catch.hpp"

#include <cmath>
#include <sstream>

#include <tweedie/analysis/moments.hpp>
#include <tweedie/analysis/order.hpp>
#include <tweedie/forward/prior.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/run/sampler.hpp>

#include "support/check_moments.hpp"
#include "support/processes.hpp"
#include "support/registry.hpp"

namespace tw = tweedie;

namespace {

tw::Gaussian slanted() {
  return tw::Gaussian(Eigen::Vector2d(1, -2), (Eigen::Matrix2d() << 2, 0.9, 0.9, 0.5).finished());
}

struct Sloppy {  // Heun without the half
  tw::Facts facts() const { return {.name = "sloppy", .order = 2, .evaluations = 2}; }
  template <class X>
  X step(auto& c, const tw::Interval& s, const X& x) const {
    const double h = s.to.sigma() - s.from.sigma();
    const X y = x / s.from.scale, k1 = c.epsilon(x, s.from),
            k2 = c.epsilon(s.to.scale * (y + h * k1), s.to);
    return s.to.scale * (y + h * (0.51 * k1 + 0.49 * k2));
  }
};

}  // namespace

TEST_CASE("moments: the recursion says what sampling finds, for every solver and process",
          "[long]") {
  const tw::Gaussian data = slanted();
  const Eigen::Index n = 20000;
  for (const auto& [process_name, process] : processes())
    for (const NamedSolver& solver : all_solvers()) {
      const tw::Plan plan =
          tw::make_plan(process, solver.solver, tw::log_snr(process, 8, {.to_zero = false}));
      const tw::Moments exact = tw::moments(plan, data);
      Eigen::MatrixXd x(2, n);
      tw::prior(plan.from(), x, tw::Noise{.seed = 11});
      tw::Sampler sampler(plan, data, x);
      sampler(x, tw::Noise{.seed = 11});
      INFO(solver.name << " on " << process_name);
      check_moments(x, exact.mean, exact.covariance);
    }
}

TEST_CASE("moments: a good sampler's tend to the exact ones") {
  const tw::Gaussian data = slanted();
  for (const tw::AnyProcess& process : {tw::AnyProcess(tw::VP{}), tw::AnyProcess(tw::EDM{})}) {
    double before = 1e9;
    for (int n : {10, 40, 160}) {
      const tw::Plan plan = tw::make_plan(process, tw::Heun<tw::InSigma>{},
                                          tw::karras(process, n, {.to_zero = false}));
      const double error = tw::wasserstein(tw::moments(plan, data, tw::Start::exact),
                                           tw::exact_moments(data, plan.to()));
      CHECK(error < before / 10);
      before = error;
    }
  }
}

TEST_CASE("wasserstein: known distances between Gaussians") {
  const Eigen::Matrix2d unit = Eigen::Matrix2d::Identity();
  CHECK(tw::wasserstein({Eigen::Vector2d(3, 4), unit}, {Eigen::Vector2d(0, 0), unit}) == Approx(5));
  CHECK(tw::wasserstein({Eigen::Vector2d(0, 0), 4 * unit}, {Eigen::Vector2d(0, 0), unit}) ==
        Approx(std::sqrt(2)));
  // Turned by 90 degrees: variances 4 and 1 exchanged.
  const Eigen::Matrix2d a = Eigen::Vector2d(4, 1).asDiagonal(),
                        b = Eigen::Vector2d(1, 4).asDiagonal();
  CHECK(tw::wasserstein({Eigen::Vector2d(0, 0), a}, {Eigen::Vector2d(0, 0), b}) ==
        Approx(std::sqrt(2)));
}

TEST_CASE("order: the table names the solver, and prints") {
  const tw::OrderTable table = tw::measure_order(tw::EDM{}, tw::Heun<tw::InSigma>{}, {20, 40, 80});
  CHECK(table.order() == Approx(2).margin(0.1));
  std::ostringstream out;
  out << table;
  CHECK_THAT(out.str(), Contains("Heun in sigma, order 2 declared") && Contains("80 steps: error"));
  CHECK_THAT(error_of([] { tw::measure_order(tw::EDM{}, tw::DDIM{}, {20}); }),
             Contains("a slope needs 2 numbers of steps, not 1"));
}

TEST_CASE("order: a slip in a solver shows") {
  CHECK(tw::measure_order(tw::EDM{}, Sloppy{}, {80, 160, 320}).order() < 1.5);
}
