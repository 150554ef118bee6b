// SPDX-License-Identifier: MIT
// What would it cost otherwise? Samplers written by hand on Eigen, with the temporaries that such
// programs have, and Boost.odeint's fixed steps, beside ours: per evaluation of the model, which is
// part of the time and the same everywhere.
#include <benchmark/benchmark.h>

#include <boost/numeric/odeint.hpp>

#include <random>
#include <vector>

#include <tweedie/grid/spacing.hpp>
#include <tweedie/plan/by_name.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/run/sampler.hpp>

namespace {

namespace tw = tweedie;
using Array = Eigen::ArrayXf;

constexpr int steps = 12;

void sizes(benchmark::internal::Benchmark* b) {
  for (int size : {2, 3072, 196608, 3145728}) b->Arg(size);
}

tw::Grid grid() {
  return tw::karras(tw::EDM{}, steps, {.to_zero = false});
}

void ours(benchmark::State& state, const char* name) {
  const tw::Plan plan = tw::make_plan(tw::EDM{}, name, grid());
  const auto model = tw::predicts_data([](const auto& x, double, auto& out) { out = 0.5f * x; });
  Array x = Array::Ones(state.range(0));
  tw::Sampler sampler(plan, model, x);
  for (auto _ : state) {
    x.setOnes();
    sampler(x, tw::Noise{});
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * steps * state.range(0));
}
BENCHMARK_CAPTURE(ours, euler, "euler")->Apply(sizes);
BENCHMARK_CAPTURE(ours, dpmpp_2m, "dpmpp_2m")->Apply(sizes);
BENCHMARK_CAPTURE(ours, euler_ancestral, "euler_ancestral")->Apply(sizes);

template <class Sample>
void by_hand(benchmark::State& state, Sample sample) {
  const auto model = [](const Array& x) { return Array(0.5f * x); };
  std::vector<float> sigmas;
  for (const tw::Level& l : grid().levels()) sigmas.push_back(static_cast<float>(l.sigma()));
  Array x(state.range(0));
  for (auto _ : state) {
    x.setOnes();
    x = sample(model, x, sigmas);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * steps * state.range(0));
}

void euler_by_hand(benchmark::State& state) {
  by_hand(state, [](const auto& model, Array x, const std::vector<float>& sigmas) {
    for (std::size_t k = 0; k + 1 < sigmas.size(); ++k) {
      const Array denoised = model(x), d = (x - denoised) / sigmas[k];
      x = x + d * (sigmas[k + 1] - sigmas[k]);
    }
    return x;
  });
}
BENCHMARK(euler_by_hand)->Name("by_hand/euler")->Apply(sizes);

void dpmpp_2m_by_hand(benchmark::State& state) {
  by_hand(state, [](const auto& model, Array x, const std::vector<float>& sigmas) {
    Array old;
    for (std::size_t k = 0; k + 1 < sigmas.size(); ++k) {
      const Array denoised = model(x);
      const float h = std::log(sigmas[k] / sigmas[k + 1]), ratio = sigmas[k + 1] / sigmas[k];
      if (k == 0) {
        x = ratio * x - std::expm1(-h) * denoised;
      } else {
        const float r = std::log(sigmas[k - 1] / sigmas[k]) / h;
        const Array d = (1 + 1 / (2 * r)) * denoised - (1 / (2 * r)) * old;
        x = ratio * x - std::expm1(-h) * d;
      }
      old = denoised;
    }
    return x;
  });
}
BENCHMARK(dpmpp_2m_by_hand)->Name("by_hand/dpmpp_2m")->Apply(sizes);

void euler_ancestral_by_hand(benchmark::State& state) {
  std::mt19937_64 engine(1);
  std::normal_distribution<float> normal;
  by_hand(state, [&](const auto& model, Array x, const std::vector<float>& sigmas) {
    for (std::size_t k = 0; k + 1 < sigmas.size(); ++k) {
      const float from = sigmas[k], to = sigmas[k + 1];
      const float up = to * std::sqrt(1 - to * to / (from * from)),
                  down = std::sqrt(to * to - up * up);
      const Array d = (x - model(x)) / from,
                  z = Array::NullaryExpr(x.size(), [&] { return normal(engine); });
      x = x + d * (down - from) + z * up;
    }
    return x;
  });
}
BENCHMARK(euler_ancestral_by_hand)->Name("by_hand/euler_ancestral")->Apply(sizes);

// dx/dt = -x / (1 + t^2) in double.
void rk4_ours(benchmark::State& state) {
  const tw::Plan plan =
      tw::make_plan(tw::EDM{}, "rk4_time", tw::uniform(tw::EDM{}, steps, {.to_zero = false}));
  const auto model =
      tw::predicts_velocity([](const auto& x, double t, auto& out) { out = -1 / (1 + t * t) * x; });
  Eigen::ArrayXd x(state.range(0));
  tw::Sampler sampler(plan, model, x);
  for (auto _ : state) {
    x.setOnes();
    sampler(x, tw::Noise{});
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * 4 * steps * state.range(0));
}
BENCHMARK(rk4_ours)->Name("ours/rk4_time")->Apply(sizes);

template <class Stepper>
void odeint(benchmark::State& state, int evaluations) {
  using State = std::vector<double>;
  State x(static_cast<std::size_t>(state.range(0)));
  const auto system = [](const State& y, State& dydt, double t) {
    const double rate = -1 / (1 + t * t);
    for (std::size_t k = 0; k < y.size(); ++k) dydt[k] = rate * y[k];
  };
  Stepper stepper;
  for (auto _ : state) {
    std::fill(x.begin(), x.end(), 1.0);
    double t = 80;
    for (int k = 0; k < steps; ++k, t -= 6) stepper.do_step(system, x, t, -6.0);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * evaluations * steps * state.range(0));
}
void rk4_odeint(benchmark::State& state) {
  odeint<boost::numeric::odeint::runge_kutta4<std::vector<double>>>(state, 4);
}
void dopri5_odeint(benchmark::State& state) {
  odeint<boost::numeric::odeint::runge_kutta_dopri5<std::vector<double>>>(state, 6);
}
BENCHMARK(rk4_odeint)->Name("odeint/rk4_time")->Apply(sizes);
BENCHMARK(dopri5_odeint)->Name("odeint/dopri5")->Apply(sizes);

}  // namespace

BENCHMARK_MAIN();
