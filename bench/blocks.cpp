// SPDX-License-Identifier: MIT
// What do blocks of columns and threads gain, for a model that costs little and treats columns
// independently? Samples of 112 numbers, as an action chunk of a robot has.
#include <benchmark/benchmark.h>

#include <tweedie/grid/spacing.hpp>
#include <tweedie/parallel/blocked_sampler.hpp>
#include <tweedie/parallel/threads.hpp>
#include <tweedie/plan/by_name.hpp>
#include <tweedie/process/vp.hpp>

namespace {

namespace tw = tweedie;

constexpr Eigen::Index dim = 112, count = 40000;

const auto model = tw::predicts_epsilon([](const auto& x, double, auto& out) { out = 0.5f * x; });

void run(benchmark::State& state, const char* name, auto make) {
  const tw::VP process;
  const tw::Plan plan = tw::make_plan(process, name, tw::uniform(process, 12, {.to_zero = false}));
  Eigen::MatrixXf x(dim, count);
  auto sampler = make(plan, x);
  for (auto _ : state) {
    x.setOnes();
    sampler(x, tw::Noise{});
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * 12 * dim * count);
}

void whole(benchmark::State& state, const char* name) {
  run(state, name, [](const tw::Plan& plan, auto& x) { return tw::Sampler(plan, model, x); });
}
void blocks(benchmark::State& state, const char* name) {
  run(state, name,
      [](const tw::Plan& plan, auto& x) { return tw::BlockedSampler(plan, model, x); });
}
void two_threads(benchmark::State& state, const char* name) {
  tw::Threads threads(2);
  run(state, name, [&](const tw::Plan& plan, auto& x) {
    return tw::BlockedSampler(plan, model, x, {}, threads);
  });
}
BENCHMARK_CAPTURE(whole, dpmpp_2m, "dpmpp_2m")->UseRealTime();
BENCHMARK_CAPTURE(blocks, dpmpp_2m, "dpmpp_2m")->UseRealTime();
BENCHMARK_CAPTURE(two_threads, dpmpp_2m, "dpmpp_2m")->UseRealTime();
BENCHMARK_CAPTURE(whole, euler_maruyama, "euler_maruyama")->UseRealTime();
BENCHMARK_CAPTURE(blocks, euler_maruyama, "euler_maruyama")->UseRealTime();
BENCHMARK_CAPTURE(two_threads, euler_maruyama, "euler_maruyama")->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
