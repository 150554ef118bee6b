// SPDX-License-Identifier: MIT
// What does a solver cost per network evaluation, beyond the network? Every solver of the list, with
// a model that does nothing, beside x <- a x + b m in place, which is the limit of the memory.
#include <benchmark/benchmark.h>

#include <cmath>
#include <string>
#include <vector>

#include <tweedie/grid/spacing.hpp>
#include <tweedie/model/preconditioned.hpp>
#include <tweedie/plan/by_name.hpp>
#include <tweedie/plan/fold.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/run/sampler.hpp>

namespace {

namespace tw = tweedie;

template <class T>
void limit(benchmark::State& state, std::int64_t size) {
  using Array = Eigen::Array<T, Eigen::Dynamic, 1>;
  Array x = Array::Ones(size), m = Array::Ones(size);
  const tw::executor::Weighted<T> terms[] = {{x.data(), T(0.5)}, {m.data(), T(0.5)}};
  for (auto _ : state) {
    tw::executor::combine<T>(x.data(), size, terms);
    benchmark::ClobberMemory();
  }
  state.SetBytesProcessed(state.iterations() * size * 3 * std::int64_t{sizeof(T)});
}

template <class T>
void solver(benchmark::State& state, const std::string& name, std::int64_t size) {
  const tw::VP process;
  const tw::Plan plan = tw::make_plan(process, name, tw::uniform(process, 12, {.to_zero = false}));
  bool first = true;
  const auto model = tw::predicts_epsilon([&first](const auto&, double, auto& out) {
    if (first) out.setZero();  // buffers without numbers in them may be slow
  });
  Eigen::Matrix<T, Eigen::Dynamic, 1> x(size);
  tw::Sampler sampler(plan, model, x);
  x.setZero();
  sampler(x, tw::Noise{});
  first = false;
  for (auto _ : state) {
    sampler(x, tw::Noise{});
    benchmark::ClobberMemory();
  }
  std::int64_t arrays = 0;  // that the update rows read and write
  for (const tw::Row& row :
       tw::lowering::fold(tw::lowering::share_draws(plan), tw::Prediction::epsilon))
    if (std::holds_alternative<tw::Update>(row)) {
      ++arrays;
      tw::for_each_input(row, [&](int) { ++arrays; });
    }
  state.SetItemsProcessed(state.iterations() * plan.nfe());
  state.SetBytesProcessed(state.iterations() * arrays * size * std::int64_t{sizeof(T)});
}

/// 2M with EDM's preconditioning: in the plan's coefficients, and written by hand around the network.
template <class T>
void preconditioning(benchmark::State& state, bool by_hand, std::int64_t size) {
  using X = Eigen::Matrix<T, Eigen::Dynamic, 1>;
  const tw::EDM process;
  const tw::EDMPreconditioning kind{.sigma_data = 0.5};
  const tw::Plan plan =
      tw::make_plan(process, "dpmpp_2m", tw::karras(process, 12, {.to_zero = false}));
  bool first = true;
  const auto network = [&first](const auto&, double, auto& out) {
    if (first) out.setZero();
  };
  X x = X::Zero(size), scaled(size);
  const auto run = [&](auto& sampler) {
    sampler(x, tw::Noise{});
    first = false;
    for (auto _ : state) {
      sampler(x, tw::Noise{});
      benchmark::ClobberMemory();
    }
  };
  if (by_hand) {
    const auto model = tw::predicts_data([&](const auto& in, const tw::Call& call, auto& out) {
      const double sigma = call.level.sigma(), total = sigma * sigma + 0.25;
      scaled = T(1 / std::sqrt(total)) * in;
      network(scaled, std::log(sigma) / 4, out);
      out = T(0.25 / total) * in + T(0.5 * sigma / std::sqrt(total)) * out;
    });
    tw::Sampler sampler(plan, model, x);
    run(sampler);
  } else {
    tw::Sampler sampler(plan, tw::preconditioned(kind, network), x);
    run(sampler);
  }
  state.SetItemsProcessed(state.iterations() * plan.nfe());
}

template <class T>
void register_all(const std::string& type, std::int64_t size) {
  const std::string end = "/" + type + "/" + std::to_string(size);
  benchmark::RegisterBenchmark(("limit" + end).c_str(), limit<T>, size);
  for (const std::string& name : tw::solver_names())
    benchmark::RegisterBenchmark((name + end).c_str(), solver<T>, name, size);
  benchmark::RegisterBenchmark(("preconditioned" + end).c_str(), preconditioning<T>, false, size);
  benchmark::RegisterBenchmark(("preconditioned by hand" + end).c_str(), preconditioning<T>, true,
                               size);
}

}  // namespace

int main(int argc, char** argv) {
  for (std::int64_t size : {2, 3072, 196608, 3145728}) {
    register_all<float>("float", size);
    register_all<double>("double", size);
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
