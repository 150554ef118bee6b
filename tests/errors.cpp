// SPDX-License-Identifier: MIT
// Makes every sentence that the library can say, and writes the page docs/errors.md:
//
//     errors > docs/errors.md       makes the page
//     errors --check docs/errors.md compares it with a page
//
// Exit status 1 if the page differs, if a call says nothing, or if the headers have a check whose
// sentence no call here makes: a new check needs a new line in this file.
#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <tweedie/adaptive/methods.hpp>
#include <tweedie/analysis/moments.hpp>
#include <tweedie/analysis/order.hpp>
#include <tweedie/formats/scheduler_config.hpp>
#include <tweedie/inverse/dps.hpp>
#include <tweedie/inverse/posterior.hpp>
#include <tweedie/inverse/replacement.hpp>
#include <tweedie/inversion/reversible_sampler.hpp>
#include <tweedie/likelihood/log_likelihood.hpp>
#include <tweedie/likelihood/variational_bound.hpp>
#include <tweedie/noise/brownian_path.hpp>
#include <tweedie/parallel/blocked_sampler.hpp>
#include <tweedie/parallel/in_batches.hpp>
#include <tweedie/parallel/threads.hpp>
#include <tweedie/plan/plan_from.hpp>
#include <tweedie/training/loss_history.hpp>
#include <tweedie/training/targets.hpp>
#include <tweedie/tuning/tune.hpp>
#include <tweedie/tweedie.hpp>

#ifndef TWEEDIE_SOURCE
#define TWEEDIE_SOURCE "."
#endif

namespace {

namespace tw = tweedie;
using Eigen::MatrixXd, Eigen::VectorXd, Eigen::Vector2d;

std::ostringstream page;
std::vector<std::string> sentences;
int failures = 0;

// What the calls on the page refer to. The introduction shows it.
const tw::AnyProcess process = tw::VP{};
const tw::Grid grid = tw::karras(process, 10);
const tw::Plan plan = tw::make_plan(process, "ddim", grid);
const auto model = tw::predicts_epsilon([](const auto& x, double) { return x; });
const tw::Noise noise;
MatrixXd x = MatrixXd::Zero(2, 3), wide = MatrixXd::Zero(2, 4);

struct Undeclared {
  tw::Facts facts() const { return {.name = "Undeclared"}; }
  template <class X>
  X step(auto& c, const tw::Interval&, const X& state) const {
    return state + c.normal();
  }
};

struct Forgetful {
  tw::Facts facts() const { return {.name = "Forgetful"}; }
  int points() const { return 2; }
  template <class X>
  X value(auto& c, const X& state, const tw::Level& l) const {
    return c.epsilon(state, l);
  }
  template <class X>
  X step(auto&, const tw::Interval&, const X&, tw::History<X>& m) const {
    return m[1];
  }
};
struct Committing {
  tw::Facts facts() const { return {.name = "Committing"}; }
  template <class X>
  X step(auto& c, const tw::Interval&, const X& state) const {
    return c.commit(state);
  }
};
struct Hasty : Forgetful {
  tw::Facts facts() const { return {.name = "Hasty", .remembers = 1}; }
};

/// EDM with one member that is wrong.
struct OtherTime : tw::EDM {
  tw::Level at(double t) const { return tw::EDM::at(t / 2); }
};
struct OtherInverse : tw::EDM {
  double time_of_sigma(double sigma) const { return sigma / 2; }
};
struct OtherRate : tw::EDM {
  tw::Level at(double t) const {
    tw::Level l = tw::EDM::at(t);
    l.std_rate = 2;
    return l;
  }
};
struct OtherNoise : tw::EDM {
  tw::Level at(double t) const {
    tw::Level l = tw::EDM::at(t);
    l.g2 = t;
    return l;
  }
};
struct Falling : tw::EDM {  // above 60, but for the end
  tw::Level at(double t) const {
    tw::Level l = tw::EDM::at(t);
    if (t > 70 && t < 79) l.std = 140 - t, l.std_rate = -1;
    return l;
  }
  double time_of_sigma(double sigma) const {
    return sigma > 61 && sigma < 70 ? 140 - sigma : sigma;
  }
};

constexpr const char* introduction = R"(# Errors

Made by `build/test/tests/errors > docs/errors.md`; `tests/run` checks that this page is what the
program prints, and that each check in the headers has a line here.

Each sentence says what is wrong, which value, and what is allowed. The numbers in them are
examples; a long list of names is cut here. All are thrown as `tweedie::Error`, which is a
`std::invalid_argument`. To report errors in another way, define `TWEEDIE_THROW(sentence)` before
the first include; it must not return. Without exceptions the sentence is printed and the program
ends.

The calls refer to

```cpp
namespace tw = tweedie;
using Eigen::MatrixXd, Eigen::VectorXd, Eigen::Vector2d;
const tw::AnyProcess process = tw::VP{};
const tw::Grid grid = tw::karras(process, 10);
const tw::Plan plan = tw::make_plan(process, "ddim", grid);
const auto model = tw::predicts_epsilon([](const auto& x, double) { return x; });
const tw::Noise noise;
MatrixXd x = MatrixXd::Zero(2, 3), wide = MatrixXd::Zero(2, 4);
```
)";

void room(const char* name, const std::string& about = {}) {
  page << "\n## " << name << "\n\n" << about << (about.empty() ? "" : "\n\n");
  page << "| you wrote | it says |\n|---|---|\n";
}

/// A text as a cell of a table.
std::string cell(std::string_view text) {
  std::string escaped;
  for (const char letter : text) escaped += letter == '|' ? "\\|" : std::string(1, letter);
  return escaped;
}

void says(std::string wrote, auto&& call) {
  for (std::size_t at; (at = wrote.find("( ")) != std::string::npos;) wrote.erase(at + 1, 1);
  try {
    call();
    std::cerr << wrote << ": says nothing\n";
    ++failures;
  } catch (const tw::Error& error) {
    std::string sentence = error.what();
    sentences.push_back(sentence);
    constexpr std::size_t most = 400;
    if (sentence.size() > most) sentence = sentence.substr(0, sentence.rfind(' ', most)) + " ...";
    page << "| `" << cell(wrote) << "` | " << cell(sentence) << " |\n";
  }
}

// The call is shown as it is written here. SOLVER_SAYS makes an AnySolver, as make_plan does.
#define SAYS(...) says(#__VA_ARGS__, [&] { (void)(__VA_ARGS__); })
#define SOLVER_SAYS(...) says(#__VA_ARGS__, [&] { (void)tw::AnySolver(__VA_ARGS__); })

