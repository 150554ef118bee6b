// SPDX-License-Identifier: MIT
// The laws that every solver of the library obeys, run over its list of solvers. A new solver comes
// under all of them by its line in the list; what one paper says stands in solver_cases.cpp.
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <tweedie/grid/restart.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/flow.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/run/steps.hpp>

#include "support/plans.hpp"
#include "support/predicting.hpp"
#include "support/processes.hpp"
#include "support/registry.hpp"

namespace tw = tweedie;
using tw::AtZero;
using tw::Clock;
using tw::Prediction;

namespace {

constexpr Prediction predictions[] = {Prediction::epsilon, Prediction::data, Prediction::score,
                                      Prediction::v, Prediction::velocity};

const tw::AnyProcess vp = tw::VP{}, edm = tw::EDM{};

/// A run that goes up again, twice.
tw::Intervals restarts() {
  return tw::restart(edm, tw::from_sigmas(edm, {40, 10, 3, 1, 0.3, 0.1}),
                     {{.sigma_min = 0.9, .sigma_max = 5, .steps = 4, .times = 2}});
}

/// Intervals that do not join, two of them with noise.
tw::Intervals gaps(const tw::AnyProcess& process) {
  const auto solve = [&](double from, double to) {
    return tw::Interval{.from = process.at_sigma(from), .to = process.at_sigma(to)};
  };
  const auto renoise = [&](double from, double to, double s_noise) {
    return tw::Interval{.from = process.at_sigma(from),
                        .to = process.at_sigma(to),
                        .kind = tw::Interval::Kind::renoise,
                        .s_noise = s_noise};
  };
  return std::vector{solve(40, 11), solve(10, 4),         solve(4, 3),   renoise(2.5, 6, 1),
                     solve(5, 2),   renoise(2, 2.2, 0.7), solve(2, 0.9), solve(0.8, 0.3)};
}

/// What a run to sigma = 0 ends with, beside what the model said on the way.
struct LastStep {
  Eigen::MatrixXd end, data_before, last_data;  ///< data_before: at the state before the last step

  LastStep(const tw::Plan& plan) : end(start(plan)) {
    Eigen::MatrixXd before = end;
    const auto model = tw::predicts_data([this](const auto& x, const tw::Call& call, auto& out) {
      Predicting{}(x, call, out);
      last_data = out;
    });
    tw::Sampler sampler(plan, model, end);
    for (auto step : sampler.steps(end, tw::Noise{}))
      if (step.index < step.count - 1) before = step.x;
    data_before = before;
    Predicting{}(before, tw::Call{plan.intervals().back().from}, data_before);
    tolerance = 1e-12 * (1 + largest(before));
  }
  double tolerance = 0;
};

}  // namespace

TEST_CASE("law: the plan computes what the text computes eagerly, for every prediction", "[long]") {
  for (const NamedSolver& solver : all_solvers())
    for (const auto& [process_name, process] : processes()) {
      // A range in which no step amplifies the rounding of float.
      const tw::Grid grid =
          tw::log_snr(process, 12, {.sigma_max = 10, .sigma_min = 0.1, .to_zero = false});
      const tw::Plan plan = tw::make_plan(process, solver.solver, grid);
      const Eigen::MatrixXd x = start(plan);
      const auto noise = recorded(plan, x);
      const Eigen::MatrixXd expected = solver.run_eagerly(process, grid, x, noise);
      for (Prediction p : predictions) {
        const double size_of_x = std::hypot(plan.from().scale, plan.from().std);
        if (p == Prediction::v && std::abs(size_of_x - 1) > 1e-3) {  // no network predicts it there
          CHECK_THAT(error_of([&] { run(plan, Predicting{p}, x, noise); }),
                     Contains("for variance-preserving processes"));
          continue;
        }
        INFO(solver.name << " on " << process_name << " with " << tw::name_of(p));
        const double size = std::max(largest(expected), largest(x));
        CHECK(largest(run(plan, Predicting{p}, x, noise) - expected) < 1e-12 * size);
        Eigen::MatrixXf in_float = x.cast<float>();
        tw::Sampler sampler(plan, Predicting{p}, in_float);
        sampler(in_float, noise);
        CHECK(largest(in_float.cast<double>() - expected) < 2e-5 * size);
      }
    }
}

TEST_CASE("law: the plan is the eager run on a restart's intervals, and on some that do not join") {
  const auto check = [](const NamedSolver& solver, const tw::AnyProcess& process,
                        const tw::Intervals& all) {
    const tw::Plan plan = tw::make_plan(process, solver.solver, all);
    const Eigen::MatrixXd x = start(plan);
    const auto noise = recorded(plan, x);
    const Eigen::MatrixXd expected = solver.run_eagerly(process, all, x, noise);
    CHECK(largest(run(plan, Predicting{}, x, noise) - expected) < 1e-12 * largest(x));
  };
  for (const NamedSolver& solver : all_solvers()) {
    INFO(solver.name);
    check(solver, edm, restarts());
    check(solver, edm, gaps(edm));
    check(solver, vp, gaps(vp));
  }
}

