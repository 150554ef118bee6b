// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/processes.hpp"

#include <cmath>
#include <vector>

#include <tweedie/analysis/moments.hpp>
#include <tweedie/grid/by_name.hpp>
#include <tweedie/grid/outer_grid.hpp>
#include <tweedie/grid/restart.hpp>
#include <tweedie/grid/shift.hpp>
#include <tweedie/grid/spacing.hpp>
#include <tweedie/grid/timesteps.hpp>
#include <tweedie/plan/make_plan.hpp>
#include <tweedie/process/betas.hpp>
#include <tweedie/process/by_name.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/flow.hpp>
#include <tweedie/process/ve.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/solver/ode/ddim.hpp>
#include <tweedie/solver/ode/runge_kutta.hpp>

namespace tw = tweedie;

namespace {

std::vector<double> sigmas(const tw::Grid& grid) {
  std::vector<double> all;
  for (const tw::Level& l : grid.levels()) all.push_back(l.sigma());
  return all;
}

std::vector<double> times(const tw::Grid& grid) {
  std::vector<double> all;
  for (const tw::Level& l : grid.levels()) all.push_back(l.t);
  return all;
}

void check_equal(const std::vector<double>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t k = 0; k < a.size(); ++k)
    CHECK(a[k] == Approx(b[k]).epsilon(1e-12).margin(1e-13));
}

}  // namespace

TEST_CASE("grid: n means n steps, from t_max to t_min or to sigma = 0") {
  const tw::VP vp;
  for (int n : {1, 2, 7})
    for (bool to_zero : {false, true})
      for (const tw::Grid& grid :
           {tw::uniform(vp, n, {.to_zero = to_zero}), tw::power(vp, n, 2, {.to_zero = to_zero}),
            tw::karras(vp, n, {.to_zero = to_zero}), tw::log_snr(vp, n, {.to_zero = to_zero})}) {
        CHECK(grid.steps() == n);
        CHECK(grid.front().t == vp.t_max);
        CHECK(grid.back().std == (to_zero ? 0 : vp.at(vp.t_min).std));
        if (to_zero && n > 1) CHECK(grid[n - 1] == vp.at(vp.t_min));
      }
}

TEST_CASE("grid: spacings are those of the papers") {
  // k-diffusion's get_sigmas_karras(10, 0.02, 80): figures from a run of it.
  check_equal(
      sigmas(tw::karras(tw::EDM{}, 10, {.sigma_max = 80, .sigma_min = 0.02})),
      {80.0, 45.60980348104143, 24.757927768909404, 12.675830426264854, 6.0459517987107025,
       2.6417074053790532, 1.032750896216158, 0.3489571563558094, 0.09657513797178488, 0.02, 0});
  const tw::Grid uniform = tw::uniform(tw::VP{}, 4, {.t_max = 0.9, .t_min = 0.1, .to_zero = false});
  for (int k = 0; k < 5; ++k) CHECK(uniform[k].t == Approx(0.9 - 0.2 * k));
  const tw::Grid quadratic =
      tw::power(tw::VP{}, 3, 2, {.t_max = 1, .t_min = 1e-4, .to_zero = false});
  for (int k = 0; k < 4; ++k) CHECK(std::sqrt(quadratic[k].t) == Approx(1 - 0.33 * k));
  CHECK(quadratic[1].t - quadratic[2].t < quadratic[0].t - quadratic[1].t);  // dense at low noise
  check_equal(sigmas(tw::log_snr(tw::EDM{}, 3, {.sigma_max = 8, .sigma_min = 1, .to_zero = false})),
              {8, 4, 2, 1});
  check_equal(
      sigmas(tw::geometric(tw::VE{}, 2, {.sigma_max = 9, .sigma_min = 1, .to_zero = false})),
      {9, 3, 1});
}

