// SPDX-License-Identifier: MIT
// Random plans: processes, predictions, solvers with random options and wrappers, grids to both
// ends, states and noise sources. Whatever is drawn either throws Error or keeps to the properties
// below.
//     random_plans [count] [first seed]
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <tweedie/analysis/moments.hpp>
#include <tweedie/grid/restart.hpp>
#include <tweedie/grid/timesteps.hpp>
#include <tweedie/parallel/blocked_sampler.hpp>
#include <tweedie/plan/amplification.hpp>
#include <tweedie/plan/eager.hpp>
#include <tweedie/plan/plan_from.hpp>
#include <tweedie/plan/text.hpp>
#include <tweedie/process/betas.hpp>
#include <tweedie/process/cosine.hpp>
#include <tweedie/process/custom.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/flow.hpp>
#include <tweedie/process/sub_vp.hpp>
#include <tweedie/process/tabulated_vp.hpp>
#include <tweedie/process/ve.hpp>
#include <tweedie/process/vp.hpp>

#include "support/predicting.hpp"
#include "support/registry.hpp"
#include "support/version_1.hpp"

namespace tw = tweedie;

namespace {

/// Data N(mean, variance), any prediction, from the state alone.
struct Network {
  tw::Prediction prediction;
  double mean, variance;

  void operator()(const auto& x, const tw::Call& call, auto& out) const {
    using T = typename std::decay_t<decltype(out)>::Scalar;
    const tw::Level& l = call.level;
    const tw::PredictionRow row = tw::row_of(prediction, l);
    const double slope = tw::lowering::slope(row, l, variance);
    const double of_mean = row.data == 0 ? 0 : row.data / row.divisor;
    const double shift = (of_mean - l.scale * slope) * mean;
    out.array() = static_cast<T>(slope) * x.array() + static_cast<T>(shift);
  }
};

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  int below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(engine_); }
  double real(double a, double b) { return std::uniform_real_distribution<double>(a, b)(engine_); }
  /// Uniform in the logarithm.
  double size(double a, double b) { return std::exp(real(std::log(a), std::log(b))); }
  bool chance(double p) { return real(0, 1) < p; }

 private:
  std::mt19937 engine_;
};

tw::AnyProcess random_process(Dice& dice) {
  switch (dice.below(9)) {
    case 0: return tw::VP{.beta_min = dice.size(0.001, 2), .beta_max = dice.size(2, 200)};
    case 1: return tw::VE{.sigma_min = dice.size(1e-4, 0.5), .sigma_max = dice.size(1, 1e4)};
    case 2: return tw::EDM{.t_min = dice.size(1e-5, 0.1), .t_max = dice.size(1, 1e4)};
    case 3: return tw::Flow{};
    case 4: return tw::SubVP{.beta_max = dice.size(2, 60)};
    case 5: return tw::Cosine{.t_max = dice.chance(0.5) ? 1 : dice.real(0.5, 0.999)};
    case 6: {
      const int N = 3 + dice.below(300);
      auto betas = tw::linear_betas(N, dice.size(1e-5, 1e-3), dice.size(0.01, 0.5));
      if (dice.chance(0.4)) betas = tw::rescaled_to_zero_terminal_snr(betas);
      return tw::TabulatedVP::from_betas(betas);
    }
    case 7: return tw::Flow{.t_max = 1 - dice.size(1e-14, 0.3)};
    default:
      return tw::CustomProcess([](auto t) { return 1 / (1 + t); },
                               [](auto t) { return 3 * t * (1 + t); }, 0.01, 3);
  }
}

tw::Grid random_grid(Dice& dice, const tw::AnyProcess& process) {
  const int n = 1 + dice.below(dice.chance(0.1) ? 200 : 14);
  tw::NoiseRange range{.to_zero = dice.chance(0.5)};
  if (dice.chance(0.3)) range.sigma_min = dice.size(1e-8, 0.5);
  if (dice.chance(0.3)) range.sigma_max = dice.size(1, 1e6);
  std::optional<tw::Grid> grid;
  switch (dice.below(6)) {
    case 0: grid = tw::karras(process, n, range, dice.real(1, 10)); break;
    case 1: grid = tw::log_snr(process, n, range); break;
    case 2: grid = tw::power(process, n, dice.real(0.5, 3), range); break;
    case 3: grid = tw::uniform(process, n, range); break;
    case 4: grid = tw::polyexponential(process, n, dice.real(0.5, 3), range); break;
    default: {  // any sigmas, some nearly equal
      std::vector<double> sigmas;
      for (int k = 0; k <= n; ++k)
        sigmas.push_back(k > 0 && dice.chance(0.2) ? sigmas.back() * (1 - dice.size(1e-13, 1e-2))
                                                   : dice.size(1e-4, 1e3));
      std::sort(sigmas.rbegin(), sigmas.rend());
      grid = tw::from_sigmas(process, sigmas, {.to_zero = range.to_zero});
    }
  }
  return dice.chance(0.12) ? tw::reversed(*grid) : *grid;
}

