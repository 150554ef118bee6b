// SPDX-License-Identifier: MIT
// Blocks of columns, threads, and samplers that run on both.
#include "support/catch.hpp"

#include <atomic>
#include <cstdint>
#include <limits>
#include <thread>
#include <utility>
#include <vector>

#include <tweedie/forward/prior.hpp>
#include <tweedie/grid/spacing.hpp>
#include <tweedie/parallel/blocked_sampler.hpp>
#include <tweedie/parallel/threads.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/sample.hpp>

#include "support/allocations.hpp"
#include "support/registry.hpp"
#include "support/shrinking.hpp"

namespace tw = tweedie;

namespace {

const tw::AnyProcess vp = tw::VP{};

tw::Plan plan_of(const tw::AnySolver& solver) {
  return tw::make_plan(vp, solver, tw::uniform(vp, 6, {.to_zero = false}));
}

}  // namespace

TEST_CASE("blocks: samplers of some columns give the bytes of the whole, for every solver") {
  for (const NamedSolver& solver : all_solvers()) {
    const tw::Plan plan = plan_of(solver.solver);
    const tw::Noise noise{.seed = 12};
    Eigen::MatrixXf whole(79, 11);  // more than one piece of noise
    tw::prior(plan.from(), whole, noise);
    Eigen::MatrixXf blocks = whole;
    tw::Sampler all(plan, shrinking(), whole);
    all(whole, noise);
    for (const auto& [first, count] : {std::pair{0, 1}, std::pair{1, 7}, std::pair{8, 3}}) {
      auto block = blocks.middleCols(first, count);
      tw::Sampler part(plan, shrinking(), block);
      part(block, noise.from_sample(first));
    }
    INFO(solver.name);
    CHECK(blocks == whole);
  }
}

TEST_CASE("blocks: any columns, threads and ranks give the bytes of one sampler") {
  const tw::Noise noise{.seed = 12, .first_sample = 5};
  for (const char* name : {"dpmpp_2m", "euler_ancestral", "seeds_3"}) {
    const tw::Plan plan = plan_of(name);
    for (Eigen::Index dim : {2, 79}) {
      Eigen::MatrixXf whole(dim, 23);
      tw::prior(plan.from(), whole, noise);
      const Eigen::MatrixXf start = whole;
      tw::Sampler all(plan, shrinking(), whole);
      all(whole, noise);
      for (std::int64_t columns : {0, 1, 4, 23, 100})
        for (int count : {1, 2, 3}) {
          tw::Threads threads(count);
          Eigen::MatrixXf x = start;
          tw::BlockedSampler sampler(plan, shrinking(), x, {.columns = columns}, threads);
          const long before = allocations;
          sampler(x, noise);
          const long made = allocations - before;
          INFO(name << ", dim " << dim << ", columns " << columns << ", threads " << count);
          CHECK(made == 0);
          CHECK(x == whole);
          sampler(x = start, noise);  // again
          CHECK(x == whole);
        }
      // Two programs, each with its part.
      Eigen::MatrixXf parts = start;
      for (std::int64_t rank : {0, 1})
        tw::for_each_block(23, {.columns = 4, .rank = rank, .ranks = 2},
                           [&](std::int64_t begin, std::int64_t end) {
                             auto block = parts.middleCols(begin, end - begin);
                             tw::Sampler part(plan, shrinking(), block);
                             part(block, noise.from_sample(5 + begin));
                           });
      CHECK(parts == whole);
    }
  }
}

TEST_CASE("blocks: the ranks together make every block once, also where there is none") {
  for (std::int64_t count : {0, 1, 9, 10, 11}) {
    std::vector<int> seen(static_cast<std::size_t>(count));
    for (std::int64_t rank : {0, 1, 2})
      tw::for_each_block(count, {.columns = 5, .rank = rank, .ranks = 3},
                         [&](std::int64_t begin, std::int64_t end, int) {
                           for (; begin < end; ++begin) ++seen[static_cast<std::size_t>(begin)];
                         });
    CHECK(seen == std::vector<int>(seen.size(), 1));
  }
  const auto nothing = [](std::int64_t, std::int64_t) {};
  int calls = 0;
  tw::for_each_block(
      10, {.columns = std::numeric_limits<std::int64_t>::max()},
      [&](std::int64_t begin, std::int64_t end) { calls += begin == 0 && end == 10; });
  CHECK(calls == 1);
  CHECK_THROWS_WITH(tw::for_each_block(3, {.columns = 0}, nothing), Contains("columns = 0"));
  CHECK_THROWS_WITH(tw::for_each_block(3, {.rank = 2, .ranks = 2}, nothing),
                    Contains("rank = 2 must lie from 0 to below ranks = 2"));
}

