// SPDX-License-Identifier: MIT
// What does an update row cost, per element? The row kernel against one Eigen expression, in place,
// with two to five terms, in cache and out of it.
#include <benchmark/benchmark.h>

#include <Eigen/Core>

#include <vector>

#include <tweedie/run/kernel.hpp>

namespace {

struct Arrays {
  std::vector<Eigen::ArrayXf> data;
  explicit Arrays(const benchmark::State& state)
      : data(static_cast<std::size_t>(state.range(0)), Eigen::ArrayXf::Ones(state.range(1))) {}
};

void sizes(benchmark::internal::Benchmark* b) {
  for (int terms : {2, 3, 5})
    for (int size : {3072, 196608, 3145728}) b->Args({terms, size});
}

}  // namespace

void kernel(benchmark::State& state) {
  Arrays arrays(state);
  std::vector<tweedie::executor::Weighted<float>> terms;
  for (auto& array : arrays.data) terms.push_back({array.data(), terms.empty() ? 0.99f : 0.01f});
  for (auto _ : state) {
    tweedie::executor::combine<float>(arrays.data[0].data(), arrays.data[0].size(), terms);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * state.range(1));
}
BENCHMARK(kernel)->Apply(sizes);

void eigen(benchmark::State& state) {
  Arrays arrays(state);
  auto& a = arrays.data;
  const float w = 0.99f, v = 0.01f;
  for (auto _ : state) {
    if (a.size() == 2) a[0] = w * a[0] + v * a[1];
    if (a.size() == 3) a[0] = w * a[0] + v * a[1] + v * a[2];
    if (a.size() == 5) a[0] = w * a[0] + v * a[1] + v * a[2] + v * a[3] + v * a[4];
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * state.range(1));
}
BENCHMARK(eigen)->Apply(sizes);