void processes() {
  const tw::CustomProcess custom([](auto) { return 1; }, [](auto t) { return t / (1 + t); }, 0, 1);
  room(
      "Processes",
      "`custom` is `tw::CustomProcess([](auto) { return 1; }, [](auto t) { return t / (1 + t); }, "
      "0, 1)`; `Falling`, `OtherTime`, `OtherInverse`, `OtherRate` and `OtherNoise` are `EDM` with "
      "one member that is wrong.");
  SAYS(tw::VP{}.at(-1));
  SAYS(tw::SubVP{}.at(-1));
  SAYS(tw::Cosine{}.at(1.5));
  SAYS(tw::TrigFlow{}.at(2));
  SAYS(tw::TabulatedVP::from_betas({0.1, 1.2}));
  SAYS(tw::TabulatedVP::from_alpha_bars({0.9, 1.1}));
  SAYS(tw::TabulatedVP::from_alpha_bars({0.9, 0}));
  SAYS(tw::TabulatedVP::from_alpha_bars({0.9, 0.5}).at(1.4));
  SAYS(tw::linear_betas(10, NAN));
  SAYS(tw::sigmoid_betas(10, 0, NAN));
  SAYS(tw::cosine_betas(0));
  SAYS(tw::betas_of(process, 0));
  SAYS(tw::rescaled_to_zero_terminal_snr({0.1, 1}));
  SAYS(tw::rescaled_to_zero_terminal_snr({0.1}));
  SAYS(tw::TabulatedVP::from_alpha_bars({0.9}));
  SAYS(tw::TabulatedVP::from_alpha_bars({0.5, 0.9}));
  SAYS(tw::TabulatedVP::from_alpha_bars({0.9, 0.5}).at(0));
  SAYS(tw::AnyProcess(tw::EDM{.t_min = 80, .t_max = 0.002}));
  SAYS(tw::AnyProcess(tw::VE{.sigma_min = 50, .sigma_max = 0.01}));
  SAYS(custom.time_of_sigma(2));
  const std::function<double(double)> empty;
  SAYS(tw::CustomProcess(empty, empty, empty, empty, 0, 1));
  SAYS(tw::from_sde([](double) { return -1.0; }, [](double) { return 1.0; }, 1, 0.5));
  SAYS(tw::from_sde([](double t) { return -1 / (1 - t); }, [](double) { return 1.0; }, 0, 2));
  SAYS(tw::from_sde([](double) { return -1000.0; }, [](double) { return 1.0; }, 0, 2));
  SAYS(process.at_sigma(-1));
  SAYS(tw::AnyProcess(OtherTime{}));
  SAYS(tw::AnyProcess(OtherInverse{}));
  SAYS(tw::AnyProcess(Falling{}));
  SAYS(tw::AnyProcess(OtherRate{}));
  SAYS(tw::AnyProcess(OtherNoise{}));
}

