// SPDX-License-Identifier: MIT
// A program may have functions of the library's names and call them with the library's types:
// argument-dependent lookup does not find the library's own, so that no call is ambiguous.
#include "support/catch.hpp"

#include <tweedie/analysis/order.hpp>
#include <tweedie/forward/diffuse.hpp>
#include <tweedie/forward/latents.hpp>
#include <tweedie/grid/outer_grid.hpp>
#include <tweedie/grid/restart.hpp>
#include <tweedie/grid/timesteps.hpp>
#include <tweedie/model/checked.hpp>
#include <tweedie/parallel/blocks.hpp>
#include <tweedie/plan/eager.hpp>
#include <tweedie/plan/print.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/sample.hpp>
#include <tweedie/solver/kit/ancestral_split.hpp>
#include <tweedie/solver/ode/ddim.hpp>

#include "support/shrinking.hpp"

namespace tw = tweedie;

namespace user {

template <class... A>
int sample(const A&...) {
  return 1;
}
template <class... A>
int make_plan(const A&...) {
  return 2;
}
template <class... A>
int prior(const A&...) {
  return 3;
}
template <class... A>
int diffuse(const A&...) {
  return 4;
}
template <class... A>
int karras(const A&...) {
  return 5;
}
template <class... A>
int reversed(const A&...) {
  return 6;
}
template <class... A>
int trajectory(const A&...) {
  return 7;
}
template <class... A>
int predict(const A&...) {
  return 8;
}
template <class... A>
int moments(const A&...) {
  return 9;
}
template <class... A>
int measure_order(const A&...) {
  return 10;
}
template <class... A>
int checked(const A&...) {
  return 11;
}
template <class... A>
int check(const A&...) {
  return 12;
}
template <class... A>
int renoise(const A&...) {
  return 13;
}
template <class... A>
int to_string(const A&...) {
  return 14;
}
template <class... A>
int name_of(const A&...) {
  return 15;
}
template <class... A>
int restart(const A&...) {
  return 16;
}
template <class... A>
int for_each_block(const A&...) {
  return 17;
}
template <class... A>
int conversion(const A&...) {
  return 18;
}
template <class... A>
int output(const A&...) {
  return 19;
}
template <class... A>
int fail(const A&...) {
  return 20;
}
template <class... A>
int sentence(const A&...) {
  return 21;
}
template <class... A>
int timesteps(const A&...) {
  return 22;
}
template <class... A>
int outer_grid(const A&...) {
  return 23;
}
template <class... A>
int transition_of(const A&...) {
  return 24;
}
template <class... A>
int validate(const A&...) {
  return 25;
}
template <class... A>
int step_of(const A&...) {
  return 26;
}
template <class... A>
int solve(const A&...) {
  return 27;
}
template <class... A>
int run_eagerly(const A&...) {
  return 28;
}
template <class... A>
int slerp(const A&...) {
  return 29;
}
template <class... A>
int wasserstein(const A&...) {
  return 30;
}
template <class... A>
int solver_named(const A&...) {
  return 31;
}
}  // namespace user

TEST_CASE("names: argument-dependent lookup does not find the library's verbs") {
  using namespace user;
  const tw::AnyProcess vp = tw::VP{};
  const tw::AnySolver solver = tw::DDIM{};
  const tw::Grid grid = tw::uniform(vp, 3, {.to_zero = false});
  const tw::Plan plan = tw::make_plan(vp, solver, grid);
  const tw::Noise noise;
  CHECK(sample(vp, tw::DDIM{}, grid) == 1);
  CHECK(make_plan(vp, solver, grid) == 2);
  CHECK(prior(plan.from(), noise) == 3);
  CHECK(diffuse(plan.from(), noise) == 4);
  CHECK(karras(vp, 3) == 5);
  CHECK(reversed(grid) == 6);
  CHECK(trajectory(plan, noise) == 7);
  CHECK(predict(tw::Prediction::data, plan) == 8);
  CHECK(moments(plan) == 9);
  CHECK(measure_order(vp) == 10);
  CHECK(checked(shrinking()) == 11);
  CHECK(check(true, plan) == 12);
  CHECK(renoise(plan, grid, plan.from(), plan.to()) == 13);
  CHECK(to_string(plan.rows()[0]) == 14);
  CHECK(name_of(tw::Prediction::data) == 15);
  CHECK(restart(vp, grid) == 16);
  CHECK(for_each_block(3, tw::BlockOptions{}) == 17);
  CHECK(conversion(tw::Prediction::data, tw::Prediction::v, plan.from()) == 18);
  CHECK(output(plan.rows()[0]) == 19);
  CHECK(fail(tw::Word(1.0)) == 20);
  CHECK(sentence(tw::Word(1.0)) == 21);
  CHECK(timesteps(tw::TimestepSpacing::leading, 3, 10) == 22);
  CHECK(outer_grid(grid, 3) == 23);
  CHECK(transition_of(plan.intervals()[0]) == 24);
  CHECK(validate(tw::DDIM{}) == 25);
  CHECK(step_of(tw::DDIM{}, plan.intervals()[0]) == 26);
  CHECK(solve(tw::DDIM{}, plan.intervals()) == 27);
  CHECK(run_eagerly(vp, tw::DDIM{}, plan.intervals()) == 28);
  CHECK(slerp(noise) == 29);
  CHECK(wasserstein(tw::Moments{}, tw::Moments{}) == 30);
  CHECK(solver_named(solver) == 31);
}
