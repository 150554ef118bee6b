// SPDX-License-Identifier: MIT
#include "catch.hpp"

#include <cmath>
#include <vector>

#include <tweedie/grid/spacing.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/flow.hpp>
#include <tweedie/process/ve.hpp>
#include <tweedie/process/vp.hpp>

namespace tw = tweedie;

namespace {

std::vector<double> sigmas(const tw::Grid& grid) {
  std::vector<double> all;
  for (const tw::Level& l : grid.levels()) all.push_back(l.sigma());
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
        if (to_zero && n > 1) CHECK(grid[std::size_t(n) - 1] == vp.at(vp.t_min));
      }
}

TEST_CASE("grid: spacings are those of the papers") {
  // k-diffusion's get_sigmas_karras(10, 0.02, 80): figures from a run of it.
  check_equal(
      sigmas(tw::karras(tw::EDM{}, 10, {.sigma_max = 80, .sigma_min = 0.02, .to_zero = true})),
      {80.0, 45.60980348104143, 24.757927768909404, 12.675830426264854, 6.0459517987107025,
       2.6417074053790532, 1.032750896216158, 0.3489571563558094, 0.09657513797178488, 0.02, 0});
  const tw::Grid uniform = tw::uniform(tw::VP{}, 4, {.t_max = 0.9, .t_min = 0.1});
  for (std::size_t k = 0; k < 5; ++k) CHECK(uniform[k].t == Approx(0.9 - 0.2 * double(k)));
  const tw::Grid quadratic = tw::power(tw::VP{}, 3, 2, {.t_max = 1, .t_min = 1e-4});
  for (std::size_t k = 0; k < 4; ++k)
    CHECK(std::sqrt(quadratic[k].t) == Approx(1 - 0.33 * double(k)));
  CHECK(quadratic[1].t - quadratic[2].t < quadratic[0].t - quadratic[1].t);  // dense at low noise
  check_equal(sigmas(tw::log_snr(tw::EDM{}, 3, {.sigma_max = 8, .sigma_min = 1})), {8, 4, 2, 1});
  check_equal(sigmas(tw::geometric(tw::VE{}, 2, {.sigma_max = 9, .sigma_min = 1})), {9, 3, 1});
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
  CHECK(tw::uniform(tw::Flow{}, 4).front().scale == 0);
  CHECK_THAT(error_of([] { tw::karras(tw::Flow{}, 4); }), Contains("finite ends"));
  CHECK_THAT(error_of([] { tw::log_snr(tw::Flow{}, 4); }), Contains("finite sigma_max"));
  CHECK(tw::karras(tw::Flow{}, 4, {.sigma_max = 100}).front().sigma() == Approx(100));
  CHECK(std::isinf(tw::karras(tw::VE{}, 4, {.to_zero = true}).back().t));
}

TEST_CASE("grid: a wrong one is refused in a sentence") {
  const tw::VP vp;
  const auto said = [](auto&& action) { return error_of(action); };
  CHECK_THAT(said([&] { tw::uniform(vp, 0); }), Contains("0 steps") && Contains("at least 1"));
  CHECK_THAT(said([&] {
               tw::from_sigmas(vp, {1, 2});
             }),
             Contains("must fall") && Contains("from 1 to 2"));
  CHECK_THAT(said([&] { tw::from_sigmas(vp, {2, 2}); }), Contains("from 2 to 2"));
  CHECK_THAT(said([&] { tw::from_sigmas(vp, {2, 0, 0}); }), Contains("data end only"));
  CHECK_THAT(said([&] { tw::from_sigmas(vp, {2, -1}); }), Contains("sigma = -1"));
  CHECK_THAT(said([&] { tw::from_times(vp, {0.5}); }), Contains("1 points make no step"));
  CHECK_THAT(said([&] { tw::from_times(vp, {std::nan(""), 0.5}); }), Contains("t = nan"));
  CHECK_THAT(said([&] {
               tw::from_times(vp, {0.5, -0.1});
             }),
             Contains("t = -0.1 must be at least 0"));
  CHECK_THAT(said([&] { tw::from_times(tw::Flow{}, {1.2, 0.5}); }), Contains("has scale -0.2"));
  CHECK_THAT(said([&] { tw::from_times(tw::EDM{}, {std::nan(""), 0.5}); }), Contains("not finite"));
  CHECK_THAT(said([&] { tw::karras(vp, 5, {.t_max = 1, .sigma_max = 3}); }),
             Contains("both as a time"));
  CHECK_THAT(said([&] { tw::karras(vp, 5, {.sigma_min = 0}); }), Contains("to_zero"));
  CHECK_THAT(said([&] { tw::karras(vp, 5, {.t_max = 0.1, .t_min = 0.2}); }), Contains("must fall"));
  CHECK_THAT(said([&] { tw::karras(vp, 5, {}, -7); }), Contains("rho = -7"));
  CHECK_THAT(said([&] { tw::power(vp, 5, 0); }), Contains("exponent 0"));
}
