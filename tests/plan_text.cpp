// SPDX-License-Identifier: MIT
// Plans as text: both versions, damage, sizes, and locales.
#include "support/catch.hpp"

#include <clocale>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <limits>
#include <locale>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <tweedie/analysis/order.hpp>
#include <tweedie/grid/restart.hpp>
#include <tweedie/grid/spacing.hpp>
#include <tweedie/plan/plan_from.hpp>
#include <tweedie/plan/print.hpp>
#include <tweedie/plan/text.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/flow.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/solver/sde/dpm_solver_sde.hpp>
#include <tweedie/solver/sde/sa_solver.hpp>
#include <tweedie/tuning/tuned.hpp>

#include "support/registry.hpp"
#include "support/version_1.hpp"

namespace tw = tweedie;

namespace {

tw::Plan from_text(const std::string& text) {
  std::istringstream in(text);
  return tw::plan_from(in);
}
tw::Plan from_file(const std::string& name) {
  std::ifstream in(std::string(TWEEDIE_SOURCE) + "/tests/data/" + name);
  REQUIRE(in);
  return tw::plan_from(in);
}
std::string says(const std::string& damaged) {
  return error_of([&] { from_text(damaged); });
}
std::string with(std::string text, const std::string& old, const std::string& put) {
  const std::size_t at = text.find(old);
  REQUIRE(at != std::string::npos);
  return text.replace(at, old.size(), put);
}

void check_facts(const tw::Facts& a, const tw::Facts& b) {
  CHECK(a.name == b.name);
  CHECK(a.order == b.order);
  CHECK(a.evaluations == b.evaluations);
  CHECK(a.evaluations_to_zero == b.evaluations_to_zero);
  CHECK(a.extra_evaluations == b.extra_evaluations);
  CHECK(a.draws == b.draws);
  CHECK(a.remembers == b.remembers);
  CHECK(a.clock == b.clock);
  CHECK(a.at_zero == b.at_zero);
  CHECK(a.starts_from_noise == b.starts_from_noise);
}
/// Both versions of a plan's text are read as it, and version 2 is written as it was.
void check_text(const tw::Plan& plan) {
  const std::string text = tw::text(plan);
  for (const std::string& one : {text, version_1(plan), tw::text(plan, "a remark\n\nof lines")}) {
    const tw::Plan same = from_text(one);
    CHECK(same == plan);
    check_facts(same.facts(), plan.facts());
    CHECK(tw::text(same) == text);
  }
}

/// Every kind of row, with weights that are exact.
struct AllRows {
  tw::Facts facts() const {
    return {.name = "all rows (eta = 1, s_noise = 0.5)",
            .order = 0,
            .evaluations = 3,
            .evaluations_to_zero = 2,
            .extra_evaluations = 4,
            .draws = 3,
            .clock = tw::Clock::time,
            .at_zero = tw::AtZero::predicted_data,
            .starts_from_noise = true};
  }
  template <class X>
  X step(auto& c, const tw::Interval& s, const X& x) const {
    const X D = c.data(x, s.from);
    const X z = c.normal(1 / s.from.t, 1 / s.to.t);
    const X y = c.stored(0.5 * x + 0.25 * D - 0.125 * z);
    const X k = c.langevin(y, s.from, {0.125, 0.5});
    const X v = c.velocity(k, s.from);
    c.estimate(0.25 * v - 0.5 * z);
    return 0.75 * k - v + 0.5 * c.normal();
  }
};
tw::Plan all_rows() {
  const tw::Flow flow;
  using Kind = tw::Interval::Kind;
  return tw::make_plan(
      flow, AllRows{},
      tw::Intervals(
          {{.from = flow.at(1), .to = flow.at(0.5)},
           {.from = flow.at(0.5), .to = flow.at(0.75), .kind = Kind::renoise, .s_noise = 0.5},
           {.from = flow.at(0.75), .to = flow.at(0.25)},
           {.from = flow.at(0.25), .to = flow.at(0)}}));
}

/// Rows by hand that make a state of r0, one each interval.
tw::Plan by_hand(std::vector<tw::Term> terms, std::string name = "by hand") {
  const tw::Grid grid = tw::from_sigmas(tw::EDM{}, {2, 1});
  return tw::Plan({.name = std::move(name)}, grid,
                  {tw::Update{.out = 1, .role = tw::Role::state, .terms = std::move(terms)}}, {});
}

/// The same words, and numbers that differ by no more than a C library's rounding.
void check_near(const std::string& a, const std::string& b) {
  std::istringstream first(a), second(b);
  for (std::string x, y; first >> x;) {
    REQUIRE(second >> y);
    if (x == y) continue;
    INFO(x << " and " << y);
    CHECK(std::stod(x) == Approx(std::stod(y)).epsilon(1e-12));
  }
}

}  // namespace

