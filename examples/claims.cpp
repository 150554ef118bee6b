// SPDX-License-Identifier: MIT
// What is said of samplers, measured: on Gaussian data by exact moments, without sampling, elsewhere by
// the distance to the exact solution or by samples.
#include <cstdio>
#include <functional>
#include <string>
#include <tweedie/adaptive/adaptive_sampler.hpp>
#include <tweedie/analysis/moments.hpp>
#include <tweedie/distribution/mixture.hpp>
#include <tweedie/tweedie.hpp>
#include <vector>
namespace tw = tweedie;
using Eigen::MatrixXd, Eigen::VectorXd;

const tw::VP vp;

tw::Gaussian gaussian(double mean, double variance) {
  return tw::Gaussian(VectorXd::Constant(1, mean), MatrixXd::Constant(1, 1, variance));
}
const tw::Gaussian& data() {
  static const tw::Gaussian one = gaussian(0.5, 0.09);
  return one;
}
// The 2-Wasserstein distance of a plan's samples from the data.
double distance(const tw::Plan& plan) {
  const tw::Moments m = tw::moments(plan, data());
  return std::hypot(m.mean[0] - 0.5, std::sqrt(m.covariance(0, 0)) - 0.3);
}

struct NamedGrid {
  const char* name;
  std::function<tw::Grid(int)> of;
};
const std::vector<NamedGrid>& grids() {
  static const std::vector<NamedGrid> all{{"uniform", [](int n) { return tw::uniform(vp, n); }},
                                          {"quadratic", [](int n) { return tw::power(vp, n, 2); }},
                                          {"karras", [](int n) { return tw::karras(vp, n); }},
                                          {"log_snr", [](int n) { return tw::log_snr(vp, n); }}};
  return all;
}

void steps_needed() {
  std::puts(
      "Steps (evaluations) until W2 < 0.01; \"the ODE needs 5 to 10 times fewer steps\",\n"
      "\"RK4 needs 20 to 30 where Euler needs 50 to 100\": true, but of steps, and as the grid "
      "is\n");
  std::printf("%-18s", "");
  for (const NamedGrid& grid : grids()) std::printf("%14s", grid.name);
  std::puts("");
  for (const char* solver : {"euler_maruyama", "ddpm", "ddim", "euler_time", "heun_time",
                             "rk4_time", "dpmpp_2m", "deis"}) {
    std::printf("%-18s", solver);
    for (const NamedGrid& grid : grids()) {
      int n = 2;
      while (n < 1000 && distance(tw::make_plan(vp, solver, grid.of(n))) >= 0.01) n += 1 + n / 20;
      const int nfe = tw::make_plan(vp, solver, grid.of(n)).nfe();
      const std::string cell =
          n < 1000 ? std::to_string(n) + " (" + std::to_string(nfe) + ")" : "over 1000";
      std::printf("%14s", cell.c_str());
    }
    std::puts("");
  }
}

void few_evaluations() {
  std::puts(
      "\nFew evaluations, three clusters, rms distance to the exact ODE: \"very good with fewer "
      "than\n"
      "10 evaluations\" is true of DEIS on a grid that suits it, and not on a uniform one\n");
  std::puts("                  quadratic: 5       8      10   uniform: 5       8      10");
  const tw::Mixture clusters({0.3, 0.3, 0.4},
                             {gaussian(-1, 0.02), gaussian(0.2, 0.01), gaussian(1, 0.03)});
  MatrixXd noise(1, 1000);
  tw::prior(vp.at(1), noise, tw::Noise{.seed = 1});
  MatrixXd exact = noise;
  tw::solve_adaptively(vp, clusters, exact, {.rtol = 1e-10, .atol = 1e-10});
  for (const char* solver : {"ddim", "euler_time", "dpmpp_2m", "unipc", "deis", "ipndm"}) {
    std::printf("%-18s", solver);
    for (const double exponent : {2.0, 1.0})
      for (const int n : {5, 8, 10}) {
        MatrixXd x = noise;
        tw::Sampler(tw::make_plan(vp, solver, tw::power(vp, n, exponent)), clusters, x)(
            x, tw::Noise{});
        std::printf("%*.3f", n == 5 ? 12 : 8, std::sqrt((x - exact).squaredNorm() / 1000));
      }
    std::puts("");
  }
}