void grids() {
  room("Grids");
  SAYS(tw::uniform(process, 0));
  SAYS(tw::uniform(process, 3'000'000'000));
  SAYS(tw::uniform(process, 10, {.t_max = NAN}));
  SAYS(tw::karras(tw::VP{20, 0.1}, 10, {.sigma_max = 500}));
  SAYS(tw::uniform(process, 10, {.t_max = 1, .sigma_max = 80}));
  SAYS(tw::uniform(process, 10, {.sigma_min = 0}));
  SAYS(tw::uniform(process, 10, {.sigma_max = -1}));
  SAYS(tw::uniform(process, 10, {.sigma_max = 1, .sigma_min = 2}));
  SAYS(tw::log_snr(tw::Flow{}, 10));
  SAYS(tw::log_snr(process, 10, {.t_min = 0}));
  SAYS(tw::power(process, 10, 0));
  SAYS(tw::power(tw::CustomProcess([](auto) { return 1; }, [](auto t) { return 7 + t; }, -5, 4), 10,
                 2, {.to_zero = false}));
  SAYS(tw::karras(process, 10, {}, 0));
  SAYS(tw::polyexponential(process, 10, 0));
  SAYS(tw::iddpm(tw::EDM{}, 0));
  SAYS(tw::iddpm(tw::EDM{}, 2000));
  SAYS(tw::from_times(process, {0.5}));
  SAYS(tw::from_times(process, {0.5, 0, 0}));
  SAYS(tw::from_times(process, {0.5, 0.7}));
  SAYS(tw::from_times(tw::EDM{}, {INFINITY, 1}));
  SAYS(tw::from_times(tw::EDM{}, {1, -1}));
  SAYS(tw::from_sigmas(process, {1, -1}));
  SAYS(grid.first(11));
  SAYS(grid.below(0.001));
  SAYS(tw::timesteps(tw::TimestepSpacing::leading, 50, 10));
  SAYS(tw::timesteps(tw::TimestepSpacing::leading, 4, 1000));
  SAYS(tw::timesteps(static_cast<tw::TimestepSpacing>(7), 4, 1000));
  SAYS(tw::timesteps(tw::TimestepSpacing::linspace, 1, 1000));
  SAYS(tw::from_sigmas(tw::Flow{}, {1, 0.5, 0}));
  SAYS(tw::from_timesteps(tw::TabulatedVP::from_betas(tw::linear_betas(1000)), {1000, 0}));
  SAYS(tw::singlestep_orders(20, 4));
  SAYS(tw::outer_grid(grid, {3, 3, 3, 3}));
  SAYS(tw::outer_grid(grid, {3, -1}));
  SAYS(tw::restart(process, tw::reversed(grid), {}));
  SAYS(tw::restart(process, grid, {}, -1));
  SAYS(tw::restart(process, grid, {{.sigma_min = 2, .sigma_max = 1}}));
  SAYS(tw::restart(process, grid, {{.sigma_min = 1, .sigma_max = 2, .times = -1}}));
  SAYS(tw::restart(process, grid, {{.sigma_min = 150, .sigma_max = 200}}));
  SAYS(tw::shifted(process, grid, -1));
  SAYS(tw::flux_shift(8, 1024));
  SAYS(grid.with_levels({process.at(1), process.at(0.5)}));
  SAYS(tw::stretched(tw::Flow{}, tw::uniform(tw::Flow{}, 10), 0));
  SAYS(tw::stretched(tw::Flow{}, tw::reversed(tw::uniform(tw::Flow{}, 10)), 0.1));
  SAYS(tw::stretched(process, grid, 0.1));
  SAYS(tw::sgm_uniform(process, 0));
  SAYS(tw::beta_spacing(process, 10, {}, 0.01, 0.6));
  SAYS(tw::linear_quadratic(process, 10, {}, 1));
  SAYS(tw::linear_quadratic(tw::Flow{}, 10, {}, 0.9));
  SAYS(tw::resampled(process, {14.6}, 10));
  SAYS(tw::resampled(process, {14.6, 0}, 10));
  SAYS(tw::simple_timesteps(2000, 1000));
  SAYS(tw::beta_timesteps(2000, 1000));
  SAYS(tw::ddim_uniform_timesteps(1000, 1000));
  SAYS(tw::grid_named(process, "ddim_uniform", 10));
  SAYS(tw::grid_named(process, "karass", 10));
  SAYS(tw::grid_named(process, "karras", 10, {{"exponent", 2}}));
  SAYS(tw::Intervals(grid).part(5, 11));
  SAYS(tw::Intervals(grid).numbered_from(-1));
  SAYS(tw::Intervals(std::vector<tw::Interval>{}));
  SAYS(tw::Intervals({{.from = grid[0], .to = grid[1], .kind = tw::Interval::Kind::renoise}}));
  SAYS(tw::Intervals({{.from = grid[0], .to = grid[1], .s_noise = -1}}));
}

void models() {
  room("Models");
  SAYS(tw::sample(process, tw::predicts_data([](const auto& in, double) { return in.topRows(1); }),
                  "ddim", grid, {.dim = 2}));
  SAYS(tw::sample(tw::Flow{}, model, "ddim", tw::uniform(tw::Flow{}, 10), {.dim = 2}));
  SAYS(tw::sample(process, tw::checked(tw::predicts_v([](const auto& in, double t) {
                    return in * (t < 0.5 ? INFINITY : 1.0);
                  })),
                  "ddim", grid, {.dim = 2}));
  SAYS(
      tw::predicts(static_cast<tw::Prediction>(17), [](const auto& in, double) { return 1 * in; }));
  SAYS(tw::predicts_v(std::function<void(int)>()));
  const auto v = tw::predicts_v([](const auto& in, double) { return 1 * in; });
  SAYS(tw::guided(v, v, NAN));
  SAYS(tw::guided_batched(v, NAN));
  SAYS(tw::guided(v, v, 2.0, {.rescale = 2}));
  SAYS(tw::guided_batched(v, 2.0, {.rescale = -1}));
  SAYS(tw::sample(process, tw::guided(v, v, [](const tw::Call&) { return NAN; }), "ddim", grid,
                  {.dim = 2}));
  SAYS(tw::on_interval(NAN, 0.1, 1));
  SAYS(tw::on_interval(2, 1, 0.1));
  SAYS(tw::cfg_plus_plus(2));
  SAYS(tw::classifier_guided(
      v, [](const auto& in, const tw::Call&, auto& out) { out = in; }, NAN));
  const auto velocity = tw::predicts_velocity([](const auto& in, double) { return 1 * in; });
  SAYS(tw::sample(
      tw::Flow{},
      tw::classifier_guided(velocity, [](const auto& in, const tw::Call&, auto& out) { out = in; }),
      "ddim", tw::uniform(tw::Flow{}, 5), {.dim = 2}));
  struct WithVJP {
    void operator()(const Eigen::Map<const MatrixXd>& in, double, Eigen::Map<MatrixXd>& out) {
      out = in;
    }
    void vjp(const Eigen::Map<const MatrixXd>&, const tw::Call&,
             const Eigen::Map<const MatrixXd>& u, Eigen::Map<MatrixXd>& out) {
      out = u;
    }
  };
  const auto with_vjp = tw::predicts_data(WithVJP{});
  SAYS(tw::sample(process,
                  tw::pseudo_inverse_guided(tw::guided(with_vjp, with_vjp, 2.0, {.rescale = 0.5}),
                                            tw::Mask(Vector2d(1, 0)), MatrixXd::Ones(1, 1)),
                  "ddim", grid, {.dim = 2}));
  const auto clipped = tw::clipped(model, -1, 1, tw::ClippedEpsilon::of_network);
  SAYS(tw::solve_adaptively(process, clipped, x));
  SAYS(tw::predicts(tw::Output::data_and_epsilon(), [](const auto& in, double) { return 1 * in; }));
  struct OneOfTwo {
    tw::Output prediction = tw::Output::data_and_epsilon();
    void operator()(const Eigen::Map<const MatrixXd>& in, const tw::Call&,
                    Eigen::Map<MatrixXd>& out) {
      out = in;
    }
  };
  SAYS(tw::Sampler(plan, OneOfTwo{}, x));
  SAYS(tw::projected(clipped, tw::Mask(Vector2d(1, 0)), MatrixXd::Ones(1, 1)));
  const tw::AnyProcess from_0 = tw::VP{.t_min = 0};
  SAYS(tw::Sampler(tw::make_plan(from_0, "euler_time", tw::reversed(tw::uniform(from_0, 5))),
                   clipped, x));
  SAYS(tw::clipped(v, 1, -1));
  SAYS(tw::thresholded(v, 2));
  SAYS(tw::thresholded(v, 0.9, -1));
}

void options() {
  room("Solvers' options", "Said when the solver is made ready: in `make_plan` or `sample`.");
  SOLVER_SAYS("eular");
  SAYS(tw::AnySolver("DPM++ 2M Karras"));
  SAYS(tw::solver_named("ddim", {{"order", 2}}));
  SAYS(tw::solver_named("lms", {{"order", 2.5}}));
  SAYS(tw::solver_named("tcd", {{"gamma", 2}}));
  SAYS(tw::solver_named("sa_solver", {{"pece", 2}}));
  SAYS(tw::solver_named("ddim", {{"eta", 1}, {"eta", 0.5}}));
  SOLVER_SAYS(tw::DDIM{.eta = -1});
  SOLVER_SAYS(tw::DDIM{.eta = 1, .s_noise = -1});
  SOLVER_SAYS(tw::LMS{.order = 0});
  SOLVER_SAYS(tw::ExponentialAB{.order = 17});
  SOLVER_SAYS(tw::IPNDM{.order = 5});
  SOLVER_SAYS(tw::REAB{.data = {.deviation = 0}});
  SOLVER_SAYS(tw::DEIS{.full_order_to_zero = true});
  SOLVER_SAYS(tw::GradientEstimation{.gamma = NAN});
  SOLVER_SAYS(tw::PredictorCorrector<tw::DDIM>{.alpha = nullptr});
  SOLVER_SAYS(tw::PredictorCorrector<tw::UniPC>{.snr = 0.1});
  SOLVER_SAYS(tw::UniPC{.order = 9});
  SOLVER_SAYS(tw::RungeKutta2<tw::InSigma>{.alpha = 0});
  SOLVER_SAYS(tw::DPMSolver2{.r = 0});
  SOLVER_SAYS(tw::DPMSolver3{.r1 = 0.7});
  SOLVER_SAYS(tw::DPMSolverSinglestep{.orders = {3, 4}});
  SOLVER_SAYS(tw::DPMSolver2M{.eta = 1});
  SOLVER_SAYS(tw::DPMSolverPPSDE{.r = 2});
  SOLVER_SAYS(tw::SEEDS2{.r1 = 2});
  SOLVER_SAYS(tw::SASolver{.tau = -1});
  SOLVER_SAYS(tw::SASolver{.tau_min = 2, .tau_max = 1});
  SOLVER_SAYS(tw::SASolver{.corrector = 0, .pece = true});
  SOLVER_SAYS(tw::SASolver{.predictor = 0});
  SOLVER_SAYS(tw::ERSDE{.terms = 4});
  SOLVER_SAYS(tw::ERSDE{.w = nullptr});
  SOLVER_SAYS(tw::Ancestral{tw::LMS{}});
  SOLVER_SAYS(tw::Ancestral<tw::Euler<tw::InSigma>>{.sigma_min = -1});
  SOLVER_SAYS(tw::Ancestral<tw::Euler<tw::InSigma>>{.eta = 2, .in_time = true});
  SOLVER_SAYS(tw::Churn<tw::Heun<tw::InSigma>>{.amount = -1});
  SOLVER_SAYS(tw::Churn<tw::Heun<tw::InSigma>>{.amount = 40, .s_min = 2, .s_max = 1});
  SOLVER_SAYS(tw::Churn{tw::LMS{}, 40});
  SOLVER_SAYS(tw::PredictorCorrector<tw::DDIM>{.snr = -1});
  SOLVER_SAYS(tw::PredictorCorrector<tw::DDIM>{.corrections = -1});
  SOLVER_SAYS(tw::WithStarter{tw::LMS{}, tw::RK4<tw::InSigma>{}, 9});
  SOLVER_SAYS(tw::UniPC{.lower_order = {.at_end_below = -1}});
}

void plans() {
  const tw::Grid outer = tw::outer_grid(grid, {3, 3, 3, 1});
  room("Plans",
       "`outer` is `tw::outer_grid(grid, {3, 3, 3, 1})`; `Undeclared` is a solver whose step draws "
       "noise, and whose facts do not say so; `rows(out, in, number, scale)` is one row, an "
       "evaluation, and `two` has two of one number.");
  SAYS(tw::make_plan(tw::EDM{}, "ddim", grid));
  SAYS(tw::make_plan(process, "ddpm", tw::reversed(grid)));
  SAYS(tw::make_plan(process, tw::EulerMaruyama{.eta = 0}, tw::reversed(grid)));
  SAYS(tw::make_plan(process, "lms", tw::Intervals(grid).part(5, 10)));
  SAYS(tw::make_plan(tw::Flow{}, "heun", tw::uniform(tw::Flow{}, 10)));
  SAYS(tw::make_plan(tw::VE{}, "euler_time", tw::reversed(tw::karras(tw::VE{}, 10))));
  SAYS(tw::make_plan(process, tw::DDIM{.eta = 5}, grid));
  SAYS(tw::make_plan(process, tw::DPMSolverSinglestep{.orders = {3, 3}}, grid));
  SAYS(tw::make_plan(process, tw::DPMSolverSinglestep{.orders = {1, 3, 3, 3}, .inner_grid = grid},
                     outer));
  SAYS(tw::make_plan(process, tw::ERSDE{.w = [](double) { return 0.0; }}, grid));
  SAYS(tw::make_plan(process, tw::ERSDE{.w = [](double) { return 1.0; }}, grid));
  SAYS(tw::make_plan(
      process, tw::PredictorCorrector<tw::DDIM>{.snr = 0.5, .alpha = [](auto) { return 4.0; }},
      grid));
  SAYS(tw::make_plan(process, Undeclared{}, grid));
  SAYS(tw::make_plan(process, Forgetful{}, grid));
  SAYS(tw::make_plan(process, Hasty{}, grid));
  SAYS(tw::make_plan(process, Committing{}, grid));
  SAYS(tw::make_plan(process, static_cast<const char*>(nullptr), grid));
  SAYS(plan.clock_of_draw(1));
  const auto rows = [](int out, int in, int evaluation = 0, double scale = 1) {
    return std::vector<tw::Row>{tw::Evaluate{.out = out,
                                             .in = in,
                                             .prediction = {},
                                             .level = {.scale = scale},
                                             .evaluation = evaluation}};
  };
  SAYS(tw::Plan({.name = "by hand"}, grid, rows(2, 0), {}));
  SAYS(tw::Plan({.name = "by hand"}, grid, rows(1, 9), {}));
  SAYS(tw::Plan({.name = "by hand"}, grid, rows(1, 0), {}));
  SAYS(tw::Plan({.name = "by hand"}, grid, rows(1, 0, 7), {}));
  SAYS(tw::Plan({.name = "by hand"}, grid, rows(1, 0, 0, -1), {}));
  SAYS(tw::Plan({.name = "by hand"}, grid,
                {tw::Update{.out = 1, .role = tw::Role::state, .terms = {{{}, NAN}}}}, {}));
  std::vector<tw::Row> two = rows(1, 0);
  two.push_back(rows(2, 1)[0]);
  SAYS(tw::Plan({.name = "by hand"}, grid, two, {}));
}

void running() {
  room("Running",
       "`steps` and `others` are `sampler.steps(x, noise)`: `steps` has begun, and after `others` "
       "was "
       "made the sampler has begun another run; `batch` is "
       "`tw::PredictorCorrector<tw::DDIM>` with "
       "`.step_size = tw::LangevinStep::by_batch_norms`; `in_float` is x in float, `noisy` a plan "
       "of "
       "`\"sde_heun\"` in 4 steps on EDM, `far` is "
       "`tw::EDM{.t_max = 1e39}`, and `up` encodes with `\"euler_time\"` from clean data for "
       "`velocity`, a model of it; `v` is one of v. `rising` makes a renoise interval only.");
  SAYS(tw::Sampler(plan, model, x)(wide, noise));
  SAYS(tw::Sampler<MatrixXd, std::decay_t<decltype(model)>>(plan, model, -1, 3));
  const tw::AnyProcess far = tw::EDM{.t_max = 1e39};
  const auto velocity = tw::predicts_velocity([](const auto& in, double) { return in; });
  const tw::Plan up = tw::make_plan(process, "euler_time", tw::reversed(tw::uniform(process, 5)));
  const Eigen::MatrixXf in_float = x.cast<float>();
  const tw::Plan noisy = tw::make_plan(tw::EDM{}, "sde_heun", tw::karras(tw::EDM{}, 4));
  SAYS(tw::Sampler(noisy, model, in_float));
  SAYS(tw::Sampler(tw::make_plan(process, "ddim", tw::from_sigmas(process, {1e17, 1})), model, x));
  SAYS(tw::Sampler(up, velocity, x));
  const auto v = tw::predicts_v([](const auto& in, double) { return 1 * in; });
  SAYS(tw::Sampler(tw::make_plan(tw::Flow{}, "ddim", tw::uniform(tw::Flow{}, 5)), v, x));
  SAYS(tw::Sampler(tw::make_plan(far, "ddim", tw::from_sigmas(far, {1e39, 1})), model, in_float));
  tw::Sampler sampler(plan, model, x);
  auto steps = sampler.steps(x, noise);
  (void)steps.begin();
  SAYS(steps.begin());
  auto others = sampler.steps(x, noise);
  sampler(x, noise);
  SAYS(others.begin());
  const tw::Interval up_again{.from = grid[5], .to = grid[4], .kind = tw::Interval::Kind::renoise};
  tw::Sampler rising(tw::make_plan(process, "ddim", tw::Intervals({up_again})), model, x);
  SAYS((*rising.steps(x, noise).begin()).data());
  SAYS(tw::sample(process, model, "ddim", grid, {.count = 3}));
  SAYS(tw::sample(process, model, "ddim", tw::reversed(grid), {.dim = 2}));
  SAYS(tw::sample(process, model, "ddim", grid.last(3), {.dim = 2}));
  SAYS(tw::Sampler<Vector2d, std::decay_t<decltype(model)>>(plan, model, 3, 1));
  SAYS(tw::sample(process, model, "ddim", grid, {.dim = 2, .count = -3}));
  SAYS(tw::sample<Vector2d>(process, model, "ddim", grid, {.dim = 3}));
  SAYS(tw::sample_in_blocks(process, model, "ddim", grid, {.dim = 2, .count = 3}, 0,
                            [](auto, const auto&) {}));
  const tw::PredictorCorrector<tw::DDIM> batch{.step_size = tw::LangevinStep::by_batch_norms};
  SAYS(tw::sample_in_blocks(process, model, batch, grid, {.dim = 2, .count = 3}, 2,
                            [](auto, const auto&) {}));
}

void forward() {
  room("Forward process");
  SAYS(tw::diffuse(plan.from(), wide, noise, x));
  SAYS(tw::diffuse(plan.from(), x, noise, x));
  SAYS(tw::diffuse(plan.from(), wide.leftCols(3), noise, wide.rightCols(3)));
  SAYS(tw::prior(process.at_sigma(0), x, noise));
  const std::vector<tw::Level> two(2, plan.from()), three(3, plan.from());
  MatrixXd z = x;
  SAYS(tw::diffuse(two, MatrixXd(x), noise, x, z));
  SAYS(tw::diffuse(three, MatrixXd(x), noise, x, wide));
  SAYS(tw::diffuse(three, MatrixXd(x), noise, x, x));
  SAYS(tw::slerp(wide.leftCols(3), x, 0.5, wide.rightCols(3)));
  SAYS(tw::interpolate(wide, x, 0.5, x));
  SAYS(tw::interpolate(x, wide, 0.5, x));
  SAYS(tw::interpolate(x, x, 1.5, x));
  SAYS(tw::slerp(wide, x, 0.5, x));
  SAYS(tw::slerp(x, wide, 0.5, x));
}

void noises() {
  const tw::AnySolver sde = "dpmpp_2m_sde";
  const auto twice = tw::restart(process, grid, {{.sigma_min = 1, .sigma_max = 9}});
  room("Noise",
       "`sde` is the solver `\"dpmpp_2m_sde\"`, `twice` is "
       "`tw::restart(process, grid, {{.sigma_min = 1, .sigma_max = 9}})`.");
  SAYS(noise.fill(0, x.topRows(1)));
  SAYS(noise.fill(-1, x));
  SAYS(tw::Noise{.first_sample = -1}.fill(0, x));
  SAYS(tw::Noise{.first_sample = std::int64_t{1} << 36}.fill(0, x));
  SAYS(noise.fill(0, std::int64_t{1} << 29, 0, 6, x.data()));
  SAYS(noise.fill(0, 2, -1, 6, x.data()));
  SAYS(tw::RecordedNoise({x, x}).fill(2, x));
  SAYS(tw::RecordedNoise({wide}).fill(0, x));
  SAYS(tw::Sampler(plan, model, x)(x, tw::RecordedNoise({x, x})));
  SAYS(tw::Seeds{41, 7}.fill(0, x));
  SAYS(tw::BrownianPath(tw::make_plan(process, sde, twice), noise));
  SAYS(tw::BrownianPath(tw::make_plan(process, sde, grid.first(3)), noise).fill(4, x));
  SAYS(tw::Sampler(tw::make_plan(process, sde, grid), model, x)(
      x, tw::BrownianPath(tw::make_plan(process, sde, tw::karras(process, 5)), noise)));
  SAYS(tw::BrownianPath(tw::make_plan(process, sde, tw::from_sigmas(process, {1.3, 1.3 - 1e-9})),
                        noise));
}

void blocks_and_threads() {
  const tw::PredictorCorrector<tw::DDIM> batch{.step_size = tw::LangevinStep::by_batch_norms};
  const tw::Plan coupled = tw::make_plan(process, batch, grid);
  room("Blocks and threads",
       "`coupled` is the plan of `batch` above, `threads` are `tw::Threads(2)`.");
  SAYS(tw::BlockedSampler(plan, model, x, {.columns = -1}));
  SAYS(tw::BlockedSampler(coupled, model, x));
  SAYS(tw::BlockedSampler(plan, model, x)(wide, noise));
  SAYS(tw::for_each_block(100, {.columns = 0}, [](auto, auto) {}));
  SAYS(tw::for_each_block(-1, {}, [](auto, auto) {}));
  SAYS(tw::for_each_block(100, {.rank = 4, .ranks = 4}, [](auto, auto) {}));
  SAYS(tw::Threads(-1));
  SAYS(tw::in_batches(model, 0));
  tw::Threads threads(2);
  SAYS(threads(4, [&](auto, int) { threads(4, [](auto, int) {}); }));
}

void measurements() {
  room("Measurements",
       "`mask` is `tw::Mask(Eigen::Array2d(1, 0))`, `y` 1 x 1 and `rising` the grid reversed.");
  const tw::Mask mask(Eigen::Array2d(1, 0));
  const MatrixXd y = MatrixXd::Ones(1, 1), far = MatrixXd::Constant(1, 1, INFINITY);
  const tw::Grid rising = tw::reversed(grid);
  const tw::Flow flow;
  const auto data = tw::predicts_data([](const auto& in, double) { return 1 * in; });
  SAYS(tw::Mask(Eigen::Array2d(1, 0.5)));
  SAYS(tw::MatrixMeasurement(far));
  SAYS(tw::Downsampling(7, 2));
  SAYS(tw::Blur(7, {1, 1}));
  SAYS(tw::Blur(7, {NAN}));
  SAYS(tw::moment_matched(data, mask, x));
  SAYS(tw::moment_matched(data, mask, far));
  SAYS(tw::moment_matched(data, mask, y, {.noise = -1}));
  SAYS(tw::moment_matched(data, mask, y, {.data_variance = 0}));
  SAYS(tw::moment_matched(data, mask, y, {.iterations = 0}));
  SAYS(tw::sample(process, tw::moment_matched(data, mask, y), "ddim", grid, {.dim = 3}));
  SAYS(tw::sample(flow, tw::moment_matched(data, mask, y), "ddim", tw::uniform(flow, 5),
                  {.dim = 2}));
  SAYS(tw::sample(process, tw::moment_matched(data, mask, MatrixXd(x.topRows(1))), "ddim", grid,
                  {.dim = 2, .count = 4}));
  SAYS(tw::dps(data, mask, x));
  SAYS(tw::dps(data, mask, y, -1));
  SAYS(tw::sample(process, tw::dps(data, mask, y), "ddim", grid, {.dim = 3}));
  SAYS(tw::sample(flow, tw::dps(data, mask, y), "ddim", tw::uniform(flow, 5), {.dim = 2}));
  SAYS(tw::sample(process, tw::dps(data, mask, MatrixXd(x.topRows(1))), "ddim", grid,
                  {.dim = 2, .count = 4}));
  SAYS(tw::Replacement(mask, y));
  tw::Sampler sampler(plan, model, x);
  SAYS([&] { tw::Replacement(mask, wide)(*sampler.steps(x, noise).begin(), noise); }());
  SAYS(tw::repaint(rising, 5));
  SAYS(tw::repaint(grid, 0));
}

/// DDIM, which estimates no error, as a method of adaptive steps.
struct UnestimatedMethod {
  double error_order = 0;

  tw::Facts facts() const { return {.name = "DDIM", .error_order = error_order}; }
  template <class X>
  X step(auto& c, const tw::Interval& s, const X& state) const {
    return tw::DDIM{}.step(c, s, state);
  }
  template <class X, class M>
  tw::TracedTrial<X, M> trial(const tw::AnyProcess& p, M m, Eigen::Index dim, Eigen::Index count,
                              const tw::AdaptiveOptions& o) const {
    return {p, std::move(m), *this, tw::Tolerance::sum, dim, count, o};
  }
};

void adaptive_and_likelihood() {
  room("Adaptive steps and likelihood",
       "`mine` has one stage; `nested` runs a sampler inside its own steps; `above` is "
       "`tw::karras(process, 4, {.to_zero = false})`; `broken` predicts NaN; `method` "
       "is a trial of DDIM, whose step estimates no error, and whose facts say so; those of "
       "`silent` do not.");
  const auto broken =
      tw::predicts_data([](const auto& state, double) { return double(NAN) * state; });
  const UnestimatedMethod method, silent{.error_order = 2};
  SAYS(tw::solve_adaptively(process, model, x, {.rtol = -1}));
  SAYS(tw::solve_adaptively(process, model, x, {.first_step = -1}));
  SAYS(tw::solve_adaptively(process, model, x, {.max_evaluations = 0}));
  SAYS(tw::solve_adaptively(process, model, x, {.max_evaluations = 5}));
  SAYS(tw::solve_adaptively(process, model, x, {.control = {.I = 0}}));
  SAYS(tw::solve_adaptively(process, model, x, {.control = {.safety = 2}}));
  SAYS(tw::solve_adaptively(process, broken, x));
  SAYS(tw::solve_adaptively(process, tw::StepDoubling{tw::DDIM{.eta = 1}}, model, x));
  SAYS(tw::solve_adaptively(process, tw::StepDoubling{tw::LMS{}}, model, x));
  SAYS(tw::solve_adaptively(process, method, model, x));
  SAYS(tw::solve_adaptively(process, silent, model, x));
  SAYS(tw::solve_adaptively(tw::TabulatedVP::from_betas(tw::linear_betas(100)),
                            tw::EmbeddedPair<>{}, model, x));
  tw::EmbeddedTableau mine = tw::dormand_prince;
  mine.stages = 1;
  SAYS(tw::solve_adaptively(process, tw::EmbeddedPair<>{mine}, model, x));
  {
    auto sampler = tw::adaptive_sampler(process, tw::EmbeddedPair<>{}, model, x);
    SAYS(sampler(wide));
    const auto nested = [&] {
      for (auto step : sampler.steps(x, process.at(1), process.at(0.1))) sampler(step.x);
    };
    SAYS(nested());
    const tw::Level clean = process.at(0), top = process.at(1);
    auto of_data = tw::adaptive_sampler(process, tw::EmbeddedPair<>{}, broken, x);
    SAYS(of_data(x, top, clean));
  }
  SAYS(tw::solve_adaptively(tw::Flow{}, tw::EmbeddedPair<tw::InSigma>{}, model, x));
  SAYS(tw::AdaptiveRun{}.grid());
  SAYS(tw::log_likelihood(process, model, x, {.probes = -1}));
  SAYS(tw::log_likelihood(process, model, x, {.prior_deviation = -1}));
  SAYS(tw::log_likelihood(process, model, x, {.network_epsilon = 1}));
  SAYS(tw::log_likelihood_with(process, model, x, MatrixXd(2, 4)));
  SAYS(tw::log_likelihood(process, model, MatrixXd(0, 3)));
  SAYS(tw::log_likelihood(process, model, x, {.max_evaluations = 20}));
  const tw::Grid above = tw::karras(process, 4, {.to_zero = false});
  SAYS(tw::ReversibleSampler(grid, model, x));
  SAYS(tw::ReversibleSampler(above, model, x, tw::EDICT{.p = 2}));
  SAYS(tw::ReversibleSampler(above, model, x, tw::EDICT{.p = 0.01}));
  SAYS(tw::ReversibleSampler(above, model, x).decode(wide));
  SAYS(tw::ReversibleSampler(above, model, x).decode(x, x));
  SAYS(tw::variational_bound(grid, model, x));
  SAYS(tw::variational_bound(tw::karras(process, 5, {.to_zero = false}), model, MatrixXd(0, 3)));
}

tw::Plan from_text(const std::string& text) {
  std::istringstream in(text);
  return tw::plan_from(in);
}
void plan_texts() {
  room("Plans as text",
       "`from_text` gives a string to `plan_from`; `text` is the text of `plan`, and `with(text, "
       "old, put)` has another word.");
  const std::string text = tw::text(plan);
  const auto with = [](std::string changed, std::string_view old, std::string_view put) {
    return changed.replace(changed.find(old), old.size(), put);
  };
  SAYS(from_text("a plan"));
  SAYS(from_text("tweedie plan 2\nstat: r1 = 1 r0\nend\n"));
  SAYS(from_text("tweedie plan 2\nfacts: ordre = 1\n"));
  SAYS(from_text("tweedie plan 2\nfacts: order = 100000000\n"));
  SAYS(from_text("tweedie plan 2\nsolver: x\nsolver: x\n"));
  SAYS(from_text("tweedie plan 2\n"));
  SAYS(from_text("tweedie plan 2\nsolver: x\nend\n"));
  SAYS(from_text(with(text, "solve:", "draw: z3  from = 0  to = 1\nsolve:")));
  SAYS(from_text(with(with(text, "draws = 0", "draws = 1000"), "first = 0", "first = 9999")));
  std::istringstream of_vp(text);
  SAYS(tw::plan_from(of_vp, tw::EDM{}));
  std::istringstream of_inf(with(text, "from t = 1 ", "from t = inf "));
  SAYS(tw::plan_from(of_inf, tw::EDM{}));
  SAYS(tw::Intervals(grid).as_part_of(3, 4, 0, false));
}

void tuning() {
  room("Tuning");
  const tw::Pilots pilots{x};
  SAYS(tw::focused(process, 10, {.centre = 0}));
  SAYS(tw::focus_of(MatrixXd(2, 1)));
  SAYS(tw::focus_of(MatrixXd(MatrixXd::Zero(2, 3))));
  SAYS(tw::focused(process, 0));
  SAYS(tw::refined(process, grid, {.steps = 0}));
  const tw::Grid one = tw::uniform(process, 1);
  const tw::Plan usual = tw::make_plan(process, "dpmpp_2m", one);
  SAYS(tw::fit_rows(model, one, pilots, usual));
  SAYS(tw::fit_rows(model, one, {x, x}, usual, {.ridge = -1}));
  SAYS(tw::fit_rows(model, one, {x, x}, tw::make_plan(process, "heun", grid)));
  const tw::Grid low = tw::uniform(process, 1, {.to_zero = false});
  SAYS(tw::fit_rows(model, low, {x, x}, tw::make_plan(process, "ddpm", low)));
  SAYS(tw::universal(process, 5, {.data = {0}}));
  SAYS(tw::universal(process, 5, {.kinds = 0}));
  SAYS(tw::fit_rows(model, one, {x, x},
                    tw::make_plan(process, "dpmpp_2m", tw::uniform(process, 1, {.t_max = 0.9}))));
  const tw::Grid up = tw::reversed(tw::uniform(process, 1, {.to_zero = false}));
  SAYS(tw::fit_rows(model, up, {x, x}, tw::make_plan(process, "dpmpp_2m", up)));
  SAYS(tw::judged({"", plan}, model, x, wide, noise));
  SAYS(tw::tune(process, model, {.nfe = 1, .dim = 2}));
  SAYS(tw::tune(process, model, {}));
  SAYS(tw::tune(process, model, {.dim = 2, .pilots = 1}));
  SAYS(tw::tune(process, model, {.dim = 2, .checks = 0}));
  SAYS(tw::tune(process, model, {.dim = 2, .reference = 10}));
  SAYS(tw::tune(process, model, {.dim = 2, .fits = {}}));
  const auto ones = [](const tw::Level&, auto& starts, const tw::Noise&) { starts.setOnes(); };
  SAYS(tw::tune(process, model, {.dim = 2, .starts = ones}));
  const auto other = [](const tw::Level&, auto& starts, const tw::Noise&) { starts.setOnes(1, 1); };
  SAYS(tw::tune(process, model, {.dim = 2, .starts = other}));
  const auto broken =
      tw::predicts_data([](const auto&, double, auto& out) { out.setConstant(NAN); });
  SAYS(tw::tune(process, broken, {.dim = 2}));
}

void training() {
  room("Training", "`levels` are two, `two` is 2 x 2.");
  const std::vector<tw::Level> levels(2);
  SAYS(tw::LevelDistribution::log_normal_sigma(process, NAN));
  SAYS(tw::LevelDistribution::log_uniform_sigma(process, 1, 0.1));
  SAYS(tw::LevelDistribution::cosine(process, 0));
  SAYS(tw::LevelDistribution::logit_normal_time(process, 0, 0));
  SAYS(tw::draw_levels(tw::LevelDistribution::uniform_time(process), 0, {}));
  MatrixXd two(2, 2);
  SAYS(tw::targets(tw::Prediction::data, levels, x, x, x));
  SAYS(tw::targets(tw::Prediction::data, levels, x, two, two));
  SAYS(tw::targets(tw::Prediction::data, levels, two, x, two));
  SAYS(tw::LossHistory(1, 0.1));
}

nlohmann::json config(const std::string& name, nlohmann::json members) {
  members["_class_name"] = name + "Scheduler";
  return members;
}

void files() {
  room("Files", "`config` is a JSON object of that class and these members.");
  SAYS(tw::from_scheduler_config(nlohmann::json::array(), 10));
  SAYS(tw::from_scheduler_config(config("EulerDiscrete", {{"beta_end", "0.02"}}), 10));
  SAYS(tw::from_scheduler_config(config("EulerDiscrete", {{"beta_schedule", 3}}), 10));
  SAYS(tw::from_scheduler_config(config("EulerDiscrete", {{"use_karras_sigmas", 1}}), 10));
  SAYS(tw::from_scheduler_config(config("EulerDiscrete", {{"trained_betas", 1}}), 10));
  SAYS(tw::from_scheduler_config(config("EulerDiscrete", {{"trained_betas", {"a"}}}), 10));
  SAYS(tw::from_scheduler_config(config("EulerDiscrete", {{"beta_schedule", "squared"}}), 10));
  SAYS(tw::from_scheduler_config(config("EulerDiscrete", {{"prediction_type", "flow"}}), 10));
  SAYS(tw::from_scheduler_config(config("EulerDiscrete", {{"timestep_spacing", "even"}}), 10));
  SAYS(tw::from_scheduler_config(config("EulerDiscrete", {{"steps_offset", 0}}), 1001));
  SAYS(tw::from_scheduler_config(config("EulerDiscrete", {{"use_beta_sigmas", true}}), 10));
  SAYS(tw::from_scheduler_config(config("EulerDiscrete", {{"thresholding", true}}), 10));
  SAYS(tw::from_scheduler_config(config("DPMSolverMultistep", {{"solver_order", 4}}), 10));
  SAYS(tw::from_scheduler_config(
      config("DPMSolverMultistep", {{"algorithm_type", "sde-dpmsolver"}}), 10));
  SAYS(tw::from_scheduler_config(config("DPMSolverMultistep", {{"solver_type", "bh2"}}), 10));
  SAYS(tw::from_scheduler_config(config("UniPCMultistep", {{"solver_type", "midpoint"}}), 10));
  SAYS(tw::from_scheduler_config(config("DDIM", {{"timestep_spacing", "linspace"}}), 10));
  SAYS(tw::from_scheduler_config(config("DDIM", {}), 1));
  SAYS(tw::from_scheduler_config(config("DDIM", {{"clip_sample_range", -1}}), 10));
  SAYS(tw::from_scheduler_config(config("DDIM", {{"steps_offset", 150}}), 10));
  SAYS(tw::from_scheduler_config(config("PNDM", {}), 1));
  SAYS(tw::from_scheduler_config(config("EulerDiscrete", {{"sigma_max", 700}}), 10));
  SAYS(tw::from_scheduler_config(config("EulerDiscrete", {{"final_sigmas_type", "Zero"}}), 10));
  SAYS(tw::from_scheduler_config(
      config("EulerDiscrete", {{"use_karras_sigmas", true}, {"use_exponential_sigmas", true}}),
      10));
  SAYS(tw::from_scheduler_config(config("EulerDiscrete", {{"use_karras_sigmas", true},
                                                          {"rescale_betas_zero_snr", true},
                                                          {"timestep_spacing", "trailing"}}),
                                 10));
  SAYS(tw::from_scheduler_config(config("DPMSolverMultistep", {{"algorithm_type", "dpmsolver"}}),
                                 10));
  SAYS(tw::from_scheduler_config(config("FlowMatchEulerDiscrete", {}), 0));
  SAYS(tw::from_scheduler_config(config("DDPM", {{"variance_type", "learned"}}), 10));
  SAYS(tw::from_scheduler_config(config("FlowMatchEulerDiscrete", {{"use_dynamic_shifting", true}}),
                                 10));
  SAYS(tw::from_scheduler_config(config("FlowMatchEulerDiscrete", {{"time_shift_type", "cubic"}}),
                                 10));
  SAYS(tw::from_scheduler_config(config("FlowMatchEulerDiscrete", {{"shift", -1}}), 10));
  SAYS(tw::from_scheduler_config(config("CosineDPMSolverMultistep", {}), 10));
}

void distributions_and_analysis() {
  const tw::Gaussian line = tw::Gaussian::diagonal(VectorXd::Zero(1), VectorXd::Ones(1));
  const tw::Gaussian plane = tw::Gaussian::diagonal(VectorXd::Zero(2), VectorXd::Ones(2));
  room("Distributions and analysis",
       "`line` and `plane` are standard normal, a `Gaussian` of one and of two coordinates.");
  SAYS(tw::Gaussian(Vector2d(0, 0), Vector2d(1, 1)));
  SAYS(tw::Gaussian(VectorXd(), MatrixXd()));
  SAYS(tw::Gaussian(Vector2d(0, 0), MatrixXd::Constant(2, 2, 1e200)));
  SAYS(tw::Gaussian(Vector2d(0, 0), MatrixXd::Constant(2, 2, NAN)));
  SAYS(tw::Gaussian::diagonal(Vector2d(0, NAN), Vector2d(1, 1)));
  SAYS(tw::Gaussian::diagonal(Vector2d(0, 0), Vector2d(1, 0)).log_density(process.at_sigma(0), x));
  SAYS(tw::wasserstein(tw::exact_moments(line, plan.to()), tw::exact_moments(plane, plan.to())));
  SAYS(tw::Gaussian::diagonal(Vector2d(0, 0), VectorXd::Ones(1)));
  SAYS(tw::Gaussian::diagonal(Vector2d(0, 0), Vector2d(1, -1)));
  SAYS(line.log_density(plan.to(), x));
  SAYS(tw::Mixture({0.5, 0.5}, {plane}));
  SAYS(tw::Mixture({1.5, -0.5}, {plane, plane}));
  SAYS(tw::Mixture({0.5, 0.5}, {plane, line}));
  SAYS(tw::Mixture({0.5, 0.6}, {plane, plane}));
  SAYS(tw::Mixture({1}, {line}).sample(x, noise));
  const tw::PredictorCorrector<tw::DDIM> batch{.step_size = tw::LangevinStep::by_batch_norms};
  SAYS(tw::moments(tw::make_plan(process, batch, grid), plane));
  const tw::EDM far{.t_max = 1e200};
  SAYS(tw::moments(tw::make_plan(far, "euler_time", tw::uniform(far, 2)), plane));
  SAYS(tw::measure_order(process, "ddim", {10}));
  SAYS(tw::measure_order(process, "ddim", {0, 10}));
}

/// A check in the headers, as the literals of its sentence; between two of them stand values.
struct Check {
  std::string place;
  std::vector<std::string> literals;
};

bool makes(const Check& check, std::string_view sentence) {
  std::size_t at = 0;
  for (const std::string& literal : check.literals) {
    at = sentence.find(literal, at);
    if (at == std::string_view::npos) return false;
    at += literal.size();
  }
  return sentence.starts_with(check.literals.front()) && sentence.ends_with(check.literals.back());
}

/// The text of a header without its comments.
std::string code_of(const std::filesystem::path& header) {
  std::ifstream in(header);
  std::string code;
  for (std::string line; std::getline(in, line);) code += line.substr(0, line.find("//")) + "\n";
  return code;
}

std::string word_before(const std::string& code, std::size_t end) {
  std::size_t begin = end;
  while (begin > 0 &&
         (std::isalnum(static_cast<unsigned char>(code[begin - 1])) || code[begin - 1] == '_'))
    --begin;
  return code.substr(begin, end - begin);
}

/// The arguments of the call whose parenthesis opens before `at`.
std::vector<std::string> arguments(const std::string& code, std::size_t at) {
  std::vector<std::string> all(1);
  bool quoted = false;
  for (int depth = 1; at < code.size(); ++at) {
    const char letter = code[at];
    if (letter == '"' && code[at - 1] != '\\') quoted = !quoted;
    if (!quoted && std::string_view("([{").find(letter) != std::string_view::npos) ++depth;
    if (!quoted && std::string_view(")]}").find(letter) != std::string_view::npos) --depth;
    if (depth == 0) break;
    if (!quoted && depth == 1 && letter == ',')
      all.emplace_back();
    else if (quoted || !std::isspace(static_cast<unsigned char>(letter)))
      all.back() += letter;
  }
  return all;
}

/// The literals of the sentence that a call makes from these arguments.
std::vector<std::string> literals(const std::string& function, std::vector<std::string> words) {
  if (function == "check_shape")
    words = {"",       words[0], "\" \"", "rows", "\" x \"", "cols",
             "\", \"", words[2], "\" \"", "rows", "\" x \"", "cols"};
  if (function == "at_least_0")
    words = {"", words[0], "\" = \"", words[1], "\" must be at least 0 and finite\""};
  std::vector<std::string> all(1);
  if (function == "require" || function == "at_least_0") all.emplace_back(": ");
  for (std::size_t k = 1; k < words.size(); ++k) {
    const std::string& word = words[k];
    if (!word.starts_with('"') || !word.ends_with('"')) {
      all.emplace_back();  // a value
      continue;
    }
    for (std::size_t j = 0; j < word.size(); ++j)  // one literal, or several side by side
      if (word[j] != '"') all.back() += word[j] == '\\' ? word[++j] : word[j];
  }
  return all;
}

/// All calls of check, require, at_least_0 and check_shape in the headers.
std::vector<Check> checks() {
  namespace fs = std::filesystem;
  const fs::path include = fs::path(TWEEDIE_SOURCE) / "include";
  std::vector<Check> all;
  for (const auto& entry : fs::recursive_directory_iterator(include)) {
    if (entry.path().extension() != ".hpp" || entry.path().filename() == "error.hpp") continue;
    const std::string code = code_of(entry.path());
    const std::size_t own = code.find("class OptionCheck {"), end_of_own = code.find("\n};", own);
    for (std::size_t at = code.find('('); at < code.size(); at = code.find('(', at + 1)) {
      const std::string function = word_before(code, at);
      const bool is_check = function == "check" || function == "require" ||
                            function == "at_least_0" || function == "check_shape";
      if (!is_check || (own < at && at < end_of_own)) continue;
      const auto line = std::ranges::count(code.substr(0, at), '\n') + 1;
      all.push_back({fs::relative(entry.path(), include).string() + ":" + std::to_string(line),
                     literals(function, arguments(code, at + 1))});
    }
  }
  std::ranges::sort(all, {}, &Check::place);
  return all;
}

void find_unmet() {
  const std::vector<Check> all = checks();
  int unmet = 0;
  for (const Check& check : all) {
    const auto is_made = [&](const std::string& sentence) { return makes(check, sentence); };
    if (std::ranges::any_of(sentences, is_made)) continue;
    std::cerr << check.place << ": no call makes \"" << check.literals[0];
    for (std::size_t k = 1; k < check.literals.size(); ++k) std::cerr << "..." << check.literals[k];
    std::cerr << "\"\n";
    ++unmet;
  }
  std::cerr << all.size() << " checks in the headers, " << unmet << " without a sentence here\n";
  failures += unmet > 0 || all.empty();
}

}  // namespace

int main(int argc, char** argv) {
  page << introduction;
  processes();
  grids();
  models();
  options();
  plans();
  running();
  forward();
  noises();
  blocks_and_threads();
  measurements();
  adaptive_and_likelihood();
  plan_texts();
  tuning();
  training();
  files();
  distributions_and_analysis();
  if (argc == 3 && std::string(argv[1]) == "--check") {
    std::ifstream in(argv[2]);
    std::ostringstream known;
    known << in.rdbuf();
    if (known.str() != page.str()) {
      std::cerr << argv[2] << " is not what this program prints; make it anew\n";
      ++failures;
    }
  } else {
    std::cout << page.str();
  }
  find_unmet();
  return failures > 0;
}