TEST_CASE("law: a plan comes back from its text, to the bit, for every solver") {
  for (const NamedSolver& one : all_solvers())
    for (const tw::AnyProcess& process : {tw::AnyProcess(tw::VP{}), tw::AnyProcess(tw::EDM{})}) {
      INFO(one.name);
      check_text(tw::make_plan(process, one.solver, tw::karras(process, 6)));
    }
  // Infinite levels, parts of grids, intervals that renoise.
  const tw::Flow flow;
  check_text(tw::make_plan(flow, "ddim", tw::uniform(flow, 4)));
  const tw::VP own;
  check_text(tw::make_plan(own, "euler_ancestral", tw::karras(own, 9).last(4)));
  check_text(
      tw::make_plan(own, "heun",
                    tw::restart(own, tw::karras(own, 9),
                                {{.sigma_min = 0.1, .sigma_max = 1, .steps = 3, .times = 2}})));
  check_text(all_rows());
  // One whose run takes an evaluation less than its steps do.
  const tw::SASolver pece{.predictor = 2, .corrector = 3, .pece = true};
  CHECK(pece.facts().extra_evaluations == -1);
  check_text(tw::make_plan(own, pece, tw::karras(own, 6)));
}

TEST_CASE("plan text: every number comes back, whatever it is") {
  const tw::Operand r0{tw::Operand::Kind::value, 0};
  for (const double weight :
       {0.0, -0.0, 0.1, -1.0 / 3, 1e308, 123456789012345680.0, 5e-324, -2.5e-310,
        std::numeric_limits<double>::min(), std::nextafter(1.0, 2.0)}) {
    INFO(weight);
    for (const bool second : {false, true}) {
      const tw::Plan plan = by_hand(second ? std::vector<tw::Term>{{r0, 1}, {r0, weight}}
                                           : std::vector<tw::Term>{{r0, weight}});
      check_text(plan);
      const auto terms = std::get<tw::Update>(from_text(tw::text(plan)).rows()[0]).terms;
      CHECK(std::signbit(terms.back().weight) == std::signbit(weight));
    }
  }
  check_text(by_hand({}));
  CHECK_THAT(tw::text(by_hand({})), Contains("state: r1 = 0\n"));
}

TEST_CASE("plan text: a solver's name may hold anything") {
  const tw::Term r0{{tw::Operand::Kind::value, 0}, 1};
  for (const char* name : {"", "a = b, (c): d", "end", "# 5", "of  two blanks"})
    check_facts(from_text(tw::text(by_hand({r0}, name))).facts(), {.name = name});
  CHECK(from_text(tw::text(by_hand({r0}, "two\nlines"))).solver() == "two lines");
}

