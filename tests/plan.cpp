// SPDX-License-Identifier: MIT
// Symbols, tracing, folding, buffers and printing.
#include "support/catch.hpp"

#include <cmath>
#include <set>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include <tweedie/grid/spacing.hpp>
#include <tweedie/plan/print.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/flow.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/run/program.hpp>

#include "support/plans.hpp"
#include "support/registry.hpp"

namespace tw = tweedie;
using tw::InSigma;
using tw::Prediction;

namespace {

/// A solver with an option of its own.
struct Sticky {
  double stickiness = 0.25;
  static void options(auto& its, auto&& visit) { visit("stickiness", its.stickiness); }
};

tw::LinearForm symbol(int index) {
  return tw::LinearForm({tw::Operand::Kind::value, index});
}

int count_updates(const std::vector<tw::Row>& rows) {
  int count = 0;
  for (const tw::Row& row : rows) count += std::holds_alternative<tw::Update>(row);
  return count;
}

/// A solver for the tests, from its step.
template <class Step>
struct From {
  Step text;
  int draws = 0;

  tw::Facts facts() const { return {.name = "test", .draws = draws}; }
  template <class X>
  X step(auto& c, const tw::Interval& s, const X& x) const {
    return text(c, s, x);
  }
};
template <class Step>
From(Step) -> From<Step>;
template <class Step>
From(Step, int) -> From<Step>;

const tw::AnyProcess vp = tw::VP{};

tw::Plan plan_of(const tw::AnySolver& solver, int steps = 4) {
  return tw::make_plan(vp, solver, tw::uniform(vp, steps, {.to_zero = false}));
}

// One that keeps the old state alive beyond the commit.
struct KeepsState {
  tw::Facts facts() const { return {.name = "keeps", .remembers = 1}; }
  int points() const { return 2; }
  template <class X>
  X value(auto&, const X& x, const tw::Level&) const {
    return x;
  }
  template <class X>
  X step(auto& c, const tw::Interval& s, const X& x, tw::History<X>& m) const {
    return 0.5 * x + 0.25 * (m.size() > 1 ? m[1] : m[0]) + 0.1 * c.data(x, s.from);
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
  CHECK(tw::to_string(2 * (a + b) - a / 4 + -b) == "1.75 r1 + 1 r2");
  CHECK(tw::to_string(a - a) == "0 r1");
  CHECK(tw::to_string(tw::LinearForm()) == "0");
  CHECK(tw::to_string(a * 0.5 - 3 * tw::LinearForm({tw::Operand::Kind::draw, 7})) ==
        "0.5 r1 - 3 z7");
  CHECK((a + b - a).terms().size() == 2);
}

TEST_CASE("tracer: one evaluation serves all that is asked at its state and level") {
  const From both{[](auto& c, const tw::Interval& s, const auto& x) {
    const auto D = c.data(x, s.from), epsilon = c.epsilon(x, s.from);
    return s.to.scale * D + s.to.std * epsilon;
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
    const auto k = c.data(x, s.from);
    const auto a = c.data(x + 0.5 * k, s.to), b = c.epsilon(x + 0.5 * k, s.to);
    return a + 0.1 * b;
  }};
  CHECK(plan_of(twice).nfe() == 8);
  CHECK(plan_of(twice).rows().size() == 20);  // two readings of the second evaluation
}

TEST_CASE("tracer: draws are numbered by request, whatever weight they get") {
  const auto text = [](auto& c, const tw::Interval& s, const auto& x) {
    const auto unused = c.normal();
    const auto used = c.normal();
    return x + (s.index == 1 ? 0.0 : 1.0) * used + 0 * unused;
  };
  const From idle{text, 2};
  const tw::Plan plan = plan_of(idle);
  CHECK(plan.draw_count() == 8);
  CHECK(draws_of(plan) == std::set<int>{2, 6, 8});  // draw 4 has weight 0
  // Each step numbers as many as are declared, whatever it asks for.
  CHECK(plan_of(From{text, 5}).draw_count() == 20);
  CHECK(draws_of(plan_of(From{text, 5})) == std::set<int>{2, 12, 17});
  CHECK(plan_of(tw::DDIM{.eta = 0}).draw_count() == 0);
  CHECK(plan_of(tw::DDIM{.eta = 1}).draw_count() == 4);
}

TEST_CASE("tracer: a step that asks for more draws than the solver declares is refused") {
  const auto text = [](auto& c, const tw::Interval& s, const auto& x) {
    auto y = x;
    for (int k = 0; k <= s.index; ++k) y = y + c.normal();
    return y;
  };
  CHECK(plan_of(From{text, 4}).draw_count() == 16);
  CHECK_THAT(error_of([&] {
               plan_of(From{text, 2});
             }),
             Contains("test: step 2 asks for more draws than the 2 that the solver declares"));
  CHECK_THAT(error_of([&] { plan_of(From{text}); }), Contains("step 0") && Contains("than the 0"));
  // A Langevin step draws once.
  const auto langevin = [](auto& c, const tw::Interval& s, const auto& x) {
    return c.langevin(x, s.from);
  };
  CHECK(plan_of(From{langevin, 1}).draw_count() == 4);
  CHECK_THAT(error_of([&] { plan_of(From{langevin}); }), Contains("more draws"));
}

TEST_CASE("tracer: a draw may belong to an interval of the solver's clock") {
  const auto path = [](auto& c, const tw::Interval& s, const auto& x) {
    const auto attached = c.normal(s.from.sigma(), s.to.sigma());
    const auto free = c.normal();
    return x + attached + free;
  };
  const tw::Plan plan = plan_of(From{path, 2});
  REQUIRE(plan.clock_of_draw(1).has_value());
  CHECK(plan.clock_of_draw(1)->from == plan.from().sigma());
  CHECK_FALSE(plan.clock_of_draw(2).has_value());
}

TEST_CASE(
    "tracer: a stage is stored, an error estimate is a row of its own, commit is the loop's") {
  const From staged{[](auto& c, const tw::Interval& s, const auto& x) {
    const auto stage = 2 * x;
    const auto D = c.data(stage, s.from);
    c.estimate(x - D);
    return stage + D;
  }};
  const tw::Plan plan = plan_of(staged, 1);
  REQUIRE(plan.rows().size() == 4);
  CHECK(std::get<tw::Update>(plan.rows()[0]).role == tw::Role::stage);
  CHECK(std::get<tw::Evaluate>(plan.rows()[1]).in == 1);  // the stage itself, not a copy
  CHECK(std::get<tw::Update>(plan.rows()[2]).role == tw::Role::error);
  CHECK(std::get<tw::Update>(plan.rows()[3]).role == tw::Role::state);
}

TEST_CASE("tracer: a stage with noise stands for its terms in the rows after it") {
  const auto text = [](double of_x) {
    return [of_x](auto& c, const tw::Interval& s, const auto& x) {
      const auto z = c.normal();
      const auto D = c.data(x + 0.5 * z, s.to);
      return of_x * x + 1.5 * z + 0.1 * D;
    };
  };
  // r1 = r0 + 0.5 z1, r2 = data(r1), r3 = 3 r1 + 0.1 r2: the noise is made once.
  const tw::Plan plan = plan_of(From{text(3), 1}, 1);
  CHECK(tw::to_string(plan.rows()[0]) == "r1 = 1 r0 + 0.5 z1");
  CHECK(tw::to_string(plan.rows()[2]) == "r3 = 3 r1 + 0.1 r2   <- new state");
  // Terms that are not in the stage's proportion stay as they are.
  CHECK(tw::to_string(plan_of(From{text(2), 1}, 1).rows()[2]) ==
        "r3 = 2 r0 + 1.5 z1 + 0.1 r2   <- new state");
  // So do those of a stage without noise, and those of the step before.
  const From quiet{[](auto& c, const tw::Interval& s, const auto& x) {
    const auto D = c.data(x, s.from);
    return x + 0.5 * D + 0.1 * c.data(x + 0.5 * D, s.to);
  }};
  CHECK(tw::to_string(plan_of(quiet, 1).rows()[3]) == "r4 = 1 r0 + 0.5 r1 + 0.1 r3   <- new state");
  CHECK(tw::to_string(plan_of(From{text(3), 1}, 2).rows()[3]) == "r4 = 1 r3 + 0.5 z2");
}

TEST_CASE(
    "share_draws: a draw that two rows read is made once, and the others where they are used") {
  const auto readers = [](const std::vector<tw::Row>& rows, int draw) {
    int count = 0;
    for (const tw::Row& row : rows)
      tw::for_each_draw(row, [&](int number) { count += number == draw; });
    return count;
  };
  const tw::Plan heun = plan_of(tw::SDEHeun{.last_noise = true});
  const std::vector<tw::Row> shared = tw::lowering::share_draws(heun);
  CHECK(shared.size() == heun.rows().size() + 4);
  for (int draw : draws_of(heun)) {
    CHECK(readers(heun.rows(), draw) == 2);
    CHECK(readers(shared, draw) == 1);
  }
  CHECK(tw::to_string(shared[1]) ==
        "r" + std::to_string(heun.value_count()) + " = 1 z1");  // before the row that reads it
  CHECK(tw::lowering::share_draws(plan_of(tw::EulerMaruyama{})) ==
        plan_of(tw::EulerMaruyama{}).rows());
  // No solver of the list makes a number twice.
  for (const NamedSolver& solver : all_solvers()) {
    const tw::Plan plan = plan_of(solver.solver);
    const std::vector<tw::Row> rows = tw::lowering::share_draws(plan);
    INFO(solver.name);
    for (int draw : draws_of(plan)) CHECK(readers(rows, draw) == 1);
  }
}

TEST_CASE("tracer: a coefficient that is not finite is one error that names the step") {
  const tw::AnyProcess flow = tw::Flow{};
  CHECK_THAT(error_of([&] {
               tw::make_plan(flow, tw::Heun<InSigma>{}, tw::uniform(flow, 4, {.to_zero = false}));
             }),
             Contains("Heun in sigma cannot start at sigma = infinity") &&
                 Contains("(step 0, t = 1)") && Contains("{.t_max = 0.99}"));
  CHECK_THAT(error_of([&] {
               tw::make_plan(flow, tw::EulerMaruyama{}, tw::uniform(flow, 4, {.to_zero = false}));
             }),
             Contains("step 0"));
  const From wrong{[](auto& c, const tw::Interval& s, const auto& x) {
    return (s.index == 2 ? std::nan("") : 1) * x + 0.1 * c.data(x, s.from);
  }};
  CHECK_THAT(
      error_of([&] { plan_of(wrong); }),
      Contains("step 2 (t = 0.5005 to") && Contains("not finite; test cannot make this step"));
  CHECK_THAT(error_of([&] {
               tw::make_plan(vp, tw::DDIM{.eta = 3}, tw::uniform(vp, 4, {.to_zero = false}));
             }),
             Contains("eta = 3 is too large for step 0"));
}

TEST_CASE("make_plan: a grid must fit the process, but intervals need not join") {
  const tw::Level a = vp.at(0.8), b = vp.at(0.4), d = vp.at(0.2);
  const auto plan = [&](std::vector<tw::Interval> all) {
    return tw::make_plan(vp, tw::DDIM{}, std::move(all));
  };
  const tw::Interval down{.from = a, .to = b}, on{.from = a, .to = d},
      up{.from = b, .to = a, .kind = tw::Interval::Kind::renoise};
  CHECK(plan({down, up, on}).steps() == 3);
  CHECK(plan({down, up, on}).intervals()[2].index == 2);
  CHECK(plan({down, on}).steps() == 2);  // peers have such
  CHECK_THAT(error_of([&] {
               tw::make_plan(tw::EDM{}, tw::DDIM{}, tw::uniform(vp, 3, {.to_zero = false}));
             }),
             Contains("another process"));
}

TEST_CASE("fold: conversions cost rows only where the history needs them") {
  const tw::Plan ddim = plan_of(tw::DDIM{}, 6),
                 two = plan_of(tw::DPMSolverPP2M{.lower_order = tw::LowerOrder::never()}, 6);
  CHECK(count_updates(tw::lowering::fold(ddim.rows(), Prediction::epsilon)) == 6);
  // 2M reads each D once more after its state is gone, but the last.
  CHECK(count_updates(tw::lowering::fold(two.rows(), Prediction::data)) == 6);
  CHECK(count_updates(tw::lowering::fold(two.rows(), Prediction::epsilon)) == 6 + 5);
  // Heun's second stage is read while its input is still there.
  const tw::Plan heun = plan_of(tw::Heun<InSigma>{}, 6);
  CHECK(count_updates(tw::lowering::fold(heun.rows(), Prediction::data)) == 12);
  for (Prediction p : {Prediction::data, Prediction::epsilon, Prediction::v})
    CHECK(tw::lowering::allocate(tw::lowering::fold(heun.rows(), p)).buffers == 4);
  for (const tw::Row& row : tw::lowering::fold(two.rows(), Prediction::v))
    if (const auto* evaluate = std::get_if<tw::Evaluate>(&row))
      CHECK(evaluate->prediction == Prediction::v);
}

TEST_CASE("fold: what a model cannot give is refused") {
  const tw::AnyProcess flow = tw::Flow{};
  const tw::Plan plan = tw::make_plan(flow, tw::DDIM{}, tw::uniform(flow, 4, {.to_zero = false}));
  CHECK_THAT(error_of([&] { tw::executor::lower<double>(plan, Prediction::epsilon); }),
             Contains("data cannot be had from a model that predicts epsilon at t = 1"));
  CHECK(tw::lowering::fold(plan.rows(), Prediction::velocity).size() == 8);
}

TEST_CASE("allocate: as few buffers as the solver needs") {
  const auto buffers = [](const tw::AnySolver& solver, Prediction given = Prediction::data) {
    return tw::lowering::allocate(tw::lowering::fold(plan_of(solver, 20).rows(), given)).buffers;
  };
  CHECK(buffers(tw::DDIM{}) == 2);
  CHECK(buffers(tw::EulerMaruyama{}) == 2);
  CHECK(buffers(tw::DPMSolverPP2M{}) == 3);
  CHECK(buffers(tw::Heun<InSigma>{}) == 4);
  CHECK(buffers(tw::RK4<InSigma>{}) == 6);
  CHECK(buffers(tw::LMS{}, Prediction::epsilon) == 5);
}

TEST_CASE("allocate: live values never share a buffer, and the last state comes home") {
  std::vector<tw::AnySolver> solvers{KeepsState{}};
  for (const NamedSolver& solver : all_solvers()) solvers.push_back(solver.solver);
  for (const auto& solver : solvers)
    for (Prediction given : {Prediction::epsilon, Prediction::data, Prediction::velocity}) {
      const tw::Plan plan = plan_of(solver, 7);
      const std::vector<tw::Row> rows = tw::lowering::fold(tw::lowering::share_draws(plan), given);
      const tw::lowering::Allocation allocation = tw::lowering::allocate(rows);
      const auto buffer = [&](int value) { return allocation.buffer_of[value]; };
      INFO(solver.facts().name);
      // Follow what each buffer holds; every operand must still be there.
      tw::math::ByIndex<int> holds(allocation.buffers, -1);
      holds[0] = 0;
      for (const tw::Row& row : rows) {
        tw::for_each_input(row, [&](int value) { CHECK(holds[buffer(value)] == value); });
        if (const auto* evaluate = std::get_if<tw::Evaluate>(&row))
          CHECK(buffer(evaluate->out) != buffer(evaluate->in));
        holds[buffer(tw::output(row))] = tw::output(row);
      }
      CHECK(holds[0] == tw::output(rows.back()));
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

TEST_CASE("by name: every solver is found, an unknown one gets the list") {
  CHECK(tw::solver_names().size() == all_solvers().size());
  CHECK(all_solvers().size() >= 13);
  for (const auto& name : tw::solver_names()) CHECK(tw::AnySolver(name).facts().order >= 0);
  CHECK(plan_of("dpmpp_2m") == plan_of(tw::DPMSolverPP2M{}));
  CHECK(plan_of(tw::solver_named(std::string_view("heun"))) == plan_of(tw::Heun<InSigma>{}));
  CHECK_THAT(error_of([] { tw::AnySolver("dpmpp_9m"); }),
             StartsWith("no solver is called \"dpmpp_9m\"; near to it are dpmpp_2m, dpmpp_3m and "
                        "dpmpp_2s; known are euler, heun,") &&
                 Contains("dpmpp_2m_sde") && Contains("UniPCMultistepScheduler"));
}

TEST_CASE("by name: what other programs call a solver stands for ours") {
  for (const tw::SolverAlias& alias : tw::solver_aliases) {
    INFO(alias.theirs);
    tw::Options options;
    if (!alias.option.empty()) options.emplace_back(alias.option, alias.value);
    CHECK(plan_of(alias.theirs) == plan_of(tw::solver_named(alias.ours, options)));
  }
  CHECK(plan_of("DDIM") == plan_of(tw::DDIM{}));
  CHECK(plan_of("DPM++2M") == plan_of(tw::DPMSolverPP2M{}));
  CHECK_THAT(error_of([] { tw::AnySolver("DPM++ 2M Karras"); }),
             Contains("it is a solver and a grid") && Contains("karras(process, n)"));
  // lcm goes to the data with fresh noise.
  const tw::Plan lcm = plan_of("lcm");
  const auto* last = std::get_if<tw::Update>(&lcm.rows()[1]);
  REQUIRE(last != nullptr);
  const tw::Level& to = lcm.intervals()[0].to;
  for (const tw::Term& term : last->terms)
    CHECK(term.weight == Approx(term.operand.is_draw()    ? to.std
                                : term.operand.index == 1 ? to.scale
                                                          : 0)
                             .margin(1e-9));
}

TEST_CASE("by name: with options by the names of the members, those of the solver inside too") {
  const auto same = [](const char* name, const tw::Options& options, const tw::AnySolver& solver) {
    INFO(name);
    CHECK(plan_of(tw::solver_named(name, options)) == plan_of(solver));
  };
  same("ddim", {{"eta", 0.6}, {"s_noise", 1.1}}, tw::DDIM{.eta = 0.6, .s_noise = 1.1});
  same("DDIMScheduler", {{"eta", 1}}, tw::DDIM{.eta = 1});
  same("unipc", {{"order", 3}, {"lower_order_at_end_below", 0}},
       tw::UniPC{.order = 3, .lower_order = {.at_end_below = 0}});
  same("dpm_2_ancestral", {{"r", 0.4}, {"eta", 0.5}},
       tw::Ancestral<tw::DPMSolver2>{.solver = {.r = 0.4}, .eta = 0.5});
  same("heun_churn", {{"amount", 10}, {"s_max", 50}},
       tw::Churn<tw::Heun<InSigma>>{.amount = 10, .s_max = 50});
  same("sa_solver", {{"pece", 1}, {"tau", 0.5}, {"predictor", 2}},
       tw::SASolver{.tau = 0.5, .predictor = 2, .pece = true});
  CHECK_THAT(error_of([] {
               tw::solver_named("ddim", {{"order", 2}});
             }),
             Contains("ddim has no option \"order\"; it has eta, s_noise"));
  CHECK_THAT(error_of([] {
               tw::solver_named("lms", {{"order", 2.5}});
             }),
             Contains("order = 2.5 must be a whole number"));
  CHECK_THAT(error_of([] {
               tw::solver_named("sa_solver", {{"pece", 2}});
             }),
             Contains("pece = 2 must be 0 or 1"));
  CHECK_THAT(error_of([] { tw::solver_named("ddim", {{"eta", -1}}); }), Contains("at least 0"));
  for (const NamedSolver& solver : all_solvers())
    if (solver.facts().stochastic() && solver.without_noise)
      CHECK(plan_of(tw::solver_named(solver.name, {{"s_noise", 0}})) ==
            plan_of(*solver.without_noise));
}

TEST_CASE("law: every option that a solver names is read: the plan follows it, or it is refused") {
  const tw::AnyProcess process = tw::VP{};
  const std::vector<tw::Grid> grids{tw::karras(process, 12), tw::karras(process, 20),
                                    tw::log_snr(process, 24, {.to_zero = false}),
                                    tw::from_sigmas(process, {10, 9.999, 5, 2, 1.9999, 1, 0.5, 0})};
  int options = 0;
  for (const NamedSolver& solver : all_solvers())
    for (const auto& [option, value] : solver.options) {
      INFO(solver.name << ": " << option);
      bool read = false;
      for (const double other : {0.0, 0.3, 0.5, 1.0, 2.0, 3.0, 6.0, 100.0})
        for (const tw::Grid& grid : grids) {
          const std::string sentence = error_of([&, &name = option] {
            // s_noise matters where noise is drawn.
            tw::Options with, others;
            if (name == "s_noise" && solver.facts().draws == 0) others = {{"eta", 0.5}};
            with = others, with.emplace_back(name, other);
            read |= !(tw::make_plan(process, tw::solver_named(solver.name, with), grid) ==
                      tw::make_plan(process, tw::solver_named(solver.name, others), grid));
          });
          read |= sentence.find(option) != sentence.npos &&
                  sentence.find("whole") == sentence.npos &&
                  sentence.find("0 or 1") == sentence.npos;
        }
      CHECK(read);
      ++options;
    }
  CHECK(options > 100);
}

TEST_CASE("by name: a solver's options have the names that its own text gives them") {
  const Sticky sticky = tw::with_options(Sticky{}, "sticky", {{"Stickiness", 0.75}});
  CHECK(sticky.stickiness == 0.75);
  CHECK_THAT(error_of([] {
               tw::with_options(Sticky{}, "sticky", {{"eta", 1}});
             }),
             Contains("sticky has no option \"eta\"; it has stickiness"));
}

TEST_CASE("plan: rows that are written by hand are checked") {
  const tw::AnyProcess process = tw::EDM{};
  const tw::Grid grid = tw::from_sigmas(process, {2, 1, 0});
  using Kind = tw::Operand::Kind;
  const auto state = [](int out, tw::Operand operand) {
    return tw::Update{.out = out, .role = tw::Role::state, .terms = {{operand, 1}}};
  };
  const auto plan = [&](std::vector<tw::Row> rows) {
    return tw::Plan({.name = "by hand", .draws = 1}, grid, std::move(rows), {{}, {}});
  };
  const tw::Plan good = plan({state(1, {Kind::value, 0}), state(2, {Kind::draw, 2})});
  CHECK(good.draw_count() == 2);
  CHECK_THAT(error_of([&] { plan({state(2, {Kind::value, 0})}); }), Contains("must make r1"));
  CHECK_THAT(error_of([&] { plan({state(1, {Kind::value, 1})}); }), Contains("row 0 reads r1"));
  CHECK_THAT(error_of([&] { plan({state(1, {Kind::draw, 3})}); }), Contains("row 0 reads z3"));
  CHECK_THAT(error_of([&] { plan({state(1, {Kind::draw, 0})}); }), Contains("there are 1 to 2"));
  CHECK_THAT(error_of([&] {
               plan({state(1, {Kind::value, 0})});
             }),
             Contains("make 1 new states") && Contains("for 2 intervals"));
  const auto asks = [&](int out, int in, int evaluation, double t = 2) {
    return tw::Evaluate{.out = out,
                        .in = in,
                        .prediction = tw::Prediction::data,
                        .level = process.at(t),
                        .evaluation = evaluation};
  };
  const auto ends = [&](std::vector<tw::Row> rows) {
    const int made = static_cast<int>(rows.size());
    rows.push_back(state(made + 1, {Kind::value, made}));
    rows.push_back(state(made + 2, {Kind::value, made + 1}));
    return rows;
  };
  CHECK(plan(ends({asks(1, 0, 0), asks(2, 0, 0), asks(3, 1, 1)})).nfe() == 2);
  CHECK_THAT(error_of([&] { plan(ends({asks(1, 0, 7)})); }), Contains("it must be 0 or one"));
  CHECK_THAT(error_of([&] { plan(ends({asks(1, 0, -1)})); }), Contains("is evaluation -1"));
  CHECK_THAT(error_of([&] {
               plan(ends({asks(1, 0, 0), asks(2, 1, 0)}));
             }),
             Contains("r1 and r2 are one evaluation, of different inputs"));
  CHECK_THAT(error_of([&] {
               plan(ends({asks(1, 0, 0), asks(2, 0, 0, 1)}));
             }),
             Contains("different inputs or levels"));
  tw::Evaluate odd = asks(1, 0, 0);
  odd.prediction = static_cast<tw::Prediction>(99);
  CHECK_THAT(error_of([&] { plan(ends({odd})); }), Contains("asks for no prediction"));
  odd = asks(1, 0, 0);
  odd.level.scale = std::nan("");
  CHECK_THAT(error_of([&] { plan(ends({odd})); }), Contains("a level of scale nan"));
  for (double weight : {std::nan(""), HUGE_VAL}) {
    tw::Update heavy = state(1, {Kind::value, 0});
    heavy.terms[0].weight = weight;
    CHECK_THAT(error_of([&] {
                 plan({heavy, state(2, {Kind::value, 1})});
               }),
               Contains("it must be finite"));
  }
  // In a part of a run, draws before its own are not there.
  CHECK_THAT(error_of([&] {
               tw::Plan({.name = "by hand", .draws = 1}, grid.last(1), {state(1, {Kind::draw, 1})},
                        {{}, {}});
             }),
             Contains("row 0 reads z1; there are 2 to 2"));
  CHECK_THAT(error_of([&] { plan({}); }), Contains("make 0 new states"));
  for (int number : {0, 3, -1})
    CHECK_THAT(error_of([&] { good.clock_of_draw(number); }), Contains("the steps have 1 to 2"));
}