TEST_CASE("law: evaluations of a step, and of earlier ones that it uses, are those declared") {
  for (const NamedSolver& solver : all_solvers()) {
    const tw::Facts& facts = solver.facts();
    INFO(solver.name);
    const tw::Plan plan = tw::make_plan(vp, solver.solver, tw::uniform(vp, 7, {.to_zero = false}));
    CHECK(plan.nfe() == 7 * facts.evaluations + facts.extra_evaluations);
    CHECK(remembered(plan) == facts.remembers);
    CHECK(tw::make_plan(vp, solver.solver, tw::uniform(vp, 7)).nfe() ==
          6 * facts.evaluations + facts.evaluations_to_zero + facts.extra_evaluations);
    // The newest value that is kept is this step's own, unless the step before has evaluated ahead.
    CHECK((facts.remembers > 0) == solver.points.has_value());
    const int older = facts.remembers - (solver.points.value_or(1) - 1);
    CHECK((older == 0 || older == 1));
  }
}

TEST_CASE("law: each step numbers the draws that the solver declares, and uses none but its own") {
  const auto check = [](const tw::AnySolver& solver, const tw::AnyProcess& process,
                        const tw::Intervals& all) {
    const tw::Plan plan = tw::make_plan(process, solver, all);
    std::vector<int> end{1};  // of the numbers of each step
    for (const tw::Interval& s : all)
      end.push_back(end.back() + (s.renoises() ? 1 : solver.facts().draws));
    CHECK(plan.draw_count() == end.back() - 1);
    std::size_t step = 0;
    for (const tw::Row& row : plan.rows()) {
      tw::for_each_draw(row, [&](int draw) {
        CHECK(draw >= end[step]);
        CHECK(draw < end[step + 1]);
      });
      step += tw::is_commit(row);
    }
    return draws_of(plan).size();
  };
  for (const NamedSolver& solver : all_solvers()) {
    const tw::Facts& facts = solver.facts();
    INFO(solver.name);
    const std::size_t used = check(solver.solver, vp, tw::uniform(vp, 7, {.to_zero = false}));
    CHECK((used > 0) == facts.stochastic());
    // As many as are declared are used, in a step that is not the last.
    CHECK(used >= static_cast<std::size_t>(6 * facts.draws));
    check(solver.solver, edm, restarts());
    check(solver.solver, vp, gaps(vp));
  }
}

TEST_CASE("law: the parts of a run, one after the other, are the run, where no history is cut") {
  const auto cut = [](const NamedSolver& solver, const tw::AnyProcess& process,
                      const tw::Intervals& all, int k) {
    const tw::Plan whole = tw::make_plan(process, solver.solver, all),
                   first = tw::make_plan(process, solver.solver, all.part(0, k)),
                   second = tw::make_plan(process, solver.solver, all.part(k, all.size()));
    std::vector<int> steps;
    const auto model = tw::predicts_data([&](const auto& x, const tw::Call& call, auto& out) {
      Predicting{}(x, call, out);
      steps.push_back(call.step);
    });
    const Eigen::MatrixXd x = start(whole);
    const auto noise = recorded(whole, x);
    const Eigen::MatrixXd expected = run(whole, model, x, noise);
    const std::vector<int> steps_of_whole = std::exchange(steps, {});
    CHECK(run(second, model, run(first, model, x, noise), noise) == expected);
    CHECK(steps == steps_of_whole);
    CHECK(solver.run_eagerly(process, all.part(k, all.size()),
                             solver.run_eagerly(process, all.part(0, k), x, noise),
                             noise) == solver.run_eagerly(process, all, x, noise));
  };
  const tw::Grid points = tw::log_snr(vp, 7, {.sigma_max = 10, .sigma_min = 0.1, .to_zero = false});
  const tw::Intervals grid = points;
  const auto draws = [](const tw::Plan& plan) {
    std::set<int> all;
    for (const tw::Row& row : plan.rows()) tw::for_each_draw(row, [&](int k) { all.insert(k); });
    return all;
  };
  for (const NamedSolver& solver : all_solvers()) {
    INFO(solver.name);
    // A grid's own parts: the same plans, and where a method begins anew, other draws all the same.
    const tw::Plan whole = tw::make_plan(vp, solver.solver, points),
                   first = tw::make_plan(vp, solver.solver, points.first(3)),
                   last = tw::make_plan(vp, solver.solver, points.last(4));
    CHECK(first == tw::make_plan(vp, solver.solver, grid.part(0, 3)));
    if (solver.facts().remembers == 0)
      CHECK(last.rows() == tw::make_plan(vp, solver.solver, grid.part(3, 7)).rows());
    std::set<int> all = draws(first);
    all.merge(draws(last));
    CHECK(all.size() == draws(first).size() + draws(last).size());
    CHECK(all == draws(whole));
    CHECK(points.last(4).first(2).first_step() == 3);
    // Restarts of a part go on with its numbers too.
    std::set<int> of_restarts = draws(tw::make_plan(
        vp, solver.solver, tw::restart(vp, points.last(4), {{.sigma_min = 0.3, .sigma_max = 1}})));
    for (int draw : draws(first)) CHECK(of_restarts.count(draw) == 0);
    cut(solver, edm, restarts(), 4);  // after noise, where every history begins anew
    cut(solver, edm, restarts(), 9);
    if (solver.facts().remembers == 0) {
      cut(solver, vp, grid, 3);
      cut(solver, edm, restarts(), 6);
    } else {
      CHECK_THAT(error_of([&] { tw::make_plan(vp, solver.solver, grid.part(3, 7)); }),
                 Contains(solver.facts().name + " remembers evaluations") && Contains("at step 3"));
    }
  }
}