TEST_CASE("blocked sampler: wrong columns and shapes are refused, no columns are served") {
  Eigen::MatrixXd x(2, 3);
  CHECK_THROWS_AS(tw::BlockedSampler(plan_of(tw::DDIM{}), shrinking(), x, {.columns = -1}),
                  tw::Error);
  tw::BlockedSampler sampler(plan_of(tw::DDIM{}), shrinking(), x);
  Eigen::MatrixXd other(2, 4);
  CHECK_THROWS_WITH(sampler(other, tw::Noise{}), Contains("2 x 4") && Contains("2 x 3"));
  Eigen::MatrixXd empty(2, 0);
  tw::BlockedSampler(plan_of(tw::DDIM{}), shrinking(), empty)(empty, tw::Noise{});
}

TEST_CASE("sample_in_blocks: on threads the same samples, taken one block at a time") {
  const tw::Grid grid = tw::karras(vp, 6);
  const tw::SampleOptions options{.dim = 3, .count = 230, .noise = {.seed = 6, .first_sample = 9}};
  const Eigen::MatrixXd whole = tw::sample<>(vp, shrinking(), tw::DDPM{}, grid, options);
  for (int count : {1, 2, 5}) {
    tw::Threads threads(count);
    Eigen::MatrixXd together = Eigen::MatrixXd::Zero(3, 230);
    int taken = 0;  // not atomic: take is never called twice at once
    tw::sample_in_blocks<>(
        vp, shrinking(), tw::DDPM{}, grid, options, 7,
        [&](Eigen::Index first, const auto& x) {
          together.middleCols(first, x.cols()) = x;
          ++taken;
        },
        threads);
    CHECK(together == whole);
    CHECK(taken == 33);
  }
}

TEST_CASE("threads: every task once, and the first exception comes back") {
  tw::Threads threads(3);
  CHECK(threads.count() == 3);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::atomic<int>> seen(17);
    threads(17, [&](std::int64_t task, int thread) {
      seen[static_cast<std::size_t>(task)] += 1 + 100 * (thread < 0 || thread > 2);
    });
    for (const auto& count : seen) REQUIRE(count == 1);
  }
  CHECK_THROWS_WITH(
      threads(1000, [](std::int64_t task, int) { tw::check(task != 5, "task ", task); }), "task 5");
  std::atomic<int> after = 0;
  threads(10, [&](std::int64_t, int) { ++after; });
  CHECK(after == 10);
  CHECK_THROWS_AS(tw::Threads(-1), tw::Error);
  const auto constant = [&after](std::int64_t, int) { ++after; };
  threads(5, constant);
  CHECK(after == 15);
}

TEST_CASE("threads: a call from within a task, or beside one, is an Error and loses no work") {
  tw::Threads threads(3);
  std::atomic<int> inner{0}, outer{0};
  CHECK_THROWS_WITH(threads(4, [&](auto, int) { threads(2, [&](auto, int) { ++inner; }); }),
                    Contains("they are at work"));
  CHECK(inner == 0);
  threads(5, [&](auto, int) { ++outer; });  // and they go on
  CHECK(outer == 5);
  std::atomic<int> refused{0}, done{0};
  const auto often = [&] {
    for (int k = 0; k < 200; ++k) {
      try {
        threads(8, [&](auto, int) { ++done; });
      } catch (const tw::Error&) {
        ++refused;
      }
    }
  };
  std::thread other(often);
  often();
  other.join();
  CHECK(done == 8 * (400 - refused));
}
