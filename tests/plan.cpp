// SPDX-License-Identifier: MIT
// Symbols, tracing, folding, buffers and printing.
#include "catch.hpp"

#include <cmath>
#include <set>
#include <sstream>

#include <tweedie/grid/spacing.hpp>
#include <tweedie/plan/named.hpp>
#include <tweedie/plan/print.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/flow.hpp>
#include <tweedie/process/vp.hpp>

namespace tw = tweedie;
using tw::InSigma;
using tw::Prediction;

namespace {

tw::LinearForm symbol(int index) {
  return tw::LinearForm({tw::Operand::Kind::value, index});
}

int count_updates(const std::vector<tw::Row>& rows) {
  int count = 0;
  for (const tw::Row& row : rows) count += std::holds_alternative<tw::Update>(row);
  return count;
}

std::set<int> draws_of(const tw::Plan& plan) {
  std::set<int> draws;
  for (const tw::Row& row : plan.rows())
    tw::for_each_draw(row, [&](int draw) { draws.insert(draw); });
  return draws;
}

/// A solver for the tests, from its step.
template <class Step>
struct From {
  Step text;
  tw::Facts facts() const { return {"test", 1, 1, true}; }
  template <class X>
  X step(auto& c, const auto&, const tw::Interval& s, const X& x) const {
    return text(c, s, x);
  }
};
template <class Step>
From(Step) -> From<Step>;

const tw::AnyProcess vp = tw::VP{};

tw::Plan plan_of(const tw::AnySolver& solver, int steps = 4) {
  return tw::make_plan(vp, solver, tw::uniform(vp, steps));
}

// One that keeps the old state alive beyond the commit.
struct KeepsState {
  template <class X>
  struct Memory {
    X x;
  };
  tw::Facts facts() const { return {"keeps", 1, 1, false}; }
  template <class X>
  X step(auto& c, const auto&, const tw::Interval& s, const X& x,
         std::optional<Memory<X>>& past) const {
    const X before = past ? past->x : x;
    past = {x};
    return 0.5 * x + 0.25 * before + 0.1 * c.data(x, s.t);
  }
};

}  // namespace

static_assert(tw::Solver<tw::DPMSolverPP2M>);
static_assert(tw::Solver<tw::DEIS>);
static_assert(!tw::Solver<int>);
static_assert(!tw::Solver<tw::VP>);
static_assert(
    tw::Solver<From<decltype([](auto&, const tw::Interval&, const auto& x) { return x; })>>);

TEST_CASE("form: sums and multiples, and nothing else") {
  const tw::LinearForm a = symbol(1), b = symbol(2);
  CHECK(to_string(2 * (a + b) - a / 4 + -b) == "1.75 r1 + 1 r2");
  CHECK(to_string(a - a) == "0 r1");
  CHECK(to_string(tw::LinearForm()) == "0");
  CHECK(to_string(a * 0.5 - 3 * tw::LinearForm({tw::Operand::Kind::draw, 7})) == "0.5 r1 - 3 z7");
  CHECK((a + b - a).terms().size() == 2);
}

TEST_CASE("tracer: one evaluation serves all that is asked at its state and level") {
  const From both{[](auto& c, const tw::Interval& s, const auto& x) {
    const auto D = c.data(x, s.t), epsilon = c.epsilon(x, s.t);
    return s.u.scale * D + s.u.std * epsilon;
  }};
  const tw::Plan plan = plan_of(both);
  CHECK(plan.nfe() == 4);
  // That solver is DDIM: the conversion went into the coefficients.
  const tw::Plan ddim = plan_of(tw::DDIM{});
  for (std::size_t k = 0; k < plan.rows().size(); ++k)
    if (const auto* row = std::get_if<tw::Update>(&plan.rows()[k])) {
      const auto& other = std::get<tw::Update>(ddim.rows()[k]);
      REQUIRE(row->terms.size() == 2);
      for (const auto& term : row->terms)
        for (const auto& same : other.terms)
          if (same.operand == term.operand)
            CHECK(term.weight == Approx(same.weight).epsilon(1e-12));
    }
}

TEST_CASE("tracer: a state that is not stored yet is stored and evaluated once") {
  const From twice{[](auto& c, const tw::Interval& s, const auto& x) {
    const auto k = c.data(x, s.t);
    const auto a = c.data(x + 0.5 * k, s.u), b = c.epsilon(x + 0.5 * k, s.u);
    return a + 0.1 * b;
  }};
  CHECK(plan_of(twice).nfe() == 8);
  CHECK(plan_of(twice).rows().size() == 16);
}