TEST_CASE("grid: from times, from sigmas, reversed") {
  const tw::VP vp;
  const tw::Grid grid = tw::from_sigmas(vp, {10, 1, 0.1, 0});
  check_equal(sigmas(grid), {10, 1, 0.1, 0});
  CHECK(grid.back().t == 0);
  CHECK(tw::from_times(vp, {0.5, 0.25})[1].t == 0.25);
  const tw::Grid back = tw::reversed(grid);
  CHECK(back.direction() == tw::Grid::Direction::rising);
  CHECK(back.front() == grid.back());
  CHECK(back.back() == grid.front());
  CHECK(tw::reversed(back).levels() == grid.levels());
}

TEST_CASE("grid: an infinite end is a time, not a spacing in sigma") {
  CHECK(tw::uniform(tw::Flow{}, 4, {.to_zero = false}).front().scale == 0);
  CHECK_THAT(error_of([] { tw::karras(tw::Flow{}, 4, {.to_zero = false}); }),
             Contains("finite ends"));
  CHECK_THAT(error_of([] { tw::log_snr(tw::Flow{}, 4, {.to_zero = false}); }),
             Contains("finite sigma_max"));
  CHECK(tw::karras(tw::Flow{}, 4, {.sigma_max = 100, .sigma_min = 0.01, .to_zero = false})
            .front()
            .sigma() == Approx(100));
  CHECK(std::isinf(tw::karras(tw::VE{}, 4).back().t));
}

TEST_CASE("grid: a wrong one is refused in a sentence") {
  const tw::VP vp;
  const auto said = [](auto&& action) { return error_of(action); };
  CHECK_THAT(said([&] { tw::uniform(vp, 0, {.to_zero = false}); }),
             Contains("0 steps asked for; 1 to"));
  CHECK_THAT(said([&] {
               tw::from_sigmas(vp, {1, 2});
             }),
             Contains("must fall") && Contains("from 1 to 2"));
  CHECK_THAT(said([&] { tw::from_sigmas(vp, {2, 2}); }), Contains("from 2 to 2"));
  CHECK_THAT(said([&] { tw::from_sigmas(vp, {2, 0, 0}); }), Contains("data end only"));
  CHECK_THAT(said([&] { tw::from_sigmas(vp, {2, -1}); }), Contains("sigma = -1"));
  CHECK_THAT(said([&] { tw::from_times(vp, {0.5}); }),
             Contains("1 of the 2 points that a step needs"));
  CHECK_THAT(said([&] { tw::from_times(vp, {std::nan(""), 0.5}); }), Contains("t = nan"));
  CHECK_THAT(said([&] {
               tw::from_times(vp, {0.5, -0.1});
             }),
             Contains("t = -0.1 must be at least 0"));
  CHECK_THAT(said([&] { tw::from_times(tw::Flow{}, {1.2, 0.5}); }), Contains("has scale -0.2"));
  CHECK_THAT(said([&] { tw::from_times(tw::EDM{}, {std::nan(""), 0.5}); }), Contains("not finite"));
  CHECK_THAT(said([&] { tw::karras(vp, 5, {.t_max = 1, .sigma_max = 3, .to_zero = false}); }),
             Contains("t_max = 1 or sigma_max = 3, not both"));
  CHECK_THAT(said([&] { tw::karras(vp, 5, {.sigma_min = 0, .to_zero = false}); }),
             Contains("sigma_min = 0 must be positive"));
  CHECK_THAT(said([&] { tw::karras(vp, 5, {.t_max = 0.1, .t_min = 0.2, .to_zero = false}); }),
             Contains("must fall"));
  CHECK_THAT(said([&] { tw::karras(vp, 5, {.to_zero = false}, -7); }), Contains("rho = -7"));
  CHECK_THAT(said([&] { tw::karras(tw::EDM{.t_min = 0}, 5); }),
             Contains("does not reach sigma = 0") && Contains("give t_min or sigma_min"));
  CHECK_THAT(said([&] { tw::power(vp, 5, 0, {.to_zero = false}); }), Contains("exponent 0"));
}

