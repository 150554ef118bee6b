// SPDX-License-Identifier: MIT
// What does a standard normal cost? Ours against the standard library's, per number.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include <tweedie/noise/noise.hpp>

template <class T>
void ours(benchmark::State& state) {
  const std::int64_t dim = state.range(0), count = 8192 / dim;
  std::vector<T> z(static_cast<std::size_t>(dim * count));
  int draw = 0;
  for (auto _ : state) {
    tweedie::Noise{.seed = 1}.fill(++draw, dim, 0, dim * count, z.data());
    benchmark::DoNotOptimize(z.data());
  }
  state.SetItemsProcessed(state.iterations() * dim * count);
}
BENCHMARK_TEMPLATE(ours, float)->Arg(2)->Arg(8192);
BENCHMARK_TEMPLATE(ours, double)->Arg(2)->Arg(8192);

template <class T>
void standard(benchmark::State& state) {
  std::vector<T> z(8192);
  std::mt19937_64 engine(1);
  std::normal_distribution<T> normal;
  for (auto _ : state) {
    for (T& number : z) number = normal(engine);
    benchmark::DoNotOptimize(z.data());
  }
  state.SetItemsProcessed(state.iterations() * 8192);
}
BENCHMARK_TEMPLATE(standard, float);
BENCHMARK_TEMPLATE(standard, double);