TEST_CASE("tracer: draws are numbered by request, whatever weight they get") {
  const From idle{[](auto& c, const tw::Interval& s, const auto& x) {
    const auto unused = c.normal();
    const auto used = c.normal();
    return x + (s.index == 1 ? 0.0 : 1.0) * used + 0 * unused;
  }};
  const tw::Plan plan = plan_of(idle);
  CHECK(plan.draws() == 8);
  CHECK(draws_of(plan) == std::set<int>{2, 6, 8});  // draw 4 has weight 0
  // eta = 0 shifts nothing: DDIM asks for its draw in every step.
  CHECK(plan_of(tw::DDIM{.eta = 0}).draws() == plan_of(tw::DDIM{.eta = 1}).draws());
}

TEST_CASE("tracer: a draw may belong to an interval of the solver's clock") {
  const From path{[](auto& c, const tw::Interval& s, const auto& x) {
    const auto attached = c.normal(s.t.sigma(), s.u.sigma());
    const auto free = c.normal();
    return x + attached + free;
  }};
  const tw::Plan plan = plan_of(path);
  REQUIRE(plan.clock_of_draw(1).has_value());
  CHECK(plan.clock_of_draw(1)->from == plan.front().sigma());
  CHECK_FALSE(plan.clock_of_draw(2).has_value());
}

TEST_CASE("tracer: keep stores, estimate is a row of its own, commit is the loop's") {
  const From keeper{[](auto& c, const tw::Interval& s, const auto& x) {
    const auto kept = c.keep(2 * x);
    c.estimate(x - kept);
    return kept + c.data(kept, s.t);
  }};
  const tw::Plan plan = plan_of(keeper, 1);
  REQUIRE(plan.rows().size() == 4);
  CHECK(std::get<tw::Update>(plan.rows()[0]).role == tw::Role::keep);
  CHECK(std::get<tw::Update>(plan.rows()[1]).role == tw::Role::estimate);
  CHECK(std::get<tw::Evaluate>(plan.rows()[2]).in == 1);  // the kept value itself, not a copy
  CHECK(std::get<tw::Update>(plan.rows()[3]).role == tw::Role::commit);
}

TEST_CASE("tracer: a coefficient that is not finite is one error that names the step") {
  const tw::AnyProcess flow = tw::Flow{};
  CHECK_THAT(error_of([&] { tw::make_plan(flow, tw::LMS{}, tw::uniform(flow, 4)); }),
             Contains("step 0 (t = 1 to") && Contains("not finite"));
  CHECK_THAT(error_of([&] { tw::make_plan(flow, tw::EulerMaruyama{}, tw::uniform(flow, 4)); }),
             Contains("step 0"));
  CHECK_THAT(error_of([&] { tw::make_plan(vp, tw::DDIM{.eta = 3}, tw::uniform(vp, 4)); }),
             Contains("eta = 3 is too large for step 0"));
  CHECK_THAT(error_of([&] { tw::make_plan(vp, tw::DDIM{.eta = -1}, tw::uniform(vp, 4)); }),
             Contains("eta = -1 must be at least 0"));
  CHECK_THAT(error_of([&] { tw::make_plan(vp, tw::DEIS{.order = 17}, tw::uniform(vp, 4)); }),
             Contains("the order must lie from 1 to 16"));
}

TEST_CASE("make_plan: a grid must fit the process, an interval rise where it renoises") {
  const tw::Level a = vp.at(0.8), b = vp.at(0.4), d = vp.at(0.2);
  using Kind = tw::Interval::Kind;
  const auto plan = [&](std::vector<tw::Interval> all) {
    return tw::make_plan(vp, tw::DDIM{}, std::move(all));
  };
  CHECK(plan({{a, b}, {b, a, 0, 1, Kind::renoise}, {a, d}}).steps() == 3);
  CHECK(plan({{a, b}, {b, a, 0, 1, Kind::renoise}, {a, d}}).intervals()[2].index == 2);
  CHECK_THAT(error_of([&] { plan({}); }), Contains("no intervals"));
  CHECK(plan({{a, b}, {a, d}}).steps() == 2);  // peers have such
  CHECK_THAT(error_of([&] { plan({{a, b, 0, 1, Kind::renoise}}); }), Contains("sigma falls"));
  CHECK_THAT(error_of([&] { tw::make_plan(tw::EDM{}, tw::DDIM{}, tw::uniform(vp, 3)); }),
             Contains("another process"));
}

TEST_CASE("fold: conversions cost rows only where the history needs them") {
  const tw::Plan ddim = plan_of(tw::DDIM{}, 6), two = plan_of(tw::DPMSolverPP2M{}, 6);
  CHECK(count_updates(tw::fold(ddim, Prediction::epsilon)) == 6);
  // 2M reads each D once more after its state is gone, but the last.
  CHECK(count_updates(tw::fold(two, Prediction::data)) == 6);
  CHECK(count_updates(tw::fold(two, Prediction::epsilon)) == 6 + 5);
  // Heun's second stage is read while its input is still there.
  const tw::Plan heun = plan_of(tw::Heun<InSigma>{}, 6);
  CHECK(count_updates(tw::fold(heun, Prediction::data)) == 12);
  CHECK(tw::allocate(tw::fold(heun, Prediction::data)).buffers ==
        tw::allocate(heun.rows()).buffers);
  for (const tw::Row& row : tw::fold(two, Prediction::v))
    if (const auto* evaluate = std::get_if<tw::Evaluate>(&row))
      CHECK(evaluate->prediction == Prediction::v);
}