TEST_CASE("grid: a list may go on to sigma = 0, as every grid does, when it is asked to") {
  const tw::VP vp;
  CHECK(tw::from_sigmas(vp, {10, 1}).steps() == 1);
  CHECK(tw::from_times(vp, {0.9, 0.1}).steps() == 1);
  for (const tw::Grid& grid : {tw::from_sigmas(vp, {10, 1}, {.to_zero = true}),
                               tw::from_times(vp, {0.9, 0.1}, {.to_zero = true}),
                               tw::from_levels(vp, {vp.at(0.9), vp.at(0.1)}, {.to_zero = true})}) {
    CHECK(grid.steps() == 2);
    CHECK(grid.back().std == 0);
    CHECK(grid.back().t == 0);
  }
  CHECK_THAT(error_of([&] {
               tw::from_sigmas(vp, {10, 0}, {.to_zero = true});
             }),
             Contains("data end only"));
}

TEST_CASE("law: grids end at clean data on every process, unless they are told not to") {
  std::vector<NamedProcess> all = processes();
  all.push_back({"Flow as it comes", tw::Flow{}});
  for (const auto& [name, process] : all) {
    INFO(name);
    const tw::NoiseRange to_low{.to_zero = false};
    CHECK(tw::uniform(process, 7).back().is_clean_data());
    CHECK(tw::uniform(process, 7).steps() == 7);
    CHECK(tw::uniform(process, 7, to_low).back().t == process.t_min);
    CHECK(tw::power(process, 7, 2).back().is_clean_data());
    CHECK(tw::quadratic_from_noise(process, 7).back().is_clean_data());
    if (process.at(process.t_min).is_clean_data()) continue;
    for (const tw::Grid& grid : {tw::karras(process, 7), tw::log_snr(process, 7),
                                 tw::polyexponential(process, 7, 2), tw::geometric(process, 7)}) {
      CHECK(grid.steps() == 7);
      CHECK(grid.back().is_clean_data());
      CHECK(grid[6].sigma() == Approx(process.at(process.t_min).sigma()).epsilon(1e-12));
    }
    CHECK(tw::karras(process, 7, to_low).back().t == process.t_min);
  }
  // A flow's own range ends there by itself: no step is spent on nothing.
  check_equal(times(tw::uniform(tw::Flow{}, 4)), {1, 0.75, 0.5, 0.25, 0});
}

TEST_CASE("grid: its first and last steps, and what lies below a sigma, are grids") {
  const tw::EDM edm;
  const tw::Grid grid = tw::from_sigmas(edm, {40, 10, 3, 1, 0.3, 0});
  check_equal(sigmas(grid.first(2)), {40, 10, 3});
  check_equal(sigmas(grid.last(2)), {1, 0.3, 0});
  check_equal(sigmas(grid.below(3)), {3, 1, 0.3, 0});
  check_equal(sigmas(grid.below(2.9)), {1, 0.3, 0});
  CHECK(grid.first(5).levels() == grid.levels());
  CHECK(grid.last(5).levels() == grid.levels());
  CHECK(grid.below(100).levels() == grid.levels());
  // A rising grid stays one: its first steps are at the data end.
  const tw::Grid rising = tw::reversed(grid);
  check_equal(sigmas(rising.first(2)), {0, 0.3, 1});
  check_equal(sigmas(rising.below(3)), {0, 0.3, 1, 3});
  CHECK(rising.last(1).direction() == tw::Grid::Direction::rising);
  CHECK_THAT(error_of([&] { grid.first(0); }),
             Contains("the first 0 of 5 steps are asked for; 1 to 5 are possible"));
  CHECK_THAT(error_of([&] { grid.last(6); }), Contains("the last 6 of 5 steps"));
  CHECK_THAT(error_of([&] { grid.below(0.2); }),
             Contains("1 of its points lie at or below sigma = 0.2"));
}