void more_steps_at_noise() {
  std::printf(
      "\n\"More steps at high noise are better\": not here. W2 of 20 steps, from dense at low "
      "noise to\n"
      "dense at high noise: ");
  for (const char* solver : {"ddim", "euler_time", "euler_maruyama"})
    std::printf("%s %.3f %.3f %.3f%s", solver,
                distance(tw::make_plan(vp, solver, tw::power(vp, 20, 2))),
                distance(tw::make_plan(vp, solver, tw::uniform(vp, 20))),
                distance(tw::make_plan(vp, solver, tw::quadratic_from_noise(vp, 20))),
                solver[6] == 'm' ? "\n" : "; ");
}

void same_marginals() {
  std::puts(
      "\n\"SDE and ODE have the same marginals, for every eta between\": W2 to the exact one with "
      "4000\n"
      "steps, at t = 0.5, 0.2 and 0.001");
  for (const double eta : {0.0, 0.25, 1.0}) {
    std::printf("eta %-14g", eta);
    for (const double t : {0.5, 0.2, 1e-3}) {
      const tw::Plan plan = tw::make_plan(vp, tw::EulerMaruyama{.eta = eta},
                                          tw::uniform(vp, 4000, {.t_min = t, .to_zero = false}));
      const tw::Moments m = tw::moments(plan, data(), tw::Start::exact);
      const tw::Level l = vp.at(t);
      std::printf("%10.5f",
                  std::hypot(m.mean[0] - 0.5 * l.scale,
                             std::sqrt(m.covariance(0, 0)) - std::hypot(l.scale * 0.3, l.std)));
    }
    std::puts("");
  }
}

void churn() {
  std::puts(
      "\n\"Stochastic steps mend a bad model and harm a good one\": W2 of EDM's sampler with "
      "S_churn 0, 10,\n"
      "40 and 80, with a model that takes the deviation for 0.36 where sigma > 0.5, and an exact "
      "one");
  const tw::EDM edm;
  const tw::Gaussian wrong = gaussian(0.5, 0.13);
  const auto bad = tw::predicts_data([&](const auto& x, const tw::Call& call, auto& out) {
    (call.level.std > 0.5 ? wrong : data())(x, call, out);
  });
  const auto row = [&](const char* name, const auto& model, int steps) {
    std::printf("%-18s", name);
    for (const double amount : {0.0, 10.0, 40.0, 80.0}) {
      const tw::Plan plan = tw::make_plan(edm, tw::Churn<tw::Heun<tw::InSigma>>{.amount = amount},
                                          tw::karras(edm, steps));
      MatrixXd x(1, 40000);
      tw::prior(plan.from(), x, tw::Noise{.seed = 1});
      tw::Sampler(plan, model, x)(x, tw::Noise{.seed = 1});
      std::printf("%8.4f", std::hypot(x.mean() - 0.5,
                                      std::sqrt((x.array() - x.mean()).square().mean()) - 0.3));
    }
    std::puts("");
  };
  row("bad, 511 NFE", bad, 256);
  row("exact, 35 NFE", data(), 18);
  row("exact, 79 NFE", data(), 40);
}

void corrector() {
  std::puts(
      "\n\"A corrector improves the predictor\": on VE at equal evaluations, W2 at 200, 800 and "
      "3200");
  const tw::VE ve;
  const auto row = [&](const char* name, const tw::AnySolver& solver, int per_step) {
    std::printf("%-18s", name);
    for (const int nfe : {200, 800, 3200})
      std::printf("%9.4f", distance(tw::make_plan(ve, solver, tw::uniform(ve, nfe / per_step))));
    std::puts("");
  };
  row("predictor", tw::ReverseDiffusion{}, 1);
  row("with corrector", tw::PredictorCorrector{tw::ReverseDiffusion{}}, 2);
  row("corrector alone", tw::PredictorCorrector<tw::NoPredictor>{}, 1);
}

int main() {
  steps_needed();
  few_evaluations();
  more_steps_at_noise();
  same_marginals();
  churn();
  corrector();
}
