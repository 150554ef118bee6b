// SPDX-License-Identifier: MIT
// The executor: shapes, kinds of state, steps, rows, and the noise sources that it is given.
#define EIGEN_RUNTIME_NO_MALLOC
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include <tweedie/analysis/moments.hpp>
#include <tweedie/forward/prior.hpp>
#include <tweedie/grid/spacing.hpp>
#include <tweedie/model/checked.hpp>
#include <tweedie/noise/recorded.hpp>
#include <tweedie/noise/seeds.hpp>
#include <tweedie/noise/sequential.hpp>
#include <tweedie/plan/eager.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/flow.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/run/steps.hpp>

#include "support/allocations.hpp"
#include "support/predicting.hpp"
#include "support/registry.hpp"
#include "support/shrinking.hpp"

namespace tw = tweedie;

namespace {

const tw::AnyProcess vp = tw::VP{};

tw::Plan plan_of(const tw::AnySolver& solver, int steps = 6) {
  return tw::make_plan(vp, solver, tw::uniform(vp, steps, {.to_zero = false}));
}

struct Corrected {  // a Langevin corrector before DDIM
  tw::LangevinOptions options = {};
  tw::Facts facts() const { return {.name = "corrected", .evaluations = 2, .draws = 2}; }
  template <class X>
  X step(auto& c, const tw::Interval& s, const X& x) const {
    return tw::DDIM{.eta = 0.5}.step(c, s, c.langevin(x, s.from, options));
  }
};

struct Memorious {  // reads the state before last: it cannot be overwritten in place
  tw::Facts facts() const { return {.name = "memorious", .remembers = 1}; }
  int points() const { return 2; }
  template <class X>
  X value(auto&, const X& x, const tw::Level&) const {
    return x;
  }
  template <class X>
  X step(auto& c, const tw::Interval& s, const X& x, tw::History<X>& m) const {
    return 0.5 * x + 0.3 * (m.size() > 1 ? m[1] : m[0]) + 0.1 * c.epsilon(x, s.from);
  }
};

// z2 is used in both stages, and before z1, so that it is stored: sequential sources must keep
// order.
struct TwoStage {
  tw::Facts facts() const { return {.name = "two-stage", .draws = 3}; }
  template <class X>
  X step(auto& c, const tw::Interval& s, const X& x) const {
    const X z1 = c.normal(), z2 = c.normal(), unused = c.normal();
    const X stage = x + 0.1 * z2;
    return c.data(stage, s.from) + 0.2 * z1 + 0.3 * z2 + 0.0 * unused;
  }
};

struct ThreeDraws {  // more draws a row than go evenly into those made ahead
  tw::Facts facts() const { return {.name = "three draws", .draws = 3}; }
  template <class X>
  X step(auto& c, const tw::Interval& s, const X& x) const {
    const X z1 = c.normal(), z2 = c.normal(), z3 = c.normal();
    return 0.9 * x + 0.01 * c.epsilon(x, s.from) + 0.1 * z1 + 0.2 * z2 + 0.3 * z3;
  }
};

struct FarDraws {  // two draws of a row that lie further apart than those made ahead
  tw::Facts facts() const { return {.name = "far draws", .draws = 32}; }
  template <class X>
  X step(auto& c, const tw::Interval& s, const X& x) const {
    const X first = c.normal();
    for (int k = 0; k < 30; ++k) c.normal();
    const X last = c.normal();
    return 0.9 * x + 0.01 * c.epsilon(x, s.from) + 0.1 * first + 0.2 * last;
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
// Nor may the steps of a temporary sampler be asked for.
template <class S>
concept GivesSteps = requires(S sampler, Eigen::MatrixXd& x) {
  std::forward<S>(sampler).steps(x, tw::Noise{});
};
using ASampler = tw::Sampler<Eigen::MatrixXd, decltype(shrinking())>;
static_assert(GivesSteps<ASampler&> && !GivesSteps<ASampler>);
// Assigning a step would copy elements through the view.
static_assert(!std::is_assignable_v<tw::Step<ASampler>&, tw::Step<ASampler>>);
static_assert(std::input_iterator<tw::StepIterator<tw::Steps<ASampler, tw::Noise>>>);

TEST_CASE("sampler: every kind of state gives the same numbers") {
  const tw::Plan plan = plan_of(tw::EulerMaruyama{});
  const tw::Noise noise{.seed = 5};
  Eigen::MatrixXd reference(4, 3);
  tw::prior(plan.from(), reference, noise);
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
  for (const NamedSolver& solver : all_solvers()) {
    tw::Sampler sampler(plan_of(solver.solver), shrinking(), x);
    const tw::Noise noise{.seed = 1};
    const long before = allocations;
    Eigen::internal::set_is_malloc_allowed(false);
    sampler(x, noise);
    const long of_run = allocations - before;  // before Catch makes its own
    Eigen::internal::set_is_malloc_allowed(true);
    const auto walk = [&] {
      for (auto step : sampler.steps(x, noise)) step.x *= 0.5f;
    };
    walk();  // makes room for step.data()
    Eigen::internal::set_is_malloc_allowed(false);
    const long before_second = allocations;
    walk();
    const long of_walk = allocations - before_second;
    Eigen::internal::set_is_malloc_allowed(true);
    INFO(solver.name);
    CHECK(of_run == 0);
    CHECK(of_walk == 0);
  }
  tw::Sampler corrected(plan_of(Corrected{}), shrinking(), x);
  const long before = allocations;
  corrected(x, tw::Noise{});
  const long made = allocations - before;
  CHECK(made == 0);
}

TEST_CASE("sampler: a small state has the noise of a large one, for every solver") {
  std::vector<tw::AnySolver> solvers{ThreeDraws{}, FarDraws{}, TwoStage{}};
  for (const NamedSolver& solver : all_solvers()) solvers.push_back(solver.solver);
  for (const tw::AnySolver& solver : solvers) {
    const tw::Plan plan = plan_of(solver, 12);
    Eigen::MatrixXd large(2, 100);
    tw::prior(plan.from(), large, tw::Noise{.seed = 8});
    Eigen::MatrixXd small = large.leftCols(4);
    tw::Sampler(plan, shrinking(), large)(large, tw::Noise{.seed = 8});
    tw::Sampler(plan, shrinking(), small)(small, tw::Noise{.seed = 8});
    INFO(solver.facts().name);
    CHECK(small == large.leftCols(4));
  }
}

TEST_CASE("sampler: a copy has buffers of its own") {
  for (const char* name : {"dpmpp_2m", "euler_ancestral"}) {
    const tw::Plan plan = plan_of(name);
    const tw::Noise noise{.seed = 2};
    Eigen::MatrixXd first(4, 3);
    tw::prior(plan.from(), first, noise);
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
    const tw::Call& call = tw::math::element(calls, k);
    CHECK(call.evaluation == k);
    CHECK(call.step == k / 2);
    CHECK(call.first_sample == 40);
    CHECK(call.level == vp.at(call.level.t));
  }
  CHECK(calls[1].level == calls[2].level);
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

TEST_CASE("sampler: a run that starts from draws alone comes home too") {
  // Up to pure noise, where nothing of the caller's state is left, and down again.
  const tw::AnyProcess flow = tw::Flow{};
  const tw::Level middle = flow.at(0.5), noise_end = flow.at(1);
  const tw::Plan plan =
      tw::make_plan(flow, tw::DDIM{},
                    std::vector<tw::Interval>{
                        {.from = middle, .to = noise_end, .kind = tw::Interval::Kind::renoise},
                        {.from = noise_end, .to = middle}});
  Eigen::MatrixXd x = Eigen::MatrixXd::Constant(2, 3, 777);
  const auto model = tw::predicts_data([](const auto& in, double, auto& out) { out = 0 * in; });
  tw::Sampler sampler(plan, model, x);
  sampler(x, tw::Noise{.seed = 4});
  Eigen::MatrixXd z(2, 3);
  tw::Noise{.seed = 4}.fill(1, z);
  CHECK(x.isApprox(0.5 * z));
}

TEST_CASE("steps: pulled one by one, ended at will, and what is written goes into the run") {
  const tw::Plan plan = plan_of(tw::DPMSolverPP2M{}, 5);
  Eigen::MatrixXd x(3, 2);
  tw::prior(plan.from(), x, tw::Noise{});
  const Eigen::MatrixXd x0 = x;
  tw::Sampler sampler(plan, shrinking(), x);
  int made = 0;
  for (auto step : sampler.steps(x, tw::Noise{})) {
    CHECK(step.index == made++);
    CHECK(step.count == 5);
    CHECK(step.from == plan.intervals()[step.index].from);
    CHECK(step.to == plan.intervals()[step.index].to);
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

TEST_CASE("law: leaving the loop leaves the state of the last step in x, and shows what was made") {
  const tw::AnyProcess edm = tw::EDM{};
  const tw::Grid grid = tw::karras(edm, 6);
  for (const NamedSolver& solver : all_solvers()) {
    const tw::Plan plan = tw::make_plan(edm, solver.solver, grid);
    const Eigen::MatrixXd begin = start(plan);
    const auto noise = recorded(plan, begin);
    Eigen::MatrixXd x = begin;
    for (tw::Prediction given :
         {tw::Prediction::data, tw::Prediction::epsilon, tw::Prediction::velocity}) {
      INFO(solver.name << ", given " << tw::name_of(given));
      Eigen::MatrixXd newest;  // the data that the model had in mind when it was last asked
      int asked = 0;
      const auto model = tw::predicts(given, [&](const auto& in, const tw::Call& call, auto& out) {
        newest.resize(in.rows(), in.cols());
        Predicting{}(in, call, newest);
        Predicting{given}(in, call, out);
        ++asked;
      });
      tw::Sampler sampler(plan, model, x);
      const std::vector<Eigen::MatrixXd> states = tw::trajectory(sampler, x = begin, noise);
      for (int last = 0; last < 6; ++last) {
        x = begin, asked = 0;
        for (auto step : sampler.steps(x, noise)) {
          CHECK(step.evaluations == asked);
          if (asked == 0) continue;  // a step of the Langevin corrector's kind may need none
          CHECK(largest(step.data() - newest) < 1e-10 * (1 + step.from.sigma()));
          if (step.index == last) break;
        }
        CHECK(x == states[static_cast<std::size_t>(last) + 1]);
      }
    }
  }
}

TEST_CASE("steps: the data before any evaluation, and a run that throws") {
  const tw::AnyProcess edm = tw::EDM{};
  const tw::Intervals up_first(
      {{.from = edm.at(1), .to = edm.at(2), .kind = tw::Interval::Kind::renoise},
       {.from = edm.at(2), .to = edm.at(1)}});
  Eigen::MatrixXd x = Eigen::MatrixXd::Ones(3, 2);
  tw::Sampler sampler(tw::make_plan(edm, tw::DDIM{}, up_first), shrinking(), x);
  CHECK_THAT(error_of([&] {
               for (auto step : sampler.steps(x, tw::Noise{})) step.data();
             }),
             Contains("no evaluation was made"));
  // The state of the last whole step is in x when a model throws in the next.
  const tw::Plan plan = plan_of("unipc", 5);
  const auto until = [&](int most) {
    return tw::predicts_data([most](const auto& in, const tw::Call& call, auto& out) {
      tw::check(call.evaluation < most, "stop");
      out = 0.5 * in;
    });
  };
  x.setOnes();
  tw::Sampler whole(plan, until(100), x);
  x.setOnes();
  Eigen::MatrixXd seen;
  tw::Sampler broken(plan, until(3), x);
  CHECK(error_of([&] {
          for (auto step : broken.steps(x, tw::Noise{})) seen = step.x;
        }) == "stop");
  CHECK(seen.size() > 0);
}

TEST_CASE("steps: the last commit comes home although an old state is alive") {
  for (int steps : {1, 2, 3, 4, 5}) {
    const tw::Grid grid = tw::uniform(vp, steps, {.to_zero = false});
    const tw::Plan plan = tw::make_plan(vp, Memorious{}, grid);
    Eigen::MatrixXd x = Eigen::MatrixXd::Random(3, 4);
    const Eigen::MatrixXd expected =
        tw::run_eagerly(vp, Memorious{}, grid, shrinking(), x, tw::Noise{});
    tw::Sampler sampler(plan, shrinking(), x);
    sampler(x, tw::Noise{});
    CHECK((x - expected).cwiseAbs().maxCoeff() < 1e-14);
  }
}

TEST_CASE("trajectory: all states, the start among them") {
  const tw::Plan plan = plan_of(tw::DPMSolverPP2M{}, 4);
  Eigen::MatrixXd x(2, 3);
  tw::prior(plan.from(), x, tw::Noise{});
  const Eigen::MatrixXd x0 = x;
  tw::Sampler sampler(plan, shrinking(), x);
  const auto states = tw::trajectory(sampler, x, tw::Noise{});
  REQUIRE(states.size() == 5);
  CHECK(states.front() == x0);
  CHECK(states.back() == x);
  CHECK(states[1] != states[2]);
}

TEST_CASE("noise sources: recorded and sequential draws give what a counter gives") {
  for (const tw::AnySolver& solver :
       {tw::AnySolver(TwoStage{}), tw::AnySolver(tw::EulerMaruyama{}),
        tw::AnySolver(tw::DDIM{.eta = 1}), tw::AnySolver(Corrected{})}) {
    const tw::Plan plan = plan_of(solver, 4);
    const tw::Noise noise{.seed = 8};
    Eigen::MatrixXd x(3, 4);
    tw::prior(plan.from(), x, noise);
    const Eigen::MatrixXd x0 = x;
    tw::Sampler sampler(plan, shrinking(), x);
    sampler(x, noise);
    const Eigen::MatrixXd expected = x;

    std::vector<Eigen::MatrixXd> draws(static_cast<std::size_t>(plan.draw_count()) + 1,
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

TEST_CASE("langevin: the row by the batch's norms computes what the text says") {
  const Corrected solver{{.snr = 0.3, .alpha = 0.8}};
  const tw::Grid grid = tw::uniform(vp, 4, {.to_zero = false});
  const tw::Plan plan = tw::make_plan(vp, solver, grid);
  Eigen::MatrixXd x(700, 3);  // longer than a piece of noise
  tw::prior(plan.from(), x, tw::Noise{});
  const Eigen::MatrixXd expected = tw::run_eagerly(vp, solver, grid, shrinking(), x, tw::Noise{});
  tw::Sampler sampler(plan, shrinking(), x);
  sampler(x, tw::Noise{});
  CHECK((x - expected).cwiseAbs().maxCoeff() < 1e-12 * expected.cwiseAbs().maxCoeff());
  CHECK_THAT(error_of([&] {
               tw::moments(plan_of(Corrected{}),
                           tw::Gaussian(Eigen::VectorXd::Zero(1), Eigen::MatrixXd::Ones(1, 1)));
             }),
             Contains("Langevin"));
}

TEST_CASE("kernel: any number of terms, any length, in place, and the same bits for any split") {
  std::vector<float> data(4000);
  tw::Noise{.seed = 5}.fill(0, 4000, 0, 4000, data.data());
  for (std::size_t terms = 0; terms <= 9; ++terms)
    for (std::ptrdiff_t size : {0, 1, 3, 7, 8, 16, 31, 33, 100}) {
      std::vector<tw::executor::Weighted<float>> sum;
      for (std::size_t k = 0; k < terms; ++k)
        sum.push_back({data.data() + 151 * k + 1, 0.3f * static_cast<float>(k) - 1});
      std::vector<float> whole(static_cast<std::size_t>(size) + 1, 7), parts = whole;
      tw::executor::combine<float>(whole.data(), size, sum);
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
        tw::executor::combine<float>(parts.data(), cut, sum);
        tw::executor::combine<float>(parts.data() + cut, size - cut, rest);
        CHECK(parts == whole);
      }
      if (terms == 0) continue;
      std::vector<float> in_place(sum[0].data, sum[0].data + size + 1);
      auto over = sum;
      over[0].data = in_place.data();
      tw::executor::combine<float>(in_place.data(), size, over);
      CHECK(std::equal(in_place.begin(), in_place.end() - 1, whole.begin()));
    }
}

TEST_CASE("steps: a run is walked once, and ends when its sampler begins another") {
  const tw::Plan plan = plan_of(tw::DDIM{});
  Eigen::MatrixXd x = Eigen::MatrixXd::Ones(3, 2), other = x;
  tw::Sampler sampler(plan, shrinking(), x);
  auto walked = sampler.steps(x, tw::Noise{});
  for (auto step : walked) static_cast<void>(step);
  CHECK_THAT(error_of([&] { walked.begin(); }), Contains("was walked before"));
  const auto begin_another = [&] {
    for (auto step : sampler.steps(x, tw::Noise{}))
      if (step.index == 1) sampler(other, tw::Noise{});
  };
  CHECK_THAT(error_of(begin_another), Contains("began another run"));
  for (auto step : sampler.steps(x, tw::Noise{})) {  // a copy may
    auto copy = sampler;
    if (step.index == 1) copy(other, tw::Noise{});
  }
}

TEST_CASE("langevin: norms of the batch are refused in blocks") {
  CHECK(plan_of(Corrected{}).couples_samples());
  CHECK_FALSE(plan_of(tw::DDIM{}).couples_samples());
}