TEST_CASE("intervals: a list is numbered as it is made, from a grid or not") {
  const tw::VP vp;
  const tw::Grid grid = tw::uniform(vp, 3, {.to_zero = false});
  const tw::Intervals all = grid;
  REQUIRE(all.size() == 3);
  for (int k = 0; k < 3; ++k) {
    CHECK(all[k].from == grid[k]);
    CHECK(all[k].to == grid[k + 1]);
    CHECK(all[k].index == k);
    CHECK(all[k].count == 3);
    CHECK(all[k].last() == (k == 2));
    CHECK_FALSE(all[k].renoises());
  }
  CHECK(all.front() == all[0]);
  CHECK(all.back() == *(all.begin() + 2));
  const tw::Interval up{
      .from = vp.at(0.2), .to = vp.at(0.4), .kind = tw::Interval::Kind::renoise, .index = 7};
  CHECK(tw::Intervals(std::vector{up})[0].index == 0);
  CHECK(tw::Intervals(std::vector{up})[0].renoises());
  CHECK_THAT(error_of([] { tw::Intervals(std::vector<tw::Interval>{}); }),
             Contains("the list is empty"));
  CHECK_THAT(error_of([&] {
               tw::Intervals(std::vector<tw::Interval>{
                   {.from = up.to, .to = up.from, .kind = tw::Interval::Kind::renoise}});
             }),
             Contains("interval 0 adds noise; its sigma must rise"));
  CHECK_THAT(
      error_of([&] {
        tw::Intervals(std::vector<tw::Interval>{up, {.from = up.to, .to = up.from, .s_noise = -1}});
      }),
      Contains("s_noise = -1 of interval 1 must be at least 0"));
}

TEST_CASE("grid: entries of a table") {
  using tw::TimestepSpacing;
  CHECK(tw::timesteps(TimestepSpacing::leading, 8, 1000) ==
        std::vector<int>{875, 750, 625, 500, 375, 250, 125, 0});
  CHECK(tw::timesteps(TimestepSpacing::leading, 7, 1000, 1) ==
        std::vector<int>{853, 711, 569, 427, 285, 143, 1});
  // What leaves out more than the noisiest fifth is no run from noise (diffusers 12588).
  for (const auto& [n, N] : {std::pair(4, 1000), {300, 500}})
    CHECK_THAT(error_of([n = n, N = N] { tw::timesteps(TimestepSpacing::leading, n, N); }),
               Contains("far from pure noise") && Contains("take trailing"));
  CHECK(tw::timesteps(TimestepSpacing::trailing, 4, 1000) == std::vector<int>{999, 749, 499, 249});
  CHECK(tw::timesteps(TimestepSpacing::linspace, 4, 1000) == std::vector<int>{999, 666, 333, 0});
  CHECK_THAT(error_of([] { tw::timesteps(TimestepSpacing::leading, 0, 1000); }),
             Contains("0 entries"));
  const auto table = tw::TabulatedVP::from_betas(tw::cosine_betas(1000));
  const tw::Grid grid = tw::from_timesteps(table, {999, 500, 0});
  CHECK(grid.steps() == 3);
  CHECK(grid.back().std == 0);
  CHECK(grid[1] == table.at(0.501));
  CHECK(tw::from_timesteps(table, {999, 500, 0}, {.to_zero = false}).steps() == 2);
  CHECK_THAT(error_of([&] {
               tw::from_timesteps(table, {1000, 0}, {.to_zero = false});
             }),
             Contains("entry 1000"));
}