/// Calls use(solver) for a random one, with its own type.
void with_random_solver(Dice& dice, auto&& use) {
  const auto lower = [&]() -> tw::LowerOrder {
    return dice.chance(0.7) ? tw::LowerOrder{} : tw::LowerOrder{dice.below(30), dice.chance(0.5)};
  };
  const double eta = dice.chance(0.3) ? 0 : dice.real(0, 1.5), s_noise = dice.real(0, 1.2);
  const int order = 1 + dice.below(4);
  const auto weight =
      dice.chance(0.5) ? tw::DifferenceWeight::midpoint : tw::DifferenceWeight::taylor;
  const auto variant = static_cast<tw::UniPCVariant>(dice.below(3));
  switch (dice.below(24)) {
    case 0: return use(tw::DDIM{std::min(eta, 1.0), s_noise});
    case 1: return use(tw::DPMSolverPP2M{eta, s_noise, weight, 2, lower()});
    case 2: return use(tw::DPMSolverPP3M{eta, s_noise, weight, dice.real(1, 2), lower()});
    case 3: return use(tw::DPMSolver3M{.lower_order = lower()});
    case 4: return use(tw::UniPC{order, variant, lower()});
    case 5: return use(tw::UniPCEpsilon{std::min(order, 3), variant, lower()});
    case 6: return use(tw::LMS{order, lower(), dice.chance(0.2)});
    case 7: return use(tw::DEIS{order, lower()});
    case 8: return use(tw::REAB{order, lower()});
    case 9: return use(tw::ExponentialAB{order, lower()});
    case 10: return use(tw::LogRhoAB{order, lower()});
    case 11: return use(tw::IPNDM{std::min(order, 4), lower()});
    case 12:
      return use(tw::SASolver{.tau = eta,
                              .predictor = order,
                              .corrector = dice.below(6),
                              .pece = dice.chance(0.3),
                              .s_noise = s_noise,
                              .lower_order = lower()});
    case 13: return use(tw::ERSDE{.terms = 1 + dice.below(3), .lower_order = lower()});
    case 14: return use(tw::SEEDS3{.eta = eta, .s_noise = s_noise, .difference_weight = weight});
    case 15: return use(tw::DPMSolverPPSDE{.eta = eta, .s_noise = s_noise, .r = dice.real(0.1, 1)});
    case 16: return use(tw::DPMSolverPP2S{dice.real(0.1, 1), weight});
    case 17: return use(tw::Churn{tw::Heun<tw::InSigma>{}, dice.real(0, 60)});
    case 18: return use(tw::Ancestral{tw::DPMSolverPP3S{}, eta});
    case 19: return use(tw::PredictorCorrector{tw::DDPM{}, dice.real(0.01, 0.5), dice.below(3)});
    case 20: return use(tw::WithStarter{tw::LMS{order, lower()}});
    case 21: return use(tw::Churn{tw::Ancestral{tw::DDIM{}, eta}, dice.real(0, 20)});
    case 22: return use(tw::GradientEstimation{dice.real(1, 3)});
    default: return use(tw::EulerMaruyama{.eta = eta, .last_noise = dice.chance(0.5)});
  }
}

/// Roundings of the run, or of the rows as they are before they are folded.
double roundings(const tw::Plan& plan, tw::Prediction given) {
  return std::max(
      {1.0, tw::rounding(plan, given), tw::lowering::rounding(plan.rows(), plan.intervals())});
}

int failures = 0;
unsigned seed_of_plan = 0;

void expect(bool ok, const std::string& what, const std::string& solver) {
  if (ok) return;
  if (++failures <= 20)
    std::fprintf(stderr, "seed %u, %s: %s\n", seed_of_plan, solver.c_str(), what.c_str());
}