TEST_CASE("law: every stochastic solver has s_noise, and 0 is no noise") {
  std::size_t stochastic = 0;
  for (const NamedSolver& solver : all_solvers()) {
    if (!solver.facts().stochastic() || solver.facts().order == 0) continue;  // no corrector
    ++stochastic;
    INFO(solver.name);
    REQUIRE(solver.without_noise.has_value());
    CHECK(!draws_of(tw::make_plan(vp, solver.solver, tw::uniform(vp, 5, {.to_zero = false})))
               .empty());
    CHECK(draws_of(tw::make_plan(vp, *solver.without_noise, tw::uniform(vp, 5, {.to_zero = false})))
              .empty());
  }
  CHECK(stochastic > 12);
}

TEST_CASE("law: data that are one point are reached exactly, whatever the steps") {
  const Eigen::Vector3d point(0.3, -1.2, 2.5);
  const auto model = tw::predicts_data(
      [&](const auto& x, double, auto& out) { out = point.replicate(1, x.cols()); });
  for (const NamedSolver& solver : all_solvers()) {
    // On the trajectory epsilon is constant in sigma and in its own right, so that methods whose
    // steps are made of epsilon are exact whatever their clock; REAB is exact for standard normal
    // data instead.
    const bool of_epsilon =
        solver.facts().clock == Clock::sigma || solver.name == "deis" || solver.name == "pndm";
    if (!of_epsilon || solver.name == "reab" || solver.facts().stochastic()) continue;
    for (const auto& [process_name, process] : processes())
      for (bool to_zero : {false, true}) {
        const tw::Plan plan =
            tw::make_plan(process, solver.solver, tw::karras(process, 8, {.to_zero = to_zero}));
        const Eigen::MatrixXd x = start(plan), end = run(plan, model, x, tw::Noise{});
        const tw::Level &t = plan.from(), &u = plan.to();
        // On its trajectory x = scale point + std epsilon with one epsilon for all times.
        const Eigen::MatrixXd centre = point.replicate(1, x.cols());
        const Eigen::MatrixXd exact = u.scale * centre + u.std / t.std * (x - t.scale * centre);
        INFO(solver.name << " on " << process_name << (to_zero ? " to zero" : ""));
        CHECK(largest(end - exact) < 1e-10 * largest(x));
      }
  }
}

TEST_CASE("law: the step to sigma = 0 returns what the solver declares, without noise") {
  for (const NamedSolver& solver : all_solvers()) {
    const AtZero declared = solver.facts().at_zero;
    bool differs = false;
    for (const auto& [process_name, process] : processes()) {
      // VE reaches sigma = 0 at t = -infinity, where methods in time do not go: they take the data.
      const bool out_of_time = process_name == "VE" && solver.facts().clock == Clock::time;
      const AtZero expected = out_of_time ? AtZero::data : declared;
      const LastStep last(tw::make_plan(process, solver.solver, tw::karras(process, 5)));
      const double from_before = largest(last.end - last.data_before),
                   from_last = largest(last.end - last.last_data);
      INFO(solver.name << " on " << process_name << ": " << from_before << " and " << from_last
                       << " from the model's data");
      if (expected == AtZero::data) CHECK(from_before < last.tolerance);
      if (expected == AtZero::predicted_data) {
        CHECK(from_last < last.tolerance);
        CHECK(from_before > 1e-6);
      }
      differs |= from_before > 1e-6 && from_last > 1e-6;
    }
    INFO(solver.name);
    CHECK(differs == (declared == AtZero::own));
  }
}