TEST_CASE("grid: EDM's four discretizations cover their range") {
  const tw::VP fitted = tw::VP::reaching(0.02, 80);
  CHECK(fitted.at(1).sigma() == Approx(80).epsilon(1e-12));
  CHECK(fitted.at(1e-3).sigma() == Approx(0.02).epsilon(1e-10));
  const tw::Grid u = tw::iddpm(tw::EDM{}, 10, {.sigma_max = 80, .sigma_min = 0.02});
  CHECK(u.steps() == 10);
  CHECK(u.front().sigma() <= 80);
  CHECK(u.front().sigma() > 70);
  CHECK(tw::iddpm(tw::EDM{}, 10, {.sigma_max = 81, .sigma_min = 0.02, .to_zero = false})
            .front()
            .sigma() > 80);  // the largest of all
  CHECK(u[9].sigma() >= 0.02);
  CHECK(u.back().sigma() == 0);
  CHECK_THAT(error_of([] {
               tw::iddpm(tw::EDM{}, 10, {.sigma_max = 80, .sigma_min = 79.9, .to_zero = false});
             }),
             Contains("of the levels lie"));
  // Without to_zero all steps lie in the range.
  const tw::Grid open =
      tw::iddpm(tw::EDM{}, 9, {.sigma_max = 80, .sigma_min = 0.02, .to_zero = false});
  CHECK(open.steps() == 9);
  for (int k = 0; k < 10; ++k) CHECK(open[k] == u[k]);
  const tw::Grid poly =
      tw::polyexponential(tw::EDM{}, 4, 1, {.sigma_max = 16, .sigma_min = 1, .to_zero = false});
  for (int k = 0; k < 5; ++k) CHECK(poly[k].sigma() == Approx(std::pow(2, 4 - k)));
  const tw::Grid noisy =
      tw::quadratic_from_noise(tw::VP{}, 4, {.t_max = 1, .t_min = 0.2, .to_zero = false});
  for (int k = 0; k < 5; ++k) CHECK(noisy[k].t == Approx(1 - 0.8 * std::pow(k / 4., 2)));
}

TEST_CASE("restart: the intervals go up and down again as asked, for any solver") {
  const tw::AnyProcess edm = tw::EDM{};
  const tw::Grid grid = tw::from_sigmas(edm, {40, 10, 3, 1, 0.3, 0});
  const auto all =
      tw::restart(edm, grid, {{.sigma_min = 0.9, .sigma_max = 5, .steps = 4, .times = 2}});
  REQUIRE(all.size() == 5 + 2 * 5);
  for (int k = 1; k < all.size(); ++k) CHECK(all[k].from == all[k - 1].to);
  CHECK(all[3].kind == tw::Interval::Kind::renoise);
  CHECK(all[3].from.sigma() == 1);
  CHECK(all[3].to.sigma() == Approx(5));
  const tw::Plan plan = tw::make_plan(edm, tw::Heun<tw::InSigma>{}, all);
  CHECK(plan.nfe() == 2 * 4 + 1 + 2 * 2 * 4);
  // With an exact solver the repeats change no distribution: on Gaussian data, many steps of Heun.
  const tw::Gaussian data(Eigen::VectorXd::Constant(1, 0.7), Eigen::MatrixXd::Constant(1, 1, 0.3));
  const tw::Grid fine = tw::karras(edm, 200, {.sigma_min = 0.01, .to_zero = false});
  const tw::Plan repeated = tw::make_plan(
      edm, tw::Heun<tw::InSigma>{},
      tw::restart(edm, fine, {{.sigma_min = 0.1, .sigma_max = 2, .steps = 200, .times = 3}}));
  CHECK(tw::wasserstein(tw::moments(repeated, data, tw::Start::exact),
                        tw::exact_moments(data, repeated.to())) < 1e-4);
  CHECK(tw::restart(edm, grid, {}).size() == 5);
  CHECK_THROWS_AS(tw::restart(edm, grid, {{.sigma_min = 5, .sigma_max = 1}}), tw::Error);
  CHECK_THROWS_AS(tw::restart(edm, tw::reversed(grid), {}), tw::Error);
  CHECK_THROWS_AS(tw::restart(edm, grid, {{.sigma_min = 40, .sigma_max = 60}}), tw::Error);
  CHECK_THROWS_AS(tw::restart(edm, grid, {{.sigma_min = 0.01, .sigma_max = 1}}), tw::Error);
  // s_noise is the size of the noise on the way up.
  const tw::Plan quiet = tw::make_plan(
      edm, tw::DDIM{}, tw::restart(edm, grid, {{.sigma_min = 0.9, .sigma_max = 5}}, 0));
  for (const tw::Row& row : quiet.rows())
    tw::for_each_draw(row, [](int) { FAIL("a draw was used"); });
}

