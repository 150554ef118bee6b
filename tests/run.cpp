// SPDX-License-Identifier: MIT
// The executor: shapes, kinds of state, steps, priors, noise sources, and the traps of each.
#define EIGEN_RUNTIME_NO_MALLOC
#include "allocations.hpp"
#include "catch.hpp"

#include <atomic>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <type_traits>
#include <vector>

#include <tweedie/analysis/order.hpp>
#include <tweedie/model/checked.hpp>
#include <tweedie/noise/recorded.hpp>
#include <tweedie/noise/sequential.hpp>
#include <tweedie/plan/eager.hpp>
#include <tweedie/plan/named.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/flow.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/run/blocked_sampler.hpp>
#include <tweedie/run/threads.hpp>
#include <tweedie/sample.hpp>

namespace tw = tweedie;

namespace {

const tw::AnyProcess vp = tw::VP{};

auto shrinking() {
  return tw::predicts_epsilon([](const auto& x, double t, auto& out) {
    out = x * static_cast<typename std::decay_t<decltype(x)>::Scalar>(0.9 + 0.05 * t);
  });
}

tw::Plan plan_of(const tw::AnySolver& solver, int steps = 6) {
  return tw::make_plan(vp, solver, tw::uniform(vp, steps));
}

struct Corrected {  // a Langevin corrector before DDIM
  tw::LangevinOptions options;
  tw::Facts facts() const { return {"corrected", 1, 2, true}; }
  template <class X>
  X step(auto& c, const auto& process, const tw::Interval& s, const X& x) const {
    return tw::DDIM{.eta = 0.5}.step(c, process, s, c.langevin(x, s.t, options));
  }
};

struct Memorious {  // reads the state before last: it cannot be overwritten in place
  template <class X>
  struct Memory {
    X x;
  };
  tw::Facts facts() const { return {"memorious", 1, 1, false}; }
  template <class X>
  X step(auto& c, const auto&, const tw::Interval& s, const X& x,
         std::optional<Memory<X>>& past) const {
    const X before = past ? past->x : x;
    past = {x};
    return 0.5 * x + 0.3 * before + 0.1 * c.epsilon(x, s.t);
  }
};

// z1 is used in both stages and z2 before it in the first: sequential sources must keep order.
struct TwoStage {
  tw::Facts facts() const { return {"two-stage", 1, 1, true}; }
  template <class X>
  X step(auto& c, const auto&, const tw::Interval& s, const X& x) const {
    const X z1 = c.normal(), z2 = c.normal(), unused = c.normal();
    const X stage = x + 0.1 * z2;
    return c.data(stage, s.t) + 0.2 * z1 + 0.3 * z2 + 0.0 * unused;
  }
};

}  // namespace

// Contiguous columns are a state; rows of a larger matrix are not, by their type.
static_assert(tw::State<Eigen::MatrixXd&>);
static_assert(tw::State<Eigen::ArrayXXf>);
static_assert(tw::State<Eigen::Matrix<float, 112, 1>>);
static_assert(tw::State<Eigen::Map<Eigen::MatrixXf>>);
static_assert(tw::State<decltype(std::declval<Eigen::MatrixXd&>().leftCols(2))>);
static_assert(tw::State<decltype(std::declval<Eigen::MatrixXd&>().col(0))>);
static_assert(tw::State<Eigen::RowVectorXd>);
static_assert(!tw::State<decltype(std::declval<Eigen::MatrixXd&>().topRows(2))>);
static_assert(!tw::State<decltype(std::declval<Eigen::MatrixXd&>().row(0))>);
static_assert(!tw::State<Eigen::Map<const Eigen::MatrixXd>>);
static_assert(!tw::State<Eigen::Map<Eigen::MatrixXd, 0, Eigen::OuterStride<>>>);
static_assert(!tw::State<Eigen::MatrixXi>);
static_assert(!tw::State<const Eigen::MatrixXd&>);
static_assert(!tw::State<const Eigen::Map<Eigen::MatrixXd>&>);
static_assert(!tw::State<Eigen::Matrix<double, 3, 3, Eigen::RowMajor>>);
// Assigning a step would copy elements through the view.
static_assert(!std::is_assignable_v<tw::Step<Eigen::Map<Eigen::MatrixXd>>&,
                                    tw::Step<Eigen::Map<Eigen::MatrixXd>>>);