TEST_CASE("plan text: as a person reads it") {
  const tw::EDM edm;
  const tw::Operand z1{tw::Operand::Kind::draw, 1};
  const auto r = [](int index) { return tw::Operand{tw::Operand::Kind::value, index}; };
  const tw::Plan plan(
      {.name = "by hand (1)", .order = 0, .draws = 1, .at_zero = tw::AtZero::own},
      tw::Intervals({{.from = edm.at(4), .to = edm.at(0.5)}}),
      {tw::Evaluate{1, 0, tw::Prediction::score, edm.at(4), 0},
       tw::Langevin{2, 0, 1, 1, {.snr = 0.16, .alpha = 1}},
       tw::Update{3, tw::Role::stage, {{r(0), -0.5}, {r(2), 1}, {z1, -1. / 3}}},
       tw::Update{4, tw::Role::error, {}}, tw::Update{5, tw::Role::state, {{r(3), 1e-20}}}},
      {tw::ClockSpan{0.25, HUGE_VAL}});
  CHECK(tw::text(plan, "one step") == R"(tweedie plan 2
# one step
solver: by hand (1)
facts: order = 0  evaluations = 1  evaluations_to_zero = 1  extra_evaluations = 0  draws = 1  )"
                                      R"(remembers = 0  error_order = 0  clock = sigma  at_zero = own  )"
                                      R"(starts_from_noise = false
steps: first = 0  of = 1  renoises_before = 0  is_cut = false  draws = 1
solve: s_noise = 1  from t = 4  scale = 1  std = 4  scale_rate = 0  std_rate = 1  g2 = 8  )"
                                      R"(to t = 0.5  scale = 1  std = 0.5  scale_rate = 0  )"
                                      R"(std_rate = 1  g2 = 1
draw: z1  from = 0.25  to = inf
evaluate: r1 = score(r0)  evaluation = 0  t = 4  scale = 1  std = 4  scale_rate = 0  )"
                                      R"(std_rate = 1  g2 = 8
langevin: r2  in = r0  score = r1  draw = z1  snr = 0.16  alpha = 1
stage: r3 = -0.5 r0 + 1 r2 - 0.3333333333333333 z1
error: r4 = 0
state: r5 = 1e-20 r3
end
)");
  check_text(plan);
}

TEST_CASE("plan text: files that version 1 of it wrote are read as the plans that they were") {
  const tw::Plan rows = all_rows();
  CHECK(from_file("version_1_rows.plan") == rows);
  check_facts(from_file("version_1_rows.plan").facts(), rows.facts());
  // These weights are of exp and log, which may differ by a bit between C libraries.
  const tw::VP own;
  const tw::Intervals part =
      tw::restart(own, tw::karras(own, 6),
                  {{.sigma_min = 0.5, .sigma_max = 2, .steps = 2, .times = 2}}, 1.5)
          .part(2, 9);
  const tw::Plan restarts = tw::make_plan(own, tw::DPMSolverPPSDE{.s_noise = 1.25}, part),
                 known = from_file("version_1_restart.plan");
  check_facts(known.facts(), restarts.facts());
  CHECK(known.draw_count() == restarts.draw_count());
  check_near(tw::text(known), tw::text(restarts));
  // Its rules at sigma = 0 were numbers.
  const std::string text = version_1(rows);
  const auto rule = [&](const char* number) {
    return from_text(with(text, "time 1 1", std::string("time ") + number + " 1")).facts().at_zero;
  };
  CHECK(rule("0") == tw::AtZero::data);
  CHECK(rule("1") == tw::AtZero::predicted_data);
  CHECK(rule("2") == tw::AtZero::own);
}