TEST_CASE("outer_grid: step k covers as many steps of the finer grid as its order") {
  const tw::Grid points = tw::uniform(tw::VP{}, 6, {.to_zero = false});
  const tw::Grid outer = tw::outer_grid(points, {3, 1, 2});
  REQUIRE(outer.steps() == 3);
  CHECK(outer[0] == points[0]);
  CHECK(outer[1] == points[3]);
  CHECK(outer[2] == points[4]);
  CHECK(outer[3] == points[6]);
  CHECK(tw::outer_grid(tw::reversed(points), {2}).direction() == tw::Grid::Direction::rising);
}

TEST_CASE("grid: shifted in sigma is a flow's time shift, for any process") {
  const tw::Flow flow;
  const tw::Grid even = tw::uniform(flow, 28), grid = tw::shifted(flow, even, 3);
  for (int k = 0; k <= 28; ++k) {  // SD3's formula
    const double t = even[k].t;
    CHECK(grid[k].t == Approx(3 * t / (1 + 2 * t)).epsilon(1e-14));
  }
  CHECK(grid.front().is_pure_noise());
  CHECK(grid.back().is_clean_data());
  // mu = log 3.0, diffusers' exponential shift: exp(mu) / (exp(mu) + (1 / t - 1)).
  const double mu = std::log(tw::flux_shift(1024, 768)), tokens = 64 * 48;
  CHECK(mu == Approx((1.15 - 0.5) / (4096 - 256) * (tokens - 256) + 0.5));
  const tw::Grid flux = tw::shifted(flow, even, std::exp(mu));
  CHECK(flux[9].t == Approx(std::exp(mu) / (std::exp(mu) + 1 / even[9].t - 1)).epsilon(1e-14));
  const tw::Grid vp = tw::shifted(tw::VP{}, tw::karras(tw::VP{}, 5, {.sigma_max = 20}), 2);
  CHECK(vp.front().sigma() == Approx(40));
  CHECK_THAT(error_of([&] { tw::shifted(flow, even, 0); }), Contains("must be positive"));
}

TEST_CASE("grid: stretched to a last time, of flows only") {
  const tw::Grid grid =
      tw::stretched(tw::Flow{}, tw::shifted(tw::Flow{}, tw::uniform(tw::Flow{}, 8), 3), 0.1);
  const tw::Grid before = tw::shifted(tw::Flow{}, tw::uniform(tw::Flow{}, 8), 3);
  CHECK(grid[7].t == Approx(0.1));
  CHECK(grid.front().is_pure_noise());
  CHECK(grid.back().is_clean_data());
  for (int k = 1; k < 7; ++k)  // LTX: 1 - (1 - sigma) / ((1 - sigma_last) / (1 - end))
    CHECK(grid[k].t == Approx(1 - (1 - before[k].t) / ((1 - before[7].t) / (1 - 0.1))));
}