// Nor may the steps of a temporary sampler be asked for.
template <class S>
concept GivesSteps = requires(S sampler, Eigen::MatrixXd& x) {
  std::forward<S>(sampler).steps(x, tw::Noise{});
};
using ASampler = tw::Sampler<Eigen::MatrixXd, decltype(shrinking())>;
static_assert(GivesSteps<ASampler&> && !GivesSteps<ASampler>);
static_assert(std::input_iterator<
              tw::Steps<tw::Sampler<Eigen::MatrixXd, decltype(shrinking())>, tw::Noise>::Iterator>);

TEST_CASE("sampler: every kind of state gives the same numbers") {
  const tw::Plan plan = plan_of(tw::EulerMaruyama{});
  const tw::Noise noise{.seed = 5};
  Eigen::MatrixXd reference(4, 3);
  tw::prior(plan.front(), reference, noise);
  const Eigen::MatrixXd x0 = reference;
  tw::Sampler sampler(plan, shrinking(), reference);
  sampler(reference, noise);
  CHECK((reference - x0).norm() > 0.1);

  const auto same = [&](auto x) {
    x.matrix() = x0;
    tw::Sampler other(plan, shrinking(), x);
    other(x, noise);
    CHECK(x.matrix() == reference);
  };
  same(Eigen::ArrayXXd(4, 3));
  same(Eigen::Matrix<double, 4, 3>());
  same(Eigen::Matrix<double, 4, Eigen::Dynamic>(4, 3));
  std::vector<double> memory(12);
  Eigen::Map<Eigen::MatrixXd> map(memory.data(), 4, 3);
  map = x0;
  sampler(map, noise);
  CHECK(map == reference);
  Eigen::MatrixXd wide(4, 5);
  wide.leftCols(3) = x0;
  sampler(wide.leftCols(3), noise);
  CHECK(wide.leftCols(3) == reference);
  Eigen::Vector4d one = x0.col(0);
  tw::Sampler single(plan, shrinking(), one);
  single(one, noise);
  CHECK(one == reference.col(0));
  Eigen::RowVectorXd row = x0.row(0);  // dimension 1, three samples
  tw::Sampler flat(plan, shrinking(), row);
  flat(row, noise);
  CHECK((row - reference.row(0)).cwiseAbs().maxCoeff() < 1e-14);
}

TEST_CASE("sampler: one step, one sample, no columns") {
  Eigen::MatrixXd empty(4, 0);
  int calls = 0;
  auto counting =
      tw::predicts_data([&](const auto& x, double, auto& out) { out = 0 * x, ++calls; });
  tw::Sampler none(plan_of(tw::DPMSolverPP2M{}), counting, empty);
  none(empty, tw::Noise{});
  CHECK(calls == 0);
  Eigen::VectorXf x = Eigen::VectorXf::Ones(1);
  tw::Sampler one(plan_of(tw::DDIM{}, 1), shrinking(), x);
  one(x, tw::Noise{});
  CHECK(x.allFinite());
}

TEST_CASE("sampler: another shape is refused and nothing is changed") {
  Eigen::MatrixXd x = Eigen::MatrixXd::Ones(4, 3), other = Eigen::MatrixXd::Ones(4, 2);
  tw::Sampler sampler(plan_of(tw::DDIM{}), shrinking(), x);
  CHECK_THAT(error_of([&] { sampler(other, tw::Noise{}); }),
             Contains("4 x 2") && Contains("4 x 3"));
  CHECK(other == Eigen::MatrixXd::Ones(4, 2));
}

TEST_CASE("sampler: a run allocates nothing, the first one included, for every solver") {
  Eigen::MatrixXf x = Eigen::MatrixXf::Ones(37, 5);
  for (const auto& name : tw::solver_names()) {
    tw::Sampler sampler(plan_of(tw::solver_named(name)), shrinking(), x);
    const tw::Noise noise{.seed = 1};
    const long before = allocations;
    Eigen::internal::set_is_malloc_allowed(false);
    sampler(x, noise);
    for (auto step : sampler.steps(x, noise)) step.x *= 0.5f;
    Eigen::internal::set_is_malloc_allowed(true);
    const long made = allocations - before;  // before Catch makes its own
    INFO(name);
    CHECK(made == 0);
  }
  tw::Sampler corrected(plan_of(Corrected{}), shrinking(), x);
  const long before = allocations;
  corrected(x, tw::Noise{});
  const long made = allocations - before;
  CHECK(made == 0);
}

