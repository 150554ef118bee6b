// SPDX-License-Identifier: MIT
// What does making a plan cost, and making it ready to run, per step?
#include <benchmark/benchmark.h>

#include <tweedie/grid/spacing.hpp>
#include <tweedie/plan/by_name.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/run/sampler.hpp>

namespace tw = tweedie;

void plan(benchmark::State& state, const char* name) {
  const tw::VP process;
  const tw::AnySolver solver = name;
  const tw::Grid grid = tw::karras(process, 50, {.to_zero = false});
  for (auto _ : state) benchmark::DoNotOptimize(tw::make_plan(process, solver, grid));
  state.SetItemsProcessed(state.iterations() * 50);
}
void sampler(benchmark::State& state, const char* name) {
  const tw::VP process;
  const tw::Plan plan = tw::make_plan(process, name, tw::karras(process, 50, {.to_zero = false}));
  const auto model = tw::predicts_epsilon([](const auto& x, double, auto& out) { out = x; });
  Eigen::Vector2d x(1, 1);
  for (auto _ : state) {
    tw::Sampler sampler(plan, model, x);
    benchmark::DoNotOptimize(sampler);
  }
  state.SetItemsProcessed(state.iterations() * 50);
}
BENCHMARK_CAPTURE(plan, ddim, "ddim");
BENCHMARK_CAPTURE(plan, dpmpp_2m, "dpmpp_2m");
BENCHMARK_CAPTURE(plan, heun, "heun");
BENCHMARK_CAPTURE(plan, deis, "deis");
BENCHMARK_CAPTURE(plan, unipc, "unipc");
BENCHMARK_CAPTURE(plan, sa_solver, "sa_solver");
BENCHMARK_CAPTURE(sampler, dpmpp_2m, "dpmpp_2m");
BENCHMARK_CAPTURE(sampler, sa_solver, "sa_solver");
