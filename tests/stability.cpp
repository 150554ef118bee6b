// SPDX-License-Identifier: MIT
// What errors do in a run: those of few steps, of the network, and of float.
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <tweedie/analysis/moments.hpp>
#include <tweedie/distribution/gaussian.hpp>
#include <tweedie/grid/timesteps.hpp>
#include <tweedie/plan/amplification.hpp>
#include <tweedie/process/betas.hpp>
#include <tweedie/process/cosine.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/flow.hpp>
#include <tweedie/process/tabulated_vp.hpp>
#include <tweedie/process/ve.hpp>
#include <tweedie/process/vp.hpp>

#include "support/plans.hpp"
#include "support/predicting.hpp"
#include "support/registry.hpp"

namespace tw = tweedie;
using tw::Prediction;

namespace {

struct NamedGrid {
  std::string name;
  tw::AnyProcess process;
  tw::Grid grid;
};

/// A grid with one of its sigmas a second time, a little smaller.
tw::Grid with_double(const tw::AnyProcess& process, const tw::Grid& grid, double apart) {
  std::vector<tw::Level> levels = grid.levels();
  const auto middle = levels.begin() + grid.steps() / 2;
  const tw::Level twin = process.at_sigma(middle->sigma() * (1 - apart));
  levels.insert(middle + 1, twin);
  return tw::Grid(std::move(levels));
}

/// The grids that people use, with few steps and more, to zero and not.
std::vector<NamedGrid> usual_grids() {
  const auto table =
      tw::TabulatedVP::from_betas(tw::scaled_linear_betas(1000, 0.00085, 0.012));  // latents'
  std::vector<NamedGrid> all;
  const auto add = [&](const char* name, const tw::AnyProcess& process, const auto& make) {
    for (int n : {4, 8, 10, 20, 50})
      for (bool to_zero : {false, true})
        all.push_back({tw::sentence({name, ", ", n, " steps", to_zero ? " to zero" : ""}), process,
                       make(n, to_zero)});
  };
  const auto add_all = [&](const std::string& name, const tw::AnyProcess& process, double t_max) {
    const auto range = [t_max](bool to_zero) {
      return tw::NoiseRange{.t_max = t_max, .to_zero = to_zero};
    };
    const auto on = [&](const char* grid) { return tw::sentence({grid, " on ", name}); };
    add(on("karras").c_str(), process,
        [&](int n, bool zero) { return tw::karras(process, n, range(zero)); });
    add(on("log_snr").c_str(), process,
        [&](int n, bool zero) { return tw::log_snr(process, n, range(zero)); });
    add(on("power(2)").c_str(), process,
        [&](int n, bool zero) { return tw::power(process, n, 2, range(zero)); });
    add(on("uniform").c_str(), process,
        [&](int n, bool zero) { return tw::uniform(process, n, range(zero)); });
    for (double apart : {1e-3, 1e-6, 1e-10})
      add(on("karras with a double").c_str(), process, [&](int n, bool zero) {
        return with_double(process, tw::karras(process, n, range(zero)), apart);
      });
  };
  add_all("VP", tw::VP{}, 1);
  add_all("EDM", tw::EDM{}, 80);
  add_all("Flow", tw::Flow{.t_min = 1e-3}, 0.999);
  add_all("a table", table, 1);
  for (auto spacing : {tw::TimestepSpacing::leading, tw::TimestepSpacing::trailing})
    add(spacing == tw::TimestepSpacing::leading ? "leading" : "trailing", table,
        [&](int n, bool zero) {
          std::vector<int> entries;  // 4 leading ones, from 750, are possible by hand only
          for (int k = n; k > 0; --k)
            entries.push_back(k * 1000 / n -
                              (spacing == tw::TimestepSpacing::leading ? 1000 / n : 1));
          return tw::from_timesteps(table, entries, {.to_zero = zero});
        });
  return all;
}

/// Methods with explicit steps in t or sigma, and single steps of several stages on epsilon: as
/// published they have no protection against a step to a many times smaller sigma.
bool needs_short_steps(const std::string& name) {
  static const std::set<std::string> all{"heun",
                                         "kutta3",
                                         "heun3",
                                         "ralston3",
                                         "houwen3",
                                         "ssp3",
                                         "rk4",
                                         "heun_time",
                                         "rk4_time",
                                         "dpm_2",
                                         "dpm_3",
                                         "pndm",
                                         "dpm_2_ancestral",
                                         "heun_churn",
                                         "euler_maruyama",
                                         "sde_heun",
                                         "predictor_corrector",
                                         "reverse_diffusion"};
  return all.count(name) > 0;
}

double largest_ratio(const tw::Grid& grid) {
  double most = 1;
  for (int k = 0; k < grid.steps(); ++k)
    if (grid[k + 1].std > 0) most = std::max(most, grid[k].sigma() / grid[k + 1].sigma());
  return most;
}

/// The exact model of a diagonal Gaussian for any prediction, computed in the state's scalar by one
/// product and one sum, so that it adds no rounding of its own.
auto exact_model(const tw::Gaussian& data, Prediction prediction) {
  return tw::predicts(
      prediction, [data, prediction](const auto& x, const tw::Call& call, auto& out) {
        using T = typename std::decay_t<decltype(out)>::Scalar;
        const tw::Level& l = call.level;
        const tw::PredictionRow row = tw::row_of(prediction, l);
        for (Eigen::Index i = 0; i < x.rows(); ++i) {
          const double v = data.variances()[i], total = l.scale * l.scale * v + l.std * l.std,
                       slope = (row.data * l.scale * v + row.epsilon * l.std) / total / row.divisor,
                       shift = (row.data / row.divisor - l.scale * slope) * data.mean()[i];
          for (Eigen::Index k = 0; k < x.cols(); ++k)
            out(i, k) = static_cast<T>(slope) * x(i, k) + static_cast<T>(shift);
        }
      });
}

tw::Gaussian three_variances() {
  return tw::Gaussian::diagonal(Eigen::Vector3d(0.7, -0.3, 0.1), Eigen::Vector3d(0.25, 0.01, 1));
}

}  // namespace