TEST_CASE("sampler: blocks of columns give the bytes of the whole, for every solver") {
  for (const auto& name : tw::solver_names()) {
    const tw::Plan plan = plan_of(tw::solver_named(name));
    const tw::Noise noise{.seed = 12};
    Eigen::MatrixXf whole(79, 11);  // more than one piece of noise
    tw::prior(plan.front(), whole, noise);
    Eigen::MatrixXf blocks = whole;
    tw::Sampler all(plan, shrinking(), whole);
    all(whole, noise);
    for (const auto& [first, count] : {std::pair{0, 1}, std::pair{1, 7}, std::pair{8, 3}}) {
      auto block = blocks.middleCols(first, count);
      tw::Sampler part(plan, shrinking(), block);
      part(block, noise.from_sample(first));
    }
    INFO(name);
    CHECK(blocks == whole);
  }
}

TEST_CASE("blocks: any columns, threads and parts give the bytes of one sampler") {
  const tw::Noise noise{.seed = 12, .first_sample = 5};
  for (const char* name : {"dpmpp_2m", "euler_ancestral", "seeds_3"}) {
    const tw::Plan plan = plan_of(tw::solver_named(name));
    for (Eigen::Index dim : {2, 79}) {
      Eigen::MatrixXf whole(dim, 23);
      tw::prior(plan.front(), whole, noise);
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
      // The parts of two programs.
      Eigen::MatrixXf parts = start;
      for (std::int64_t rank : {0, 1})
        tw::for_each_block(23, {.columns = 4, .first = rank, .stride = 2},
                           [&](std::int64_t begin, std::int64_t end) {
                             auto block = parts.middleCols(begin, end - begin);
                             tw::Sampler part(plan, shrinking(), block);
                             part(block, noise.from_sample(5 + begin));
                           });
      CHECK(parts == whole);
    }
  }
}