TEST_CASE("names: of predictions, clocks and rules at sigma = 0, and back") {
  using tw::Prediction, tw::AtZero;
  const std::vector<std::pair<const char*, Prediction>> predictions{
      {"epsilon", Prediction::epsilon},
      {"data", Prediction::data},
      {"score", Prediction::score},
      {"v", Prediction::v},
      {"velocity", Prediction::velocity}};
  for (const auto& [name, prediction] : predictions) {
    CHECK(tw::name_of(prediction) == name);
    CHECK(tw::prediction_named(name) == prediction);
  }
  const std::vector<std::pair<const char*, AtZero>> rules{
      {"data", AtZero::data}, {"predicted_data", AtZero::predicted_data}, {"own", AtZero::own}};
  for (const auto& [name, rule] : rules) {
    CHECK(tw::name_of(rule) == name);
    CHECK(tw::at_zero_named(name) == rule);
  }
  CHECK(tw::clock_named("time") == tw::Clock::time);
  CHECK(tw::clock_named("sigma") == tw::Clock::sigma);
  CHECK(tw::name_of(tw::Clock::time) == "time");
  for (const char* none : {"", "Data", "noise"}) {
    CHECK_FALSE(tw::prediction_named(none).has_value());
    CHECK_FALSE(tw::at_zero_named(none).has_value());
    CHECK_FALSE(tw::clock_named(none).has_value());
  }
}

TEST_CASE("plan text: damaged, it is refused with the number of the line") {
  const std::string text = tw::text(all_rows());
  CHECK_THAT(says("tweedie plan 3\n"), Contains("line 1 is neither \"tweedie plan 2\" nor \"twee"));
  CHECK_THAT(says(text.substr(0, text.size() - 4)), Contains("without the word end"));
  const auto damaged = [&](const std::string& old, const std::string& put,
                           const std::string& what) {
    INFO(old << " -> " << put);
    const std::string sentence = says(with(text, old, put));
    CHECK_THAT(sentence, Contains(what));
  };
  damaged("order = 0", "ordre = 0", "line 3 has \"ordre\" where \"order\" belongs");
  damaged("order = 0", "order 0", "has \"0\" where \"=\" belongs");
  damaged("order = 0", "order = 0.5", "has no whole number");
  damaged("order = 0  ", "", "has \"evaluations\" where \"order\" belongs");
  damaged("order = 0", "order = 0  order = 0", "has \"order\" where \"evaluations\" belongs");
  damaged("starts_from_noise = true", "starts_from_noise = true  colour = red", "words too many");
  damaged("starts_from_noise = true", "starts_from_noise = 1", "\"1\", which is not true or false");
  damaged("clock = time", "clock = watch", "has a clock that is neither time nor sigma");
  damaged("at_zero = predicted_data", "at_zero = 1", "has no known rule at sigma = 0");
  damaged("facts: ", "fact: ", "line 3 is of no known kind");
  damaged("facts: ", "facts ", "has \"order\" where \":\" belongs");
  damaged("state: ", "commit: ", "line 18 is of no known kind");
  damaged("r7 = 0.75 r4", "r8 = 0.75 r4", "row 6 makes r8; it must make r7");
  damaged("+ 0.5 z3", "+ 0.5 q3", "neither a value r nor a draw z");
  damaged("+ 0.5 z3", "0.5 z3", "has \"0.5\" where + or - belongs");
  damaged("+ 0.5 z3", "+ 0,5 z3", "has a term that is neither");
  damaged("+ 0.5 z3", "+ 0.5 z33", "reads z33");
  damaged("+ 0.5 z3", "+ 0.5", "ends too early");
  damaged("0.75 r4 - 1 r5 + 0.5 z3", "", "ends too early");
  damaged("data(r0)", "date(r0)", "asks for no prediction");
  damaged("data(r0)", "data(z0)", "has a draw for a value, or a value for a draw");
  damaged("draw = z2", "draw = r2", "has a draw for a value, or a value for a draw");
  damaged("snr = 0.125", "snr = inf", "has a number that is not finite");
  damaged("scale = 0 ", "scale = nothing ", "has no number where one belongs");
  damaged("renoise: s_noise = 0.5", "renoise: s_noise = nan", "has a number that is not finite");
  damaged("from = 1 ", "from = nan ", "has a clock that is no number");
  damaged("draw: z1 ", "draw: z11 ", "draw 11 has a clock, but there are 10 draws");
  damaged("steps: ",
          "steps: first = 0  of = 4  renoises_before = 0  is_cut = false  draws = 10\nsteps: ",
          "stands twice");
  damaged("of = 4", "of = 3", "they must fit");
  // Every lost line is refused; and every cut, wherever it is.
  for (std::size_t at = text.find('\n') + 1; at < text.size();) {
    const std::size_t next = text.find('\n', at) + 1;
    if (text.compare(at, 5, "draw:") != 0)
      CHECK_FALSE(says(text.substr(0, at) + text.substr(next)).empty());
    at = next;
  }
  for (const std::string& one : {text, version_1(all_rows())})
    for (std::size_t k = 0; k + 1 < one.size(); k += 7) CHECK_FALSE(says(one.substr(0, k)).empty());
  // Blanks, and what editors put at the ends of lines, are no damage.
  std::string blanks;
  for (const char letter : text)
    blanks += letter == '\n' ? "  \t\r\n\r\n" : letter == '=' ? "\t=  " : std::string(1, letter);
  CHECK(from_text("tweedie plan 2\n" + blanks.substr(blanks.find('\n') + 1)) == all_rows());
}

