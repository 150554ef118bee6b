// SPDX-License-Identifier: MIT
// What does tuning cost, with a network that costs nothing beside it, and what do the rows that it makes cost
// beyond the network, on 256 samples of 3072 floats: dense ones, ones that read a window, and a multistep
// solver's?
#include <benchmark/benchmark.h>

#include <tweedie/analysis/order.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/tuning/tune.hpp>

namespace {

namespace tw = tweedie;
using Eigen::MatrixXf;

void tune(benchmark::State& state) {
  const tw::Mixture network = tw::order_target();
  for (auto _ : state)
    benchmark::DoNotOptimize(
        tw::tune(tw::EDM{}, network, {.nfe = static_cast<int>(state.range(0)), .dim = 3}));
  state.SetItemsProcessed(state.iterations());
}
void universal(benchmark::State& state) {
  for (auto _ : state)
    benchmark::DoNotOptimize(tw::universal(tw::EDM{}, static_cast<int>(state.range(0))));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(tune)->Arg(5)->Arg(10)->Arg(20)->Unit(benchmark::kMillisecond);
BENCHMARK(universal)->Arg(5)->Arg(10)->Arg(20)->Unit(benchmark::kMillisecond);

tw::Plan fitted(int nfe, int window) {
  const tw::EDM edm;
  const tw::Mixture network = tw::order_target();
  const tw::Grid grid = tw::focused(edm, nfe);
  Eigen::MatrixXd start(3, 64);
  tw::prior(grid.front(), start, tw::Noise{});
  const tw::Pilots pilots = tw::fine_run(edm, network, grid, start, tw::Noise{});
  return tw::fit_rows(network, grid, pilots, tw::make_plan(edm, tw::DPMSolverPP2M{}, grid),
                      {.window = window});
}
void rows(benchmark::State& state, const tw::Plan& plan) {
  bool first = true;
  const auto nothing = tw::predicts_data([&first](const auto&, double, auto& out) {
    if (first) out.setZero();
  });
  MatrixXf x = MatrixXf::Zero(3072, 256);
  tw::Sampler sampler(plan, nothing, x);
  sampler(x, tw::Noise{});
  first = false;
  for (auto _ : state) {
    sampler(x, tw::Noise{});
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * plan.nfe() * x.size());
}
void dense(benchmark::State& state) {
  rows(state, fitted(static_cast<int>(state.range(0)), 1000));
}
void window(benchmark::State& state) {
  rows(state, fitted(static_cast<int>(state.range(0)), 4));
}
void dpmpp_2m(benchmark::State& state) {
  const tw::EDM edm;
  rows(state,
       tw::make_plan(edm, tw::DPMSolverPP2M{}, tw::focused(edm, static_cast<int>(state.range(0)))));
}
BENCHMARK(dense)->Arg(5)->Arg(10)->Arg(20);
BENCHMARK(window)->Arg(5)->Arg(10)->Arg(20);
BENCHMARK(dpmpp_2m)->Arg(5)->Arg(10)->Arg(20);

}  // namespace
