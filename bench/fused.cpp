// SPDX-License-Identifier: MIT
// What does a row with noise cost beside its noise alone? One step x <- a x + b score + c z, and the
// same numbers z made into a buffer in cache.
#include <benchmark/benchmark.h>

#include <tweedie/grid/spacing.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/run/sampler.hpp>
#include <tweedie/solver/sde/euler_maruyama.hpp>

namespace tw = tweedie;

template <class T>
void fused(benchmark::State& state) {
  const tw::VP process;
  const tw::Plan plan =
      tw::make_plan(process, tw::EulerMaruyama{.last_noise = true},
                    tw::uniform(process, 1, {.t_max = 0.5, .t_min = 0.45, .to_zero = false}));
  const auto model = tw::predicts_score([](const auto&, double, auto&) {});
  Eigen::Matrix<T, Eigen::Dynamic, 1> x(state.range(0));
  tw::Sampler sampler(plan, model, x);
  x.setZero();
  for (auto _ : state) {
    x[0] = 0;
    sampler(x, tw::Noise{});
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

template <class T>
void noise_alone(benchmark::State& state) {
  constexpr std::int64_t piece = 512;
  std::array<T, piece> z;
  for (auto _ : state)
    for (std::int64_t begin = 0; begin < state.range(0); begin += piece) {
      tw::Noise{}.fill(1, state.range(0), begin, piece, z.data());
      benchmark::DoNotOptimize(z.data());
    }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK_TEMPLATE(fused, float)->Arg(3072)->Arg(196608)->Arg(3145728);
BENCHMARK_TEMPLATE(noise_alone, float)->Arg(3072)->Arg(196608)->Arg(3145728);
BENCHMARK_TEMPLATE(fused, double)->Arg(3072)->Arg(196608)->Arg(3145728);
BENCHMARK_TEMPLATE(noise_alone, double)->Arg(3072)->Arg(196608)->Arg(3145728);
