// SPDX-License-Identifier: MIT
// What does a standard normal cost? Ours against the standard library's and Boost's ziggurat, per
// number.
#include <benchmark/benchmark.h>

#include <boost/random/normal_distribution.hpp>

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
void ahead(benchmark::State& state) {  // sixteen draws of one small sample, as a sampler makes them
  std::vector<T> z(16 * static_cast<std::size_t>(state.range(0)));
  int draw = 0;
  for (auto _ : state) {
    tweedie::Noise{.seed = 1}.fill_draws(draw += 16, 16, state.range(0), 1, z.data());
    benchmark::DoNotOptimize(z.data());
  }
  state.SetItemsProcessed(state.iterations() * 16 * state.range(0));
}
BENCHMARK_TEMPLATE(ahead, double)->Arg(2);

template <class Normal>
void sequential(benchmark::State& state) {
  std::vector<typename Normal::result_type> z(8192);
  std::mt19937_64 engine(1);
  Normal normal;
  for (auto _ : state) {
    for (auto& number : z) number = normal(engine);
    benchmark::DoNotOptimize(z.data());
  }
  state.SetItemsProcessed(state.iterations() * 8192);
}
BENCHMARK_TEMPLATE(sequential, std::normal_distribution<float>)->Name("std/float");
BENCHMARK_TEMPLATE(sequential, std::normal_distribution<double>)->Name("std/double");
BENCHMARK_TEMPLATE(sequential, boost::random::normal_distribution<float>)->Name("boost/float");
BENCHMARK_TEMPLATE(sequential, boost::random::normal_distribution<double>)->Name("boost/double");