TEST_CASE("plan text: version 1, damaged, is refused with the number of the line") {
  const std::string text = version_1(all_rows());
  const auto damaged = [&](const std::string& old, const std::string& put,
                           const std::string& what) {
    INFO(old << " -> " << put);
    CHECK_THAT(says(with(text, old, put)), Contains(what));
  };
  damaged("commit", "comit", "is of no known kind");
  damaged("0.25 r1", "0.25 q1", "neither a value r nor a draw z");
  damaged("0.25 r1", "0.25 r1.5", "has no whole number");
  damaged("0.5 z3", "0.5 z77", "reads z77");
  damaged("evaluate data", "evaluate date", "asks for no prediction");
  damaged("solve 1 ", "solve x ", "no number where one belongs");
  damaged("solve 1 ", "solve inf ", "not finite");
  damaged("draw 1 1 2", "draw 1 nan 2", "has a clock that is no number");
  damaged("time 1 1", "time 3 1", "has no known rule at sigma = 0");
  damaged("draws 10\n", "draws 10\ndraws 10\n", "stands twice");
  damaged("draws 10\n", "", "lacks its line draws");
  damaged("part 0 4", "part -1 4", "has no whole number");
}

TEST_CASE("plan text: a few letters do not make it ask for memory") {
  const std::string text = tw::text(all_rows()), first = version_1(all_rows());
  const auto refused = [&](const std::string& from, const std::string& old,
                           const std::string& put) {
    INFO(old << " -> " << put);
    CHECK_THAT(says(with(from, old, put)), Contains("has no whole number from "));
  };
  for (const std::string number : {"100000000", "2000000000", "1e300", "1000001", "inf", "nan"}) {
    refused(text, "draws = 3", "draws = " + number);
    refused(text, "draws = 10", "draws = " + number);
    refused(text, "of = 4", "of = " + number);
    refused(text, "first = 0", "first = " + number);
    refused(text, "evaluation = 0", "evaluation = " + number);
    refused(text, "r2 = 0.5 r0", "r" + number + " = 0.5 r0");
    refused(text, "0.25 r1", "0.25 r" + number);
    refused(text, "0.5 z3", "0.5 z" + number);
    refused(text, "draw: z1 ", "draw: z" + number + " ");
    refused(first, "draws 10", "draws " + number);
    refused(first, "part 0 4", "part " + number + " 4");
    refused(first, "draw 1 1 2", "draw " + number + " 1 2");
    refused("tweedie plan 1\ndraws 1\n", "draws 1", "draws " + number);
  }
  for (const char* count : {"draws = 10", "of = 4", "first = 0", "renoises_before = 0"}) {
    const std::string name(count, std::string_view(count).find('='));
    CHECK_THAT(says(with(text, count, name + "= -1")), Contains("line 4 counts below 0"));
  }
  // What a text does not get to is not believed.
  CHECK_THAT(says("tweedie plan 1\ndraws 1000000\n"), Contains("without the word end"));
  // Draws before the first step are the step's number times the draws of a step.
  for (const char* draws : {"-1", "999999"})
    CHECK_THAT(says(with(with(text, "first = 0  of = 4", "first = 999990  of = 1000000"),
                         "draws = 3", std::string("draws = ") + draws)),
               Contains("and the first is number 999990; they must be at least 0"));
}