TEST_CASE("blocks: each once, in parts, and none of none") {
  for (std::int64_t count : {0, 1, 9, 10, 11}) {
    std::vector<int> seen(static_cast<std::size_t>(count));
    for (std::int64_t rank : {0, 1, 2})
      tw::for_each_block(count, {.columns = 5, .first = rank, .stride = 3},
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
  CHECK_THROWS_WITH(tw::for_each_block(3, {.first = 2, .stride = 2}, nothing),
                    Contains("first = 2 must lie from 0 to below stride = 2"));
  Eigen::MatrixXd x(2, 3);
  CHECK_THROWS_AS(tw::BlockedSampler(plan_of(tw::DDIM{}), shrinking(), x, {.columns = -1}),
                  tw::Error);
  tw::BlockedSampler sampler(plan_of(tw::DDIM{}), shrinking(), x);
  Eigen::MatrixXd other(2, 4);
  CHECK_THROWS_WITH(sampler(other, tw::Noise{}), Contains("2 x 4") && Contains("2 x 3"));
  Eigen::MatrixXd empty(2, 0);
  tw::BlockedSampler(plan_of(tw::DDIM{}), shrinking(), empty)(empty, tw::Noise{});
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

namespace {

struct ThreeDraws {  // more draws a row than go evenly into those made ahead
  tw::Facts facts() const { return {"three draws", 1, 1, true}; }
  template <class X>
  X step(auto& c, const auto&, const tw::Interval& s, const X& x) const {
    const X z1 = c.normal(), z2 = c.normal(), z3 = c.normal();
    return 0.9 * x + 0.01 * c.epsilon(x, s.t) + 0.1 * z1 + 0.2 * z2 + 0.3 * z3;
  }
};

struct FarDraws {  // two draws of a row that lie further apart than those made ahead
  tw::Facts facts() const { return {"far draws", 1, 1, true}; }
  template <class X>
  X step(auto& c, const auto&, const tw::Interval& s, const X& x) const {
    const X first = c.normal();
    for (int k = 0; k < 30; ++k) c.normal();
    const X last = c.normal();
    return 0.9 * x + 0.01 * c.epsilon(x, s.t) + 0.1 * first + 0.2 * last;
  }
};

}  // namespace

TEST_CASE("sampler: a small state has the noise of a large one, for every solver") {
  std::vector<tw::AnySolver> solvers{ThreeDraws{}, FarDraws{}, Corrected{}, TwoStage{}};
  for (const auto& name : tw::solver_names()) solvers.push_back(tw::solver_named(name));
  for (const tw::AnySolver& solver : solvers) {
    const tw::Plan plan = plan_of(solver, 12);
    Eigen::MatrixXd large(2, 100);
    tw::prior(plan.front(), large, tw::Noise{.seed = 8});
    Eigen::MatrixXd small = large.leftCols(4);
    tw::Sampler(plan, shrinking(), large)(large, tw::Noise{.seed = 8});
    tw::Sampler(plan, shrinking(), small)(small, tw::Noise{.seed = 8});
    INFO(solver.facts().name);
    CHECK(small == large.leftCols(4));
  }
}

TEST_CASE("sampler: a copy has buffers of its own") {
  for (const char* name : {"dpmpp_2m", "euler_ancestral"}) {
    const tw::Plan plan = plan_of(tw::solver_named(name));
    const tw::Noise noise{.seed = 2};
    Eigen::MatrixXd first(4, 3);
    tw::prior(plan.front(), first, noise);
    Eigen::MatrixXd second = first, third = first;
    auto sampler = std::make_unique<tw::Sampler<Eigen::MatrixXd, decltype(shrinking())>>(
        plan, shrinking(), first);
    (*sampler)(first, noise);
    auto copy = *sampler;
    auto moved = std::move(*sampler);
    sampler.reset();
    copy(second, noise);
    moved(third, noise);
    CHECK(second == first);
    CHECK(third == first);
  }
}

TEST_CASE("noise: draws ahead of a small state are those that are made one by one") {
  for (std::int64_t dim : {1, 2, 3, 5, 8, 9})
    for (std::int64_t count : {1, 2, 3, 7}) {
      const tw::Noise noise{.seed = 4, .first_sample = 3};
      std::vector<double> ahead(static_cast<std::size_t>(11 * dim * count));
      std::vector<float> in_float(ahead.size());
      noise.fill_draws(6, 11, dim, count, ahead.data());
      noise.fill_draws(6, 11, dim, count, in_float.data());
      for (int draw = 0; draw < 11; ++draw) {
        Eigen::MatrixXd one(dim, count);
        Eigen::MatrixXf one_in_float(dim, count);
        noise.fill(6 + draw, one);
        noise.fill(6 + draw, one_in_float);
        INFO("dim " << dim << ", count " << count << ", draw " << draw);
        CHECK(one == Eigen::Map<Eigen::MatrixXd>(ahead.data() + draw * dim * count, dim, count));
        CHECK(one_in_float ==
              Eigen::Map<Eigen::MatrixXf>(in_float.data() + draw * dim * count, dim, count));
      }
    }
}

TEST_CASE("sampler: a model is told level, step, evaluation and first sample") {
  std::vector<tw::Call> calls;
  auto model = tw::predicts_epsilon([&](const auto& x, const tw::Call& call, auto& out) {
    out = x;
    calls.push_back(call);
  });
  Eigen::MatrixXd x = Eigen::MatrixXd::Ones(2, 2);
  tw::Sampler sampler(plan_of(tw::Heun<tw::InTime>{}, 3), model, x);
  sampler(x, tw::Noise{.first_sample = 40});
  REQUIRE(calls.size() == 6);
  for (int k = 0; k < 6; ++k) {
    CHECK(calls[std::size_t(k)].evaluation == k);
    CHECK(calls[std::size_t(k)].step == k / 2);
    CHECK(calls[std::size_t(k)].first_sample == 40);
    CHECK(calls[std::size_t(k)].at == vp.at(calls[std::size_t(k)].at.t));
  }
  CHECK(calls[1].at == calls[2].at);
}

TEST_CASE("sampler: checked stops the run at the step that breaks") {
  auto model = tw::checked(tw::predicts_epsilon([](const auto& x, const tw::Call& c, auto& out) {
    out = x;
    if (c.step == 2) out(0, 1) = std::nan("");
  }));
  Eigen::MatrixXd x = Eigen::MatrixXd::Ones(2, 2);
  tw::Sampler sampler(plan_of(tw::DDIM{}), model, x);
  CHECK_THAT(error_of([&] { sampler(x, tw::Noise{}); }),
             Contains("step 2, t = 0.667, evaluation 2"));
}

TEST_CASE("steps: pulled one by one, ended at will, and what is written goes into the run") {
  const tw::Plan plan = plan_of(tw::DPMSolverPP2M{}, 5);
  Eigen::MatrixXd x(3, 2);
  tw::prior(plan.front(), x, tw::Noise{});
  const Eigen::MatrixXd x0 = x;
  tw::Sampler sampler(plan, shrinking(), x);
  int made = 0;
  for (auto step : sampler.steps(x, tw::Noise{})) {
    CHECK(step.index == made++);
    CHECK(step.count == 5);
    CHECK(step.from == plan.intervals()[std::size_t(step.index)].t);
    CHECK(step.to == plan.intervals()[std::size_t(step.index)].u);
  }
  CHECK(made == 5);
  const Eigen::MatrixXd straight = x;
  x = x0;
  sampler(x, tw::Noise{});
  CHECK(x == straight);

  x = x0;
  int evaluated = 0;
  auto counting =
      tw::predicts_epsilon([&](const auto& in, double) { return ++evaluated, 0.9 * in; });
  tw::Sampler lazy(plan, counting, x);
  for (auto step : lazy.steps(x, tw::Noise{}))
    if (step.index == 1) break;
  CHECK(evaluated == 2);

  // Held at zero from the third step on, an epsilon model that is linear in x stays there.
  x = x0;
  tw::Sampler first_order(plan_of(tw::DDIM{}, 5), shrinking(), x);
  for (auto step : first_order.steps(x, tw::Noise{}))
    if (step.index == 2) step.x.setZero();
  CHECK(x.isZero());
}

TEST_CASE("steps: the last commit comes home although an old state is alive") {
  for (int steps : {1, 2, 3, 4, 5}) {
    const tw::Grid grid = tw::uniform(vp, steps);
    const tw::Plan plan = tw::make_plan(vp, Memorious{}, grid);
    Eigen::MatrixXd x = Eigen::MatrixXd::Random(3, 4);
    const Eigen::MatrixXd expected =
        tw::run_eagerly(vp, Memorious{}, tw::intervals(grid), shrinking(), x, tw::Noise{});
    tw::Sampler sampler(plan, shrinking(), x);
    sampler(x, tw::Noise{});
    CHECK((x - expected).cwiseAbs().maxCoeff() < 1e-14);
  }
}

TEST_CASE("sampler: a run that starts from draws alone comes home too") {
  // Up to pure noise, where nothing of the caller's state is left, and down again.
  const tw::AnyProcess flow = tw::Flow{};
  const tw::Level middle = flow.at(0.5), noise_end = flow.at(1);
  const tw::Plan plan = tw::make_plan(
      flow, tw::DDIM{},
      std::vector<tw::Interval>{{middle, noise_end, 0, 2, tw::Interval::Kind::renoise},
                                {noise_end, middle}});
  Eigen::MatrixXd x = Eigen::MatrixXd::Constant(2, 3, 777);
  const auto model = tw::predicts_data([](const auto& in, double, auto& out) { out = 0 * in; });
  tw::Sampler sampler(plan, model, x);
  sampler(x, tw::Noise{.seed = 4});
  Eigen::MatrixXd z(2, 3);
  tw::Noise{.seed = 4}.fill(1, z);
  CHECK(x.isApprox(0.5 * z));
}

TEST_CASE("trajectory: all states, the start among them") {
  const tw::Plan plan = plan_of(tw::DPMSolverPP2M{}, 4);
  Eigen::MatrixXd x(2, 3);
  tw::prior(plan.front(), x, tw::Noise{});
  const Eigen::MatrixXd x0 = x;
  tw::Sampler sampler(plan, shrinking(), x);
  const auto states = tw::trajectory(sampler, x, tw::Noise{});
  REQUIRE(states.size() == 5);
  CHECK(states.front() == x0);
  CHECK(states.back() == x);
  CHECK(states[1] != states[2]);
}

TEST_CASE("prior and diffuse: at the level that is asked for") {
  const tw::Noise noise{.seed = 3};
  Eigen::MatrixXd z(3, 2), x(3, 2);
  noise.fill(0, z);
  // A grid that does not start at t_max starts from less noise; EDM's is far from unit variance.
  for (const tw::Level& level : {vp.at(0.4), tw::EDM{}.at(80), tw::Flow{}.at(1)}) {
    tw::prior(level, x, noise);
    CHECK(x.isApprox(level.std * z));
  }
  const Eigen::MatrixXd data = Eigen::MatrixXd::Random(3, 2);
  tw::diffuse(vp.at(0.4), data, noise, x);
  CHECK(x.isApprox(vp.at(0.4).scale * data + vp.at(0.4).std * z));
  Eigen::MatrixXd other(3, 2);
  tw::diffuse(vp.at(0.4), data, noise.stream("known"), other, 5);
  CHECK_FALSE(other.isApprox(x));
  tw::diffuse(vp.at(0), data, noise, other);
  CHECK(other == data);
  CHECK_THAT(error_of([&] { tw::diffuse(vp.at(0.4), data.topRows(1), noise, x); }),
             Contains("1 x 2"));
  CHECK_THAT(error_of([&] { tw::diffuse(vp.at(0.4), x, noise, x); }), Contains("same memory"));
  x.setConstant(100);
  tw::diffuse(vp.at(0), 0.5 * x, noise, x);  // an expression that reads x
  CHECK(x.isApproxToConstant(50));
}

TEST_CASE("noise sources: recorded and sequential draws give what a counter gives") {
  for (const tw::AnySolver& solver :
       {tw::AnySolver(TwoStage{}), tw::AnySolver(tw::EulerMaruyama{}),
        tw::AnySolver(tw::DDIM{.eta = 1}), tw::AnySolver(Corrected{})}) {
    const tw::Plan plan = plan_of(solver, 4);
    const tw::Noise noise{.seed = 8};
    Eigen::MatrixXd x(3, 4);
    tw::prior(plan.front(), x, noise);
    const Eigen::MatrixXd x0 = x;
    tw::Sampler sampler(plan, shrinking(), x);
    sampler(x, noise);
    const Eigen::MatrixXd expected = x;

    std::vector<Eigen::MatrixXd> draws(static_cast<std::size_t>(plan.draws()) + 1,
                                       Eigen::MatrixXd(3, 4));
    for (std::size_t k = 0; k < draws.size(); ++k) noise.fill(int(k), draws[k]);
    x = x0;
    sampler(x, tw::RecordedNoise(draws));
    INFO(solver.facts().name);
    CHECK((x - expected).cwiseAbs().maxCoeff() < 1e-14 * expected.cwiseAbs().maxCoeff());

    std::size_t next = 0;  // all draws in a row, from draw 1
    tw::SequentialNoise sequential([&] {
      const double z = draws[1 + next / 12].data()[next % 12];
      ++next;
      return z;
    });
    x = x0;
    sampler(x, sequential);
    CHECK((x - expected).cwiseAbs().maxCoeff() < 1e-14 * expected.cwiseAbs().maxCoeff());
  }
}

TEST_CASE("langevin: the row computes what the text says, with norms per sample or of the batch") {
  for (auto norms : {tw::LangevinNorms::per_sample, tw::LangevinNorms::batch_mean}) {
    const Corrected solver{{.snr = 0.3, .alpha = 0.8, .norms = norms}};
    const tw::Grid grid = tw::uniform(vp, 4);
    const tw::Plan plan = tw::make_plan(vp, solver, grid);
    Eigen::MatrixXd x(700, 3);  // longer than a piece of noise
    tw::prior(plan.front(), x, tw::Noise{});
    const Eigen::MatrixXd expected =
        tw::run_eagerly(vp, solver, tw::intervals(grid), shrinking(), x, tw::Noise{});
    tw::Sampler sampler(plan, shrinking(), x);
    sampler(x, tw::Noise{});
    CHECK((x - expected).cwiseAbs().maxCoeff() < 1e-12 * expected.cwiseAbs().maxCoeff());
  }
  CHECK_THAT(error_of([&] {
               tw::moments(plan_of(Corrected{}),
                           tw::Gaussian(Eigen::VectorXd::Zero(1), Eigen::MatrixXd::Ones(1, 1)));
             }),
             Contains("Langevin"));
}

TEST_CASE("sample: the front door is plan, prior and run") {
  const tw::Grid grid = tw::karras(vp, 8, {.to_zero = true});
  const Eigen::MatrixXf x =
      tw::sample<Eigen::MatrixXf>(vp, shrinking(), tw::EulerMaruyama{}, tw::uniform(vp, 8),
                                  {.dim = 3, .count = 4, .noise = {.seed = 7}});
  const tw::Plan plan = tw::make_plan(vp, tw::EulerMaruyama{}, tw::uniform(vp, 8));
  Eigen::MatrixXf y(3, 4);
  tw::Sampler sampler(plan, shrinking(), y);
  tw::prior(plan.front(), y, tw::Noise{.seed = 7});
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

TEST_CASE("kernel: any number of terms, any length, in place, and the same bits for any split") {
  std::vector<float> data(4000);
  tw::Noise{.seed = 5}.fill(0, 4000, 0, 4000, data.data());
  for (std::size_t terms = 0; terms <= 9; ++terms)
    for (std::ptrdiff_t size : {0, 1, 3, 7, 8, 16, 31, 33, 100}) {
      std::vector<tw::Weighted<float>> sum;
      for (std::size_t k = 0; k < terms; ++k)
        sum.push_back({data.data() + 151 * k + 1, 0.3f * static_cast<float>(k) - 1});
      std::vector<float> whole(static_cast<std::size_t>(size) + 1, 7), parts = whole;
      tw::combine<float>(whole.data(), size, sum);
      for (std::ptrdiff_t i = 0; i < size; ++i) {
        double exact = 0, magnitude = 0;
        for (const auto& term : sum) {
          exact += double(term.weight) * term.data[i];
          magnitude += std::abs(double(term.weight) * term.data[i]);
        }
        CHECK(std::abs(whole[std::size_t(i)] - exact) <= 1e-6 * magnitude);
      }
      CHECK(whole.back() == 7);  // not written beyond the end
      for (std::ptrdiff_t cut : {size / 3, size}) {
        auto rest = sum;
        for (auto& term : rest) term.data += cut;
        tw::combine<float>(parts.data(), cut, sum);
        tw::combine<float>(parts.data() + cut, size - cut, rest);
        CHECK(parts == whole);
      }
      if (terms == 0) continue;
      std::vector<float> in_place(sum[0].data, sum[0].data + size + 1);
      auto over = sum;
      over[0].data = in_place.data();
      tw::combine<float>(in_place.data(), size, over);
      CHECK(std::equal(in_place.begin(), in_place.end() - 1, whole.begin()));
    }
}

// A user's own functions of the library's names, called with the library's types.
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
int intervals(const A&...) {
  return 13;
}
template <class... A>
int renoise(const A&...) {
  return 14;
}
}  // namespace user

TEST_CASE("names: argument-dependent lookup does not find the library's verbs") {
  using namespace user;
  const tw::Grid grid = tw::uniform(vp, 3);
  const tw::Plan plan = tw::make_plan(vp, tw::DDIM{}, grid);
  const tw::Noise noise;
  CHECK(sample(vp, tw::DDIM{}, grid) == 1);
  CHECK(make_plan(vp, tw::AnySolver(tw::DDIM{}), grid) == 2);
  CHECK(prior(plan.front(), noise) == 3);
  CHECK(diffuse(plan.front(), noise) == 4);
  CHECK(karras(vp, 3) == 5);
  CHECK(reversed(grid) == 6);
  CHECK(trajectory(plan, noise) == 7);
  CHECK(predict(tw::Prediction::data, plan) == 8);
  CHECK(moments(plan) == 9);
  CHECK(measure_order(vp) == 10);
  CHECK(checked(shrinking()) == 11);
  CHECK(check(true, plan) == 12);
  CHECK(intervals(grid) == 13);
  CHECK(renoise(plan, grid, plan.front(), plan.back()) == 14);
}
