// SPDX-License-Identifier: MIT
// A program's functions that take anything, in the namespace of its own types, are not called from
// inside the library, nor do they make a call there ambiguous: they are deleted here, so that any
// call is an error of the compiler.
#include "support/catch.hpp"

#include <cmath>
#include <cstdint>

#include <tweedie/noise/recorded.hpp>
#include <tweedie/parallel/blocked_sampler.hpp>
#include <tweedie/plan/eager.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/sample.hpp>
#include <tweedie/solver/ode/dpm_solver_multistep.hpp>
#include <tweedie/solver/sde/sde_heun.hpp>
#include <tweedie/solver/sde/seeds.hpp>
#include <tweedie/solver/wrap/ancestral.hpp>
#include <tweedie/solver/wrap/churn.hpp>
#include <tweedie/solver/wrap/predictor_corrector.hpp>
#include <tweedie/solver/wrap/with_starter.hpp>

namespace tw = tweedie;

namespace greedy {

#define TAKES_ANYTHING(name) \
  template <class... A>      \
  void name(A&&...) = delete;
TAKES_ANYTHING(brownian_increment)
TAKES_ANYTHING(check)
TAKES_ANYTHING(check_contiguous)
TAKES_ANYTHING(check_shape)
TAKES_ANYTHING(checked_conversion)
TAKES_ANYTHING(combine)
TAKES_ANYTHING(conversion)
TAKES_ANYTHING(draw_part)
TAKES_ANYTHING(draw_whole)
TAKES_ANYTHING(element)
TAKES_ANYTHING(exponential_runge_kutta)
TAKES_ANYTHING(for_each_block)
TAKES_ANYTHING(level_between)
TAKES_ANYTHING(lower)
TAKES_ANYTHING(make_plan)
TAKES_ANYTHING(name_of)
TAKES_ANYTHING(observe)
TAKES_ANYTHING(prior)
TAKES_ANYTHING(renoise)
TAKES_ANYTHING(run_langevin)
TAKES_ANYTHING(run_update)
TAKES_ANYTHING(runge_kutta_step)
TAKES_ANYTHING(solve)
TAKES_ANYTHING(step_of)
TAKES_ANYTHING(validate)

struct Process {
  double t_min = 0.05, t_max = 9;
  tw::Level at(double t) const {
    return {.t = t, .scale = 1, .std = t * t, .std_rate = 2 * t, .g2 = 4 * t * t * t};
  }
  double time_of_sigma(double sigma) const { return std::sqrt(sigma); }
};

struct Solver {
  double size = 0.1;
  tw::Facts facts() const { return {.name = "greedy", .draws = 1}; }
  void validate(const tw::OptionCheck& require) const { require.at_least_0("size", size); }
  template <class X>
  X step(auto& c, const tw::Interval& s, const X& x) const {
    const X e = c.epsilon(x, s.from);
    return s.to.scale * (x / s.from.scale + (s.to.sigma() - s.from.sigma()) * e) +
           size * s.to.std * c.normal();
  }
};

struct Half {
  double operator()(double value) const { return value / 2; }
};
struct Model {
  tw::Prediction prediction = tw::Prediction::data;
  void operator()(const auto& x, const tw::Call&, auto& out) { out = x.unaryExpr(Half{}); }
};

struct Source {  // fills whole arrays
  void fill(int draw, auto&& out) const { tw::Noise{.seed = 1}.fill(draw, out); }
};
struct Counter {
  std::int64_t first_sample = 0;
  void fill(int draw, auto&& out) const { noise().fill(draw, out); }
  template <class T>
  void fill(int draw, std::int64_t dim, std::int64_t begin, std::int64_t count, T* out) const {
    noise().fill(draw, dim, begin, count, out);
  }
  Counter from_sample(std::int64_t first) const { return {first}; }
  tw::Noise noise() const { return {.seed = 1, .first_sample = first_sample}; }
};

}  // namespace greedy

TEST_CASE("names: a program's functions that take anything are not called from inside") {
  const greedy::Process process;
  const tw::Grid grid = tw::karras(process, 6, {.to_zero = false});
  const auto runs = [&](const auto& solver) {
    const tw::Plan plan = tw::make_plan(process, solver, grid);
    Eigen::MatrixXd x(3, 20);
    tw::prior(plan.from(), x, greedy::Counter{});
    Eigen::MatrixXd by_source = x, in_blocks = x;
    const Eigen::MatrixXd eagerly =
        tw::run_eagerly(process, solver, grid, greedy::Model{}, x, greedy::Source{});
    tw::Sampler sampler(plan, greedy::Model{}, x);
    sampler(x, greedy::Counter{});
    sampler(by_source, greedy::Source{});
    tw::BlockedSampler(plan, greedy::Model{}, in_blocks, {.columns = 7})(in_blocks,
                                                                         greedy::Counter{});
    INFO(tw::AnySolver(solver).facts().name);
    CHECK(in_blocks == x);
    CHECK((by_source - x).cwiseAbs().maxCoeff() < 1e-12 * x.cwiseAbs().maxCoeff());
    CHECK((eagerly - x).cwiseAbs().maxCoeff() < 1e-12 * x.cwiseAbs().maxCoeff());
  };
  runs(greedy::Solver{});
  runs(tw::Churn<greedy::Solver>{.amount = 2});
  runs(tw::Ancestral<greedy::Solver>{});
  runs(tw::PredictorCorrector<greedy::Solver>{});
  runs(tw::WithStarter<tw::DPMSolverPP2M, greedy::Solver>{});
  runs(tw::SDEHeun{});
  runs(tw::SEEDS3{});
  const Eigen::MatrixXd x =
      tw::sample(process, greedy::Model{}, greedy::Solver{}, grid, {.dim = 2, .count = 3});
  CHECK(x.allFinite());
}