TEST_CASE("incomplete beta: its ends, its derivative and its special cases, and the inverse") {
  using tw::math::incomplete_beta, tw::math::beta_quantile;
  const double pi = std::acos(-1.0);
  for (double x : {1e-9, 0.01, 0.3, 0.5, 0.77, 0.999}) {
    CHECK(incomplete_beta(x, 0.5, 0.5) == Approx(2 / pi * std::asin(std::sqrt(x))).epsilon(1e-13));
    CHECK(incomplete_beta(x, 0.7, 1) == Approx(std::pow(x, 0.7)).epsilon(1e-13));
    CHECK(incomplete_beta(x, 1, 0.6) == Approx(-std::expm1(0.6 * std::log1p(-x))).epsilon(1e-13));
    CHECK(incomplete_beta(x, 2, 3) == Approx(x * x * (6 - 8 * x + 3 * x * x)).epsilon(1e-13));
  }
  for (double a : {0.05, 0.6, 3.0, 80.0})
    for (double b : {0.05, 0.7, 2.0, 80.0}) {
      INFO(a << " " << b);
      CHECK(incomplete_beta(0, a, b) == 0);
      CHECK(incomplete_beta(1, a, b) == 1);
      for (double x : {0.03, 0.3, 0.5, 0.77, 0.99}) {
        const double h = 1e-5 * std::min(x, 1 - x);
        const double slope =
            (incomplete_beta(x + h, a, b) - incomplete_beta(x - h, a, b)) / (2 * h);
        CHECK(slope == Approx(std::pow(x, a - 1) * std::pow(1 - x, b - 1) / std::beta(a, b))
                           .epsilon(1e-6)
                           .margin(1e-9));
        const double part = incomplete_beta(x, a, b);
        if (part > 1e-3 && part < 0.999) CHECK(beta_quantile(part, a, b) == Approx(x));
      }
    }
}

TEST_CASE("spacings in time: those of the programs that draw pictures") {
  const tw::Flow flow;
  const tw::VP vp;
  const double span = vp.t_max - vp.t_min;
  const tw::Grid sgm = tw::sgm_uniform(vp, 10), beta = tw::beta_spacing(vp, 10, {}, 0.5, 0.7);
  for (int k = 0; k < 10; ++k) {
    CHECK(sgm[k].t == Approx(vp.t_min + span * (1 - k / 10.0)));
    CHECK(beta[k].t ==
          Approx(vp.t_min + span * (k == 0 ? 1 : tw::math::beta_quantile(1 - k / 10.0, 0.5, 0.7))));
  }
  CHECK(sgm.back().is_clean_data());
  CHECK(tw::sgm_uniform(vp, 10, {.to_zero = false}).back().t == vp.t_min);
  // Mochi's list of numbers, with its own coefficients.
  for (int n : {1, 2, 5, 8, 30}) {
    const tw::Grid grid = tw::linear_quadratic(flow, n);
    REQUIRE(grid.steps() == n);
    const int half = n / 2, rest = n - half;
    const double difference = half - 0.025 * n;
    const double square = difference / (half * rest * rest),
                 linear = 0.025 / half - 2 * difference / (rest * rest);
    for (int k = 0; k < n && n > 1; ++k) {
      const double theirs =
          k < half ? k * 0.025 / half : square * k * k + linear * k + square * half * half;
      CHECK(grid[k].t == Approx(1 - theirs).epsilon(1e-12));
    }
  }
  // Align Your Steps, the first two of its numbers for 10 steps: as printed, and for 20 steps.
  const std::vector<double> ays{14.615, 6.475, 3.861, 2.697, 1.886, 1.396,
                                0.963,  0.652, 0.399, 0.152, 0.029};
  const tw::Grid ten = tw::resampled(vp, ays, 10), twenty = tw::resampled(vp, ays, 20);
  for (int k = 0; k < 10; ++k) CHECK(ten[k].sigma() == Approx(ays[std::size_t(k)]));
  CHECK(ten.steps() == 10);
  CHECK(ten.back().is_clean_data());
  CHECK(twenty[1].sigma() == Approx(std::sqrt(14.615 * 6.475)));
  CHECK(tw::resampled(vp, ays, 5, {.to_zero = false}).back().sigma() == Approx(0.029));
  const tw::Grid kl = tw::kl_optimal(tw::EDM{}, 20);
  for (int k = 0; k < 20; ++k)
    CHECK(kl[k].sigma() ==
          Approx(std::tan((1 - k / 19.0) * std::atan(80) + k / 19.0 * std::atan(0.002))));
  CHECK(tw::kl_optimal(flow, 8).front().is_pure_noise());
}

