// SPDX-License-Identifier: MIT
// What does a step cost beyond the model, for one sample of two coordinates in double?
#include <benchmark/benchmark.h>

#include <tweedie/grid/spacing.hpp>
#include <tweedie/plan/by_name.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/run/sampler.hpp>

void step(benchmark::State& state, const char* name) {
  const tweedie::VP process;
  const auto model =
      tweedie::predicts_epsilon([](const auto& x, double, auto& out) { out = 0.5 * x; });
  const tweedie::Plan plan = tweedie::make_plan(process, tweedie::solver_named(name),
                                                tweedie::uniform(process, 50, {.to_zero = false}));
  Eigen::Vector2d x(1, 1);
  tweedie::Sampler sampler(plan, model, x);
  for (auto _ : state) {
    x.setOnes();
    sampler(x, tweedie::Noise{});
    benchmark::DoNotOptimize(x);
  }
  state.SetItemsProcessed(state.iterations() * 50);
}
BENCHMARK_CAPTURE(step, ddim, "ddim");
BENCHMARK_CAPTURE(step, dpmpp_2m, "dpmpp_2m");
BENCHMARK_CAPTURE(step, euler_maruyama, "euler_maruyama");