/// Whether x is what the exact moments say, by the run's own affine map: its answer to the start,
/// and to each draw.
void check_moments(const tw::Plan& plan, const Network& network) {
  const int draws = plan.draw_count();
  if (draws > 40) return;
  std::vector<Eigen::MatrixXd> all;
  Eigen::MatrixXd x = Eigen::MatrixXd::Zero(1, draws + 2);  // 0, the start, then each draw
  for (int k = 0; k <= draws; ++k) {
    all.push_back(Eigen::MatrixXd::Zero(1, draws + 2));
    all.back()(0, k + 1) = k == 0 ? plan.from().std : 1;
  }
  x(0, 1) = plan.from().std;
  tw::Sampler(plan, network, x)(x, tw::RecordedNoise(all));
  const double mean = x(0, 0), variance = (x.array() - mean).square().sum();
  const auto data = tw::Gaussian::diagonal(Eigen::VectorXd::Constant(1, network.mean),
                                           Eigen::VectorXd::Constant(1, network.variance));
  const tw::Moments exact = tw::moments(plan, data);
  const double error =
      1e-13 * roundings(plan, network.prediction) * (1 + std::abs(mean) + std::sqrt(variance));
  expect(std::abs(mean - exact.mean[0]) <= error,
         tw::sentence({"the mean is ", mean, ", by moments() ", exact.mean[0]}), plan.solver());
  expect(std::abs(std::sqrt(variance) - std::sqrt(exact.covariance(0, 0))) <= error,
         "the variance is not moments()'s", plan.solver());
}

/// Whether both versions of its text are read as the plan.
void check_text(const tw::Plan& plan) {
  const std::string text = tw::text(plan);
  for (const std::string& version : {text, version_1(plan)}) try {
      std::istringstream in(version);
      const tw::Plan again = tw::plan_from(in);
      expect(again == plan && tw::text(again) == text, "its text is another plan", plan.solver());
    } catch (const tw::Error& error) {
      expect(false, error.what(), plan.solver());
    }
}

/// Returns whether there was a plan that a sampler took.
bool one(unsigned seed) {
  seed_of_plan = seed;
  Dice dice(seed);
  bool ran = false;
  try {
    const tw::AnyProcess process = random_process(dice);
    const tw::Grid grid = random_grid(dice, process);
    const Network network{static_cast<tw::Prediction>(dice.below(5)), dice.real(-2, 2),
                          dice.chance(0.2) ? 0 : dice.size(1e-3, 1)};
    with_random_solver(dice, [&](const auto& solver) {
      const tw::Plan plan = tw::make_plan(process, solver, grid);
      const std::string& name = plan.solver();
      check_text(plan);
      const Eigen::Index dim = 1 + dice.below(40), count = 1 + dice.below(9);
      Eigen::MatrixXd x(dim, count);
      const tw::Noise noise{.seed = seed};
      tw::prior(plan.from(), x, noise);
      const Eigen::MatrixXd start = x;
      tw::Sampler sampler(plan, network, x);
      sampler(x, noise);
      ran = true;
      expect(x.allFinite(), "not finite", name);

      Eigen::MatrixXd again = start;
      for (auto step : sampler.steps(again, noise)) static_cast<void>(step);
      expect(again == x, "steps() differ", name);

      tw::BlockedSampler blocked(plan, network, start, {.columns = 1 + dice.below(4)});
      again = start;
      blocked(again, noise);
      expect(again == x, "blocks differ", name);

      // Of a plan that multiplies every error its numbers are not to be had twice.
      const bool sound = tw::model_error(plan) < 1e3;
      if (grid.steps() < 30 && sound) {
        const double error = 1e-13 * roundings(plan, network.prediction);
        const Eigen::MatrixXd eager = tw::run_eagerly(process, solver, grid, network, start, noise);
        expect((eager - x).cwiseAbs().maxCoeff() <= error * (1 + x.cwiseAbs().maxCoeff()),
               tw::sentence({"the eager run differs by ", (eager - x).cwiseAbs().maxCoeff()}),
               name);
        // At clean data that are one point no other state is possible.
        if (network.variance > 0 || !plan.from().is_clean_data()) check_moments(plan, network);
      }
      if (!sound) return;
      Eigen::MatrixXf y = start.cast<float>();
      tw::Sampler in_float(plan, network, y);
      in_float(y, tw::Noise{.seed = seed});
      Eigen::MatrixXd z = start;
      sampler(z, tw::Noise{.seed = seed, .as_float = true});
      const double size = 1 + z.cwiseAbs().maxCoeff();
      expect((y.cast<double>() - z).cwiseAbs().maxCoeff() < 5e-3 * size,
             tw::sentence({"float differs by ", (y.cast<double>() - z).cwiseAbs().maxCoeff(),
                           " of ", size, ", rounding ", tw::rounding(plan, network.prediction)}),
             name);
    });
  } catch (const tw::Error&) {
  }
  return ran;
}

}  // namespace

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 10000;
  const unsigned first = argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : 1;
  int ran = 0;
  for (int k = 0; k < count; ++k) ran += one(first + static_cast<unsigned>(k));
  std::printf("%d draws, %d plans run, %d failures\n", count, ran, failures);
  return failures > 0 || ran < count / 2;
}