TEST_CASE("law: in few steps a solver is no worse than a first-order one, on every usual grid",
          "[long]") {
  const tw::Gaussian data = three_variances();
  const auto error = [&](const tw::Plan& plan) {
    return tw::wasserstein(tw::moments(plan, data), tw::exact_moments(data, plan.to()));
  };
  for (const NamedGrid& g : usual_grids()) {
    const tw::Plan ddim = tw::make_plan(g.process, tw::DDIM{}, g.grid),
                   ddpm = tw::make_plan(g.process, tw::DDIM{1}, g.grid);
    const double of_first_order = std::max(error(ddim), error(ddpm)),
                 of_ddim = tw::model_error(ddim);
    const double ratio = largest_ratio(g.grid);
    for (const NamedSolver& solver : all_solvers()) {
      if (solver.name == "annealed_langevin") continue;  // does not step, and needs many levels
      const bool exposed = needs_short_steps(solver.name);
      if (exposed && ratio > 3) continue;
      const bool on_epsilon = solver.name == "unipc_epsilon";
      const tw::Plan plan = tw::make_plan(g.process, solver.solver, g.grid);
      INFO(solver.name << " on " << g.name << ": error " << error(plan) << " (first order "
                       << of_first_order << "), a network's times " << tw::model_error(plan)
                       << " (DDIM " << of_ddim << ")");
      if (solver.name != "sde_heun")  // explicit on a stiff SDE: 80 at a ratio of 3
        CHECK(error(plan) <= (exposed ? 2 : 1) * (of_first_order + 0.1));
      CHECK(tw::model_error(plan) <= (on_epsilon ? 80 : 50) * of_ddim);
      // Methods on data keep a network's error small.
      if (solver.name.starts_with("dpmpp") || solver.name == "unipc" ||
          solver.name == "sa_solver" || solver.name == "exponential_ab" ||
          solver.name.starts_with("seeds"))
        CHECK(tw::model_error(plan) <= 5 * of_ddim);
    }
  }
}