TEST_CASE("spacings by name: every one on every process, with its options") {
  for (const std::string& process : tw::process_names())
    for (const std::string& name : tw::spacing_names()) {
      INFO(process << " " << name);
      const tw::AnyProcess p = tw::process_named(process);
      const bool finite = !p.at(p.t_max).is_pure_noise();
      const tw::Options options =
          finite ? tw::Options{} : tw::Options{{"sigma_max", 100}, {"sigma_min", 0.01}};
      const tw::Options low =
          process == "ve" || !finite ? options : tw::Options{{"sigma_min", 0.1}};
      const tw::Grid grid = tw::grid_named(p, name, 12, low);
      CHECK(grid.steps() == 12);
      CHECK(grid.back().is_clean_data());
    }
  const tw::EDM edm;
  CHECK(tw::grid_named(edm, "Karras", 9, {{"rho", 5}, {"sigma_max", 10}}).levels() ==
        tw::karras(edm, 9, {.sigma_max = 10}, 5).levels());
  CHECK(tw::grid_named(edm, "polyexponential", 9).levels() ==
        tw::polyexponential(edm, 9, 1).levels());
  CHECK(tw::grid_named(edm, "beta57", 9).levels() ==
        tw::beta_spacing(edm, 9, {}, 0.5, 0.7).levels());
  CHECK(tw::grid_named(edm, "linear_quadratic", 9, {{"threshold", 0.1}, {"to_zero", 0}}).levels() ==
        tw::linear_quadratic(edm, 9, {.to_zero = false}, 0.1).levels());
  CHECK(tw::grid_named(edm, "power", 9, {{"exponent", 3}}).levels() ==
        tw::power(edm, 9, 3).levels());
  // Of a table, entries.
  const auto table = tw::TabulatedVP::from_betas(tw::scaled_linear_betas(1000, 0.00085, 0.012));
  const auto entries = [&](const char* name, int n) {
    std::vector<double> all;
    const tw::Grid grid = tw::grid_named(table, name, n);
    for (int k = 0; k < grid.steps(); ++k) all.push_back(table.index_of_time(grid[k].t));
    return all;
  };
  CHECK(entries("simple", 3) == std::vector<double>{999, 666, 333});
  CHECK(entries("ddim_uniform", 5) == std::vector<double>{801, 601, 401, 201, 1});
  CHECK(entries("trailing", 4) == std::vector<double>{999, 749, 499, 249});
  CHECK(entries("linspace", 3) == std::vector<double>{999, 500, 0});
  const std::vector<double> beta = entries("beta", 20);
  CHECK(beta.size() == 20);
  for (std::size_t k = 1; k < 20; ++k)
    CHECK(beta[k] == std::nearbyint(999 * tw::math::beta_quantile(1 - double(k) / 20, 0.6, 0.6)));
  CHECK(entries("beta", 999).size() < 999);  // repeats are dropped
  CHECK_THAT(error_of([&] { tw::grid_named(edm, "ddim_uniform", 5); }),
             Contains("chooses among the entries of a table"));
  CHECK_THAT(error_of([&] { tw::grid_named(edm, "karass", 5); }),
             Contains("no spacing is called \"karass\"; near to it are karras"));
  CHECK_THAT(error_of([&] {
               tw::grid_named(edm, "beta", 5, {{"rho", 7}});
             }),
             Contains("beta has no option \"rho\"; it has t_max, t_min, sigma_max, sigma_min, "
                      "to_zero, a, b"));
  CHECK_THAT(error_of([&] {
               tw::grid_named(table, "simple", 5, {{"a", 7}});
             }),
             Contains("simple has no option \"a\"; it has to_zero"));
}
