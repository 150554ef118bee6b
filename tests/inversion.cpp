// SPDX-License-Identifier: MIT
#include "support/allocations.hpp"
#include "support/catch.hpp"

#include <cmath>

#include <tweedie/adaptive/adaptive_sampler.hpp>
#include <tweedie/distribution/mixture.hpp>
#include <tweedie/forward/prior.hpp>
#include <tweedie/inversion/reversible_sampler.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/run/sampler.hpp>
#include <tweedie/solver/ode/ddim.hpp>

#include "support/processes.hpp"

namespace tw = tweedie;
using Eigen::MatrixXd;

namespace {

tw::Mixture blobs() {
  return tw::Mixture({0.4, 0.6},
                     {tw::Gaussian(Eigen::Vector2d(1, -1), 0.3 * MatrixXd::Identity(2, 2)),
                      tw::Gaussian(Eigen::Vector2d(-1, 0.5), 0.2 * MatrixXd::Identity(2, 2))});
}
/// Levels between which all of a smooth run lies.
tw::Grid levels(int steps) {
  return tw::uniform(tw::VP{}, steps, {.sigma_max = 5, .sigma_min = 0.1, .to_zero = false});
}
MatrixXd start(const tw::Grid& grid) {
  MatrixXd x(2, 20);
  tw::prior(grid.front(), x, tw::Noise{.seed = 1});
  return x;
}
template <class F>
void for_each_method(F&& f) {
  f("EDICT", tw::EDICT{.p = 0.98}, 1.0, 2, 1e-10);
  f("reversible Heun", tw::ReversibleHeun{}, 2.0, 1, 1e-12);
  f("BDIA", tw::BDIA{}, 1.0, 1, 1e-12);
}

}  // namespace

TEST_CASE("inversion: what is encoded is decoded to rounding, and the other way round") {
  for_each_method([&](const char* name, auto method, double, int, double rounding) {
    INFO(name);
    const tw::Grid grid = levels(40);
    MatrixXd data(2, 30);
    blobs().sample(data, tw::Noise{.seed = 2});
    MatrixXd x = data;
    tw::ReversibleSampler sampler(grid, blobs(), x, method);
    MatrixXd second = sampler.encode(x);
    CHECK((x - data).cwiseAbs().maxCoeff() > 0.1);
    sampler.decode(x, second);
    CHECK((x - data).cwiseAbs().maxCoeff() < rounding);

    MatrixXd noise = start(grid), y = noise;
    tw::ReversibleSampler there(grid, blobs(), y, method);
    MatrixXd beside = there.decode(y);
    there.encode(y, beside);
    CHECK((y - noise).cwiseAbs().maxCoeff() < rounding);
  });
  // DDIM's inversion does not.
  const tw::Grid grid = levels(40);
  MatrixXd data(2, 30);
  blobs().sample(data, tw::Noise{.seed = 2});
  MatrixXd x = data;
  tw::Sampler(tw::make_plan(tw::VP{}, tw::DDIM{}, tw::reversed(grid)), blobs(), x)(x, tw::Noise{});
  tw::Sampler(tw::make_plan(tw::VP{}, tw::DDIM{}, grid), blobs(), x)(x, tw::Noise{});
  CHECK((x - data).cwiseAbs().maxCoeff() > 1e-2);
}

TEST_CASE("inversion: the methods solve the ODE with their orders and evaluations") {
  for_each_method([&](const char* name, auto method, double order, int per_step, double) {
    INFO(name);
    const auto error = [&](int steps) {
      // Even in sigma, where BDIA is of its order.
      std::vector<double> sigmas;
      for (int k = 0; k <= steps; ++k) sigmas.push_back(5 - 4.5 * k / steps);
      const tw::Grid grid = tw::from_sigmas(tw::VP{}, sigmas);
      MatrixXd x = start(grid), exact = x;
      tw::adaptive_sampler(tw::VP{}, tw::EmbeddedPair<>{}, blobs(), exact,
                           {.rtol = 1e-12, .atol = 1e-12})(exact, grid.front(), grid.back());
      tw::ReversibleSampler sampler(grid, blobs(), x, method);
      sampler.decode(x);
      CHECK(sampler.evaluations() <= per_step * steps + 1);
      return (x - exact).norm();
    };
    const double measured = std::log2(error(160) / error(320));
    CHECK(measured > order - 0.2);
  });
}

TEST_CASE("inversion: nothing is allocated once there are two states") {
  auto model = tw::predicts_epsilon([](const auto& in, double, auto& out) { out = 0.5 * in; });
  const tw::Grid grid = levels(10);
  MatrixXd x = start(grid), second = x;
  tw::ReversibleSampler sampler(grid, model, x);
  const long before = allocations;
  sampler.decode(x, second);
  sampler.encode(x, second);
  CHECK(allocations - before == 0);
}

TEST_CASE("inversion: states of fixed size, and the levels that a call names") {
  Eigen::Vector2d a(0.3, -0.2);
  const Eigen::Vector2d data = a;
  std::vector<std::pair<double, double>> calls;
  auto model = tw::predicts_data([&](const auto& x, const tw::Call& call, auto& out) {
    calls.emplace_back(call.level.sigma(), call.to.sigma());
    CHECK(call.first_sample == 3);
    blobs()(x, call, out);
  });
  const tw::Grid grid = levels(4);
  tw::ReversibleSampler sampler(grid, model, a, tw::BDIA{});
  sampler.first_sample = 3;
  Eigen::Vector2d second = sampler.encode(a);
  sampler.decode(a, second);
  CHECK((a - data).norm() < 1e-13);
  CHECK(calls.back().second == Approx(0.1));
  CHECK(calls.back().first == Approx(grid[3].sigma()));
}

TEST_CASE("inversion: bad input") {
  MatrixXd x = start(levels(4));
  CHECK_THAT(error_of([&] { tw::ReversibleSampler(tw::karras(tw::VP{}, 4), blobs(), x); }),
             Contains("from a finite sigma to one above 0"));
  CHECK_THAT(error_of([&] { tw::ReversibleSampler(levels(4), blobs(), x, tw::EDICT{.p = 2}); }),
             Contains("must lie in (0, 1]"));
  CHECK_THAT(error_of([&] { tw::ReversibleSampler(levels(200), blobs(), x, tw::EDICT{}); }),
             Contains("multiply roundings by"));
  tw::ReversibleSampler sampler(levels(4), blobs(), x);
  MatrixXd other(2, 3);
  CHECK_THAT(error_of([&] { sampler.decode(other); }), Contains("2 x 3"));
  CHECK_THAT(error_of([&] { sampler.decode(x, x); }), Contains("are one"));
}