TEST_CASE("law: so it is with every order, and however much noise", "[long]") {
  struct Option {
    std::string name;
    tw::AnySolver solver, first_order;
  };
  std::vector<Option> all;
  for (int order : {2, 3, 4}) {
    const auto add = [&](const char* name, const tw::AnySolver& solver) {
      all.push_back({tw::sentence({name, ", order ", order}), solver, tw::DDIM{}});
    };
    add("LogRhoAB", tw::LogRhoAB{order});
    add("ExponentialAB", tw::ExponentialAB{order});
    add("LMS", tw::LMS{order});
    add("DEIS", tw::DEIS{order});
    add("REAB", tw::REAB{order});
    for (auto variant : {tw::UniPCVariant::bh1, tw::UniPCVariant::bh2, tw::UniPCVariant::exact}) {
      add("UniPC", tw::UniPC{order, variant});
      add("UniPCEpsilon", tw::UniPCEpsilon{std::min(order, 3), variant});
    }
  }
  for (double eta : {0.3, 1.0, 2.0, 4.0}) {
    const auto add = [&](const char* name, const tw::AnySolver& solver) {
      all.push_back({tw::sentence({name, ", eta ", eta}), solver, tw::DPMSolverPP1{.eta = eta}});
    };
    add("2M", tw::DPMSolverPP2M{.eta = eta});
    add("3M", tw::DPMSolverPP3M{.eta = eta});
    for (int order : {1, 2, 3, 4})
      for (bool pece : {false, true})
        add("SA-Solver",
            tw::SASolver{
                .tau = std::sqrt(eta), .predictor = order, .corrector = order + 1, .pece = pece});
  }
  const tw::Gaussian data = three_variances();
  for (const NamedGrid& g : usual_grids()) {
    const auto error = [&](const tw::AnySolver& solver) {
      const tw::Plan plan = tw::make_plan(g.process, solver, g.grid);
      return tw::wasserstein(tw::moments(plan, data), tw::exact_moments(data, plan.to()));
    };
    const auto multiple = [&](const tw::AnySolver& solver) {
      return tw::model_error(tw::make_plan(g.process, solver, g.grid));
    };
    const double of_ddim = error(tw::DDIM{}), of_ddpm = error(tw::DDIM{1});
    for (const Option& option : all) {
      INFO(option.name << " on " << g.name);
      CHECK(error(option.solver) <=
            1.05 * std::max({of_ddim, of_ddpm, error(option.first_order)}) + 0.1);
      CHECK(multiple(option.solver) <= 200 * multiple(tw::DDIM{}));
    }
  }
}

TEST_CASE("law: the order falls only where it must: on smooth grids every step of 40 has it") {
  // But for the first steps, and for those from a sigma far above the data's.
  for (const NamedSolver& solver : all_solvers())
    for (const tw::AnyProcess& process : {tw::AnyProcess(tw::EDM{}), tw::AnyProcess(tw::VP{})}) {
      const tw::NoiseRange range{.sigma_max = 20, .to_zero = false};
      const tw::Intervals all = tw::log_snr(process, 40, range);
      const int before = std::max(solver.facts().remembers, 1);
      INFO(solver.name);
      for (int end : {before + 4, 20, 40})
        CHECK(remembered(tw::make_plan(process, solver.solver, all.part(0, end)), end - 1) ==
              solver.facts().remembers);
    }
}

TEST_CASE("model_error: it is what a run shows when a network is off in one evaluation") {
  for (const char* name : {"ddim", "dpmpp_3m", "unipc", "lms", "heun", "seeds_2", "er_sde"}) {
    const tw::AnyProcess process = tw::VP{};
    const tw::Plan plan = tw::make_plan(process, name, tw::karras(process, 7, {.to_zero = false}));
    double most = 0;
    for (double variance : {0.0, 0.1, 1.0}) {
      const auto data =
          tw::Gaussian::diagonal(Eigen::VectorXd::Zero(1), Eigen::VectorXd::Constant(1, variance));
      const auto end = [&](int wrong) {
        const auto model = tw::predicts_data([&](const auto& x, const tw::Call& call, auto& out) {
          data(x, call, out);
          const double sigma = call.level.sigma();
          if (call.evaluation == wrong) out.array() += sigma / std::hypot(1, sigma);
        });
        return run(plan, model, Eigen::MatrixXd::Ones(1, 1), tw::Noise{})(0, 0);
      };
      double sum = 0;
      for (int k = 0; k < plan.nfe(); ++k) sum += std::abs(end(k) - end(-1));
      most = std::max(most, sum);
    }
    INFO(name);
    CHECK(tw::model_error(plan) ==
          Approx(most / std::hypot(plan.to().scale, plan.to().std)).epsilon(1e-9));
  }
}

