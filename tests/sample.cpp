// SPDX-License-Identifier: MIT
// The front door.
#include "support/catch.hpp"

#include <vector>

#include <tweedie/process/vp.hpp>
#include <tweedie/sample.hpp>
#include <tweedie/solver/ode/ddim.hpp>
#include <tweedie/solver/sde/ddpm.hpp>
#include <tweedie/solver/sde/euler_maruyama.hpp>

#include "support/shrinking.hpp"

namespace tw = tweedie;

namespace {

const tw::AnyProcess vp = tw::VP{};

}  // namespace

TEST_CASE("sample: the front door is plan, prior and run") {
  const tw::Grid grid = tw::karras(vp, 8);
  const Eigen::MatrixXf x = tw::sample<Eigen::MatrixXf>(
      vp, shrinking(), tw::EulerMaruyama{}, tw::uniform(vp, 8, {.to_zero = false}),
      {.dim = 3, .count = 4, .noise = {.seed = 7}});
  const tw::Plan plan =
      tw::make_plan(vp, tw::EulerMaruyama{}, tw::uniform(vp, 8, {.to_zero = false}));
  Eigen::MatrixXf y(3, 4);
  tw::Sampler sampler(plan, shrinking(), y);
  tw::prior(plan.from(), y, tw::Noise{.seed = 7});
  sampler(y, tw::Noise{.seed = 7});
  CHECK(x == y);
  CHECK(tw::sample<>(vp, shrinking(), tw::DDIM{}, grid, {.dim = 2, .count = 0}).cols() == 0);
  CHECK_THAT(error_of([&] { tw::sample<>(vp, shrinking(), tw::DDIM{}, grid, {.dim = 0}); }),
             Contains("dim = 0"));
  CHECK_THAT(error_of([&] {
               tw::sample<Eigen::Vector2d>(vp, shrinking(), tw::DDIM{}, grid,
                                           {.dim = 5, .count = 3});
             }),
             Contains("fixed size"));
}

TEST_CASE("sample_in_blocks: the samples of the whole, in bounded memory") {
  const tw::Grid grid = tw::karras(vp, 6, {.to_zero = false});
  const auto model = shrinking();
  const tw::SampleOptions options{.dim = 3, .count = 23, .noise = {.seed = 6, .first_sample = 100}};
  const Eigen::MatrixXd whole = tw::sample<>(vp, model, tw::DDPM{}, grid, options);
  Eigen::MatrixXd together(3, 23);
  std::vector<Eigen::Index> sizes;
  tw::sample_in_blocks<>(vp, model, tw::DDPM{}, grid, options, 10,
                         [&](Eigen::Index first, const auto& x) {
                           together.middleCols(first, x.cols()) = x;
                           sizes.push_back(x.cols());
                         });
  CHECK(together == whole);
  CHECK(sizes == std::vector<Eigen::Index>{10, 10, 3});
  CHECK_THAT(error_of([&] {
               tw::sample_in_blocks<>(vp, model, tw::DDPM{}, grid, options, 0,
                                      [](auto, const auto&) {});
             }),
             Contains("columns = 0"));
}