namespace {

/// Decimal commas, and a point for each thousand.
struct Commas : std::numpunct<char> {
  char do_decimal_point() const override { return ','; }
  char do_thousands_sep() const override { return '.'; }
  std::string do_grouping() const override { return "\3"; }
};

/// Sets both locales, and puts back what was there.
class Locales {
 public:
  Locales() : c_(std::setlocale(LC_ALL, nullptr)), cpp_() {}
  ~Locales() { std::locale::global(cpp_), std::setlocale(LC_ALL, c_.c_str()); }
  Locales(const Locales&) = delete;

 private:
  std::string c_;
  std::locale cpp_;
};

/// Whatever the library writes and reads.
std::string all_texts() {
  std::ostringstream out;
  const tw::Plan rows = all_rows(), again = from_text(tw::text(rows));
  CHECK(again == rows);
  CHECK(from_file("version_1_rows.plan") == rows);
  out << tw::text(rows);
  const tw::EDM edm;
  const tw::Plan many = tw::make_plan(edm, "euler_ancestral", tw::karras(edm, 1234));
  out << many << tw::text(many) << tw::to_string(rows.rows()[1]);
  out << tw::sentence({1234567, " ", 1234.5, " ", 1e300, " ", 0.1, " ", -1e-7}) << "\n";
  out << error_of([&] { tw::karras(edm, 5, {.sigma_max = -1.5}); }) << "\n";
  out << says("tweedie plan 2\nfacts: order = 0,5\n") << "\n";
  const tw::Tuned tuned{.judged = {{{"fitted", rows, tw::PlanKind::fitted}, 0.001, 0.0005, 1234.5},
                                   {{"other", rows, tw::PlanKind::untuned}, 0.5, 0.25, 0.75}},
                        .focus = {.centre = 0.5, .width = 1.5},
                        .gain_over_euler = 1.5,
                        .evaluations = 1234567,
                        .purpose = "a test"};
  out << tw::text(rows, tw::to_string(tuned)) << tuned;
  tw::OrderTable table;
  table.facts = {.name = "x", .order = 1234};
  table.add(1000, 0.5), table.add(2000, 0.25);
  out << table;
  return out.str();
}

}  // namespace

TEST_CASE("every text is the same in every locale") {
  const std::string expected = all_texts();
  CHECK_THAT(expected, Contains("1234 steps, 1234 evaluations"));
  CHECK_THAT(expected, Contains("1234567 1234.5 1e+300 0.1 -1e-07"));
  CHECK_THAT(expected, Contains("fitted: 0.001 from the fine run, median 0.0005, worst 1234.5"));
  {
    const Locales kept;
    std::locale::global(std::locale(std::locale::classic(), new Commas));
    std::ostringstream out;
    out << 1234 << " " << 0.5;
    REQUIRE(out.str() == "1.234 0,5");
    CHECK(all_texts() == expected);
  }
  bool found = false;
  for (const char* name :
       {"de_DE.UTF-8", "de_DE.utf8", "de_DE", "fr_FR.UTF-8", "fr_FR.utf8", "fr_FR"}) {
    const Locales kept;
    if (!std::setlocale(LC_ALL, name)) continue;
    found = true;
    INFO(name);
    char text[8];
    std::snprintf(text, sizeof text, "%.1f", 0.5);
    REQUIRE(std::string(text) == "0,5");
    CHECK(all_texts() == expected);
    std::locale::global(std::locale(name));
    CHECK(all_texts() == expected);
  }
  if (!found) WARN("no locale of the C library with a decimal comma is installed here");
}