TEST_CASE("law: a run in float is right, or refused with a word on what to do", "[long]") {
  const tw::Gaussian data = three_variances();
  struct Named {
    std::string name;
    tw::AnyProcess process;
  };
  const std::vector<Named> processes{
      {"VP", tw::VP{}},
      {"VE", tw::VE{}},
      {"EDM", tw::EDM{}},
      {"Flow to 1", tw::Flow{.t_min = 1e-3}},
      {"Flow to 0.9999", tw::Flow{.t_min = 1e-3, .t_max = 0.9999}},
      {"Flow to 1 - 1e-5", tw::Flow{.t_min = 1e-3, .t_max = 1 - 1e-5}},
      {"Cosine to 1", tw::Cosine{.t_max = 1}},
      {"cosine betas", tw::TabulatedVP::from_betas(tw::cosine_betas(1000))},
      {"zero terminal SNR",
       tw::TabulatedVP::from_betas(tw::rescaled_to_zero_terminal_snr(tw::linear_betas(1000)))}};
  int right = 0, refused = 0;
  for (const auto& [name, process] : processes)
    for (int n : {5, 20, 100})
      for (int kind = 0; kind < 3; ++kind)
        for (Prediction given : {Prediction::data, Prediction::epsilon, Prediction::velocity}) {
          const tw::NoiseRange range{.to_zero = n == 20};
          std::optional<tw::Grid> grid;
          const bool infinite = process.at(process.t_max).is_pure_noise();
          if (infinite && kind < 2) continue;
          grid = kind == 0   ? tw::karras(process, n, range)
                 : kind == 1 ? tw::log_snr(process, n, range)
                             : tw::uniform(process, n, range);
          for (const NamedSolver& solver : all_solvers()) {
            try {
              const tw::Plan plan = tw::make_plan(process, solver.solver, *grid);
              const Eigen::MatrixXd x = start(plan);
              const auto noise = recorded(plan, x);
              const Eigen::MatrixXd expected = run(plan, exact_model(data, given), x, noise);
              Eigen::MatrixXf y = x.cast<float>();
              tw::Sampler sampler(plan, exact_model(data, given), y);
              sampler(y, noise);
              const double size = std::max(1.0, largest(expected));
              INFO(solver.name << " on " << name << ", " << n << " steps of kind " << kind
                               << ", given " << tw::name_of(given));
              CHECK(largest(y.cast<double>() - expected) < 2e-3 * size);
              ++right;
            } catch (const tw::Error& error) {
              ++refused;
              INFO(solver.name << " on " << name << ", " << n << " steps of kind " << kind << ": "
                               << error.what());
              const bool safe = solver.name == "ddim" || solver.name.starts_with("dpmpp") ||
                                solver.name.starts_with("seeds") || solver.name == "unipc";
              CHECK(!(safe && given != Prediction::epsilon));  // docs/choosing.md names them
            }
          }
        }
  CHECK(right > 6000);
  CHECK(refused < right / 5);
}