TEST_CASE("law: a solver on the clock sigma gives x / scale that is the same on every process") {
  const std::vector<double> sigmas{40, 12, 5, 2, 0.7, 0.2, 0.05};
  for (const NamedSolver& solver : all_solvers()) {
    Eigen::MatrixXd reference;
    double most = 0;
    for (const auto& [process_name, process] : processes()) {
      const tw::Plan plan = tw::make_plan(process, solver.solver, tw::from_sigmas(process, sigmas));
      Eigen::MatrixXd x(3, 5);
      tw::Noise{.seed = 3}.fill(0, x);
      x *= 40 * plan.from().scale;
      const Eigen::MatrixXd y = run(plan, x) / plan.to().scale;
      if (reference.size() == 0) reference = y;
      INFO(solver.name << " on " << process_name);
      if (solver.facts().clock == Clock::sigma) CHECK(largest(y - reference) < 1e-10);
      most = std::max(most, largest(y - reference));
    }
    INFO(solver.name);
    if (solver.facts().clock == Clock::time) CHECK(most > 1e-3);
  }
}

TEST_CASE("law: a solver starts from pure noise as declared, and says so where it cannot") {
  const tw::AnyProcess flow = tw::Flow{};
  const tw::Gaussian data(Eigen::Vector2d(1, -2),
                          (Eigen::Matrix2d() << 2, 0.9, 0.9, 0.5).finished());
  const auto plan = [&](const NamedSolver& solver, int steps, double t_max = 1) {
    return tw::make_plan(flow, solver.solver, tw::uniform(flow, steps, {.t_max = t_max}));
  };
  const auto error = [&](const tw::Plan& p) {
    return tw::wasserstein(tw::moments(p, data), tw::exact_moments(data, p.to()));
  };
  const double near = 1 - 1e-9;
  Eigen::MatrixXd x(3, 5);
  tw::Noise{.seed = 3}.fill(0, x);
  const Eigen::MatrixXd exact = run(tw::make_plan(flow, "rk4_time", tw::uniform(flow, 2000)), x);
  for (const NamedSolver& solver : all_solvers()) {
    const tw::Facts& facts = solver.facts();
    INFO(solver.name);
    if (!facts.starts_from_noise) {
      CHECK_THAT(error_of([&] { plan(solver, 12); }),
                 Contains(facts.name + " cannot start at sigma = infinity"));
      continue;
    }
    const auto noise = recorded(12 * facts.draws, x.rows(), x.cols());
    const Eigen::MatrixXd there = run(plan(solver, 12), Predicting{}, x, noise),
                          below = run(plan(solver, 12, near), Predicting{}, x, noise);
    CHECK(there.allFinite());
    const Predicting velocity{Prediction::velocity};
    CHECK(largest(run(plan(solver, 12), velocity, x, noise) - there) <
          1e-11 * (1 + largest(there)));
    // Methods in t, and of first order, are continuous there. Others are not, or like 1 / lambda
    // only: their first step is of first order from sigma = infinity and of a higher one from
    // below. That is within the run's own error; with several draws a step it is another noise as
    // well.
    if (facts.clock == Clock::time || facts.order == 1) CHECK(largest(there - below) < 1e-7);
    if (!facts.stochastic()) CHECK(largest(there - below) < largest(below - exact));
    // The distribution is right: it tends to the data's as it does from below.
    const double few = error(plan(solver, 80)), many = error(plan(solver, 320));
    if (facts.order == 0)  // with a bias of its own
      CHECK(many < few);
    else
      CHECK(many < std::max(0.6 * few, 1e-5));
    CHECK(many < 1.25 * error(plan(solver, 320, near)) + 1e-6);
  }
}

TEST_CASE("law: an interval that rises is the exact forward transition") {
  const tw::Gaussian data(Eigen::Vector2d(1, -2),
                          (Eigen::Matrix2d() << 2, 0.9, 0.9, 0.5).finished());
  for (const auto& [process_name, process] : processes()) {
    const double middle = (process.t_min + process.t_max) / 2;
    const std::vector<tw::Interval> up{{.from = process.at(process.t_min),
                                        .to = process.at(middle),
                                        .kind = tw::Interval::Kind::renoise}};
    const tw::Plan plan = tw::make_plan(process, tw::DDIM{}, up);
    const tw::Moments m = tw::moments(plan, data, tw::Start::exact);
    INFO(process_name);
    CHECK(plan.nfe() == 0);
    CHECK(plan.draw_count() == 1);
    CHECK(tw::wasserstein(m, tw::exact_moments(data, plan.to())) < 1e-6 * plan.to().std);
  }
}