TEST_CASE("fold: what a model cannot give is refused") {
  const tw::AnyProcess flow = tw::Flow{};
  const tw::Plan plan = tw::make_plan(flow, tw::DDIM{}, tw::uniform(flow, 4));
  CHECK_THAT(error_of([&] { tw::fold(plan, Prediction::epsilon); }),
             Contains("data cannot be had from a model that predicts epsilon at t = 1"));
  CHECK(tw::fold(plan, Prediction::velocity).size() == plan.rows().size());
}

TEST_CASE("allocate: as few buffers as the solver needs") {
  const auto buffers = [](const tw::AnySolver& solver) {
    return tw::allocate(plan_of(solver, 8).rows()).buffers;
  };
  CHECK(buffers(tw::DDIM{}) == 2);
  CHECK(buffers(tw::EulerMaruyama{}) == 2);
  CHECK(buffers(tw::DPMSolverPP2M{}) == 3);
  CHECK(buffers(tw::Heun<InSigma>{}) == 4);
  CHECK(buffers(tw::RK4<InSigma>{}) == 6);
  CHECK(buffers(tw::LMS{}) == 5);
}

TEST_CASE("allocate: live values never share a buffer, and the last state comes home") {
  std::vector<tw::AnySolver> solvers;
  for (const auto& name : tw::solver_names()) solvers.push_back(tw::solver_named(name));
  solvers.push_back(KeepsState{});
  for (const auto& solver : solvers)
    for (Prediction given : {Prediction::epsilon, Prediction::data, Prediction::velocity}) {
      const std::vector<tw::Row> rows = tw::fold(plan_of(solver, 7), given);
      const tw::Allocation allocation = tw::allocate(rows);
      INFO(solver.facts().name);
      // Follow what each buffer holds; every operand must still be there.
      std::vector<int> holds(static_cast<std::size_t>(allocation.buffers), -1);
      holds[0] = 0;
      const auto buffer = [&](int value) {
        return static_cast<std::size_t>(allocation.buffer_of[static_cast<std::size_t>(value)]);
      };
      for (const tw::Row& row : rows) {
        tw::for_each_input(row, [&](int value) { CHECK(holds[buffer(value)] == value); });
        if (const auto* evaluate = std::get_if<tw::Evaluate>(&row))
          CHECK(buffer(evaluate->out) != buffer(evaluate->in));
        holds[buffer(tw::out_of(row))] = tw::out_of(row);
      }
      CHECK(holds[0] == tw::out_of(rows.back()));
    }
}

TEST_CASE("plan: is a value: equal, copied, printed") {
  const tw::Plan a = plan_of(tw::DPMSolverPP2M{}), b = plan_of(tw::DPMSolverPP2M{});
  CHECK(a == b);
  CHECK_FALSE(a == plan_of(tw::DPMSolverPP2M{}, 5));
  CHECK_FALSE(a == plan_of(tw::DDIM{}));
  std::ostringstream out;
  out << a;
  CHECK_THAT(out.str(), Contains("DPM-Solver++(2M): 4 steps, 4 evaluations, 0 draws, 3 buffers "
                                 "(12 bytes per element in float, 24 in double)"));
  CHECK_THAT(out.str(), Contains("r1 = data(r0, t = 1)"));
  CHECK_THAT(out.str(), Contains("<- new state"));
  std::ostringstream many;
  many << plan_of(tw::EulerMaruyama{}, 100);
  CHECK_THAT(many.str(), Contains("100 steps, 100 evaluations, 99 draws, 2 buffers"));
  CHECK_THAT(many.str(), Contains("... 96 steps of this kind ..."));
  CHECK_THAT(many.str(), Contains("z1") && Contains("step 99"));
}

TEST_CASE("names: every solver is found by its name, an unknown one gets the list") {
  CHECK(tw::solver_names().size() >= 13);
  for (const auto& name : tw::solver_names()) CHECK(tw::solver_named(name).facts().order >= 1);
  CHECK(plan_of(tw::solver_named("dpmpp_2m")) == plan_of(tw::DPMSolverPP2M{}));
  CHECK_THAT(error_of([] { tw::solver_named("dpmpp_9m"); }),
             Contains("\"dpmpp_9m\"") && Contains("euler, heun,") && Contains("dpmpp_2m"));
}