TEST_CASE("float: what cannot be had is refused in a sentence") {
  const tw::AnyProcess flow = tw::Flow{.t_max = 1 - 1e-5}, vp = tw::VP{.beta_max = 160};
  const auto sampler = [](const tw::Plan& plan, auto state) {
    return error_of([&] { tw::Sampler(plan, Predicting{Prediction::epsilon}, state); });
  };
  const Eigen::MatrixXf in_float(3, 5);
  const Eigen::MatrixXd in_double(3, 5);
  // An epsilon network says nothing of the data where they are 1e-5 of x, in float.
  const tw::Plan plan = tw::make_plan(flow, "ddim", tw::uniform(flow, 20, {.to_zero = false}));
  CHECK_THAT(sampler(plan, in_float),
             Contains("multiplies the roundings of float") && Contains("take double states"));
  CHECK(sampler(plan, in_double).empty());
  // Nor in double where they are 1e-17 of it and the step is long.
  const tw::Plan farther = tw::make_plan(vp, "ddim", tw::from_sigmas(vp, {1e17, 3, 0.1}));
  CHECK_THAT(sampler(farther, in_double), Contains("multiplies the roundings"));
  const tw::AnyProcess beyond = tw::EDM{.t_min = 1, .t_max = 1e39};
  CHECK_THAT(
      sampler(tw::make_plan(beyond, "euler_time", tw::from_times(beyond, {1e39, 1})), in_float),
      Contains("beyond the numbers of the state's scalar") || Contains("roundings"));
}

TEST_CASE("float: a thousand steps drift no faster than the plain loop") {
  const tw::AnyProcess edm = tw::EDM{}, flow = tw::Flow{};
  const auto data =
      tw::Gaussian::diagonal(Eigen::VectorXd::Ones(64), Eigen::VectorXd::Constant(64, 0.0625));
  const auto compare = [&](const tw::AnyProcess& process, const tw::Grid& grid, Prediction given) {
    const tw::Plan plan = tw::make_plan(process, tw::Euler<tw::InTime>{}, grid);
    Eigen::MatrixXf x = start(plan, 64, 4).cast<float>(), loop = x;
    const auto model = exact_model(data, given);
    const Eigen::MatrixXd exact = run(plan, model, x.cast<double>(), tw::Noise{});
    tw::Sampler(plan, model, x)(x, tw::Noise{});
    Eigen::MatrixXf out(64, 4);
    for (const tw::Interval& s : plan.intervals()) {
      const Eigen::Map<const Eigen::MatrixXf> in(loop.data(), 64, 4);
      Eigen::Map<Eigen::MatrixXf> to(out.data(), 64, 4);
      model.f(in, tw::Call{s.from}, to);
      const tw::Conversion c = tw::conversion(Prediction::velocity, given, s.from);
      const Eigen::MatrixXf slope =
          static_cast<float>(c.state) * loop + static_cast<float>(c.output) * out;
      loop += static_cast<float>(s.to.t - s.from.t) * slope;
    }
    const double ours = (x.cast<double>() - exact).norm(),
                 of_loop = (loop.cast<double>() - exact).norm();
    INFO(ours << " against " << of_loop);
    CHECK(ours < 1.3 * of_loop);
  };
  const tw::NoiseRange range{.sigma_max = 40, .sigma_min = 0.01, .to_zero = false};
  for (Prediction given : {Prediction::data, Prediction::epsilon, Prediction::velocity}) {
    compare(edm, tw::log_snr(edm, 1000, range), given);
    compare(flow, tw::log_snr(flow, 1000, range), given);
  }
}

TEST_CASE("noise: the float numbers of a seed in a double run give the float run's samples") {
  const tw::AnyProcess vp = tw::VP{};
  for (const char* name : {"ddpm", "seeds_2", "euler_ancestral"}) {
    const tw::Plan plan = tw::make_plan(vp, name, tw::karras(vp, 20));
    for (Eigen::Index dim : {2, 50, 700}) {
      const tw::Noise noise{.seed = 42, .as_float = true};
      Eigen::MatrixXf x(dim, 5);
      Eigen::MatrixXd y(dim, 5);
      tw::prior(plan.from(), x, tw::Noise{.seed = 42});
      tw::prior(plan.from(), y, noise);
      const auto data =
          tw::Gaussian::diagonal(Eigen::VectorXd::Zero(dim), Eigen::VectorXd::Ones(dim));
      tw::Sampler(plan, data, x)(x, tw::Noise{.seed = 42});
      tw::Sampler(plan, data, y)(y, noise);
      INFO(name << ", dim " << dim);
      CHECK(largest(x.cast<double>() - y) < 1e-5);
    }
  }
}
