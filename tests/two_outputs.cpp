// SPDX-License-Identifier: MIT
// Models of two outputs, data and an epsilon that need not belong to them: clipped data with the
// network's epsilon, CFG++, and users' own.
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include <tweedie/adaptive/adaptive_sampler.hpp>
#include <tweedie/distribution/gaussian.hpp>
#include <tweedie/grid/restart.hpp>
#include <tweedie/grid/spacing.hpp>
#include <tweedie/grid/spacing_in_time.hpp>
#include <tweedie/model/clipped.hpp>
#include <tweedie/model/guided.hpp>
#include <tweedie/parallel/blocked_sampler.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/flow.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/run/steps.hpp>
#include <tweedie/solver/ode/ddim.hpp>
#include <tweedie/solver/ode/dpm_solver.hpp>
#include <tweedie/solver/ode/dpm_solver_multistep.hpp>
#include <tweedie/solver/wrap/ancestral.hpp>

#include "support/predicting.hpp"
#include "support/processes.hpp"
#include "support/registry.hpp"

namespace tw = tweedie;
using Eigen::MatrixXd;
using tw::Prediction;

namespace {

/// E[x0 | x] for data N(mean, variance), and the epsilon that belongs to it.
double data_of(double mean, double variance, const tw::Level& l, double x) {
  return mean +
         variance * l.scale / (variance * l.scale * l.scale + l.std * l.std) * (x - l.scale * mean);
}
double epsilon_of(double mean, double variance, const tw::Level& l, double x) {
  return l.std * (x - l.scale * mean) / (variance * l.scale * l.scale + l.std * l.std);
}
auto network(Prediction given, double mean, double variance) {
  return tw::predicts(given, [=](const auto& x, const tw::Call& call, auto& out) {
    using T = typename std::decay_t<decltype(out)>::Scalar;
    const tw::Level& l = call.level;
    for (Eigen::Index i = 0; i < x.size(); ++i) {
      const double D = data_of(mean, variance, l, double(x(i))),
                   e = epsilon_of(mean, variance, l, double(x(i)));
      out(i) = static_cast<T>(given == Prediction::data      ? D
                              : given == Prediction::epsilon ? e
                                                             : l.scale_rate * D + l.std_rate * e);
    }
  });
}

constexpr double lambda = 0.6, of_class[] = {1, 0.3}, of_all[] = {-1, 2};

/// CFG++ between two Gaussians.
auto cfg_plus_plus(Prediction given = Prediction::velocity) {
  return tw::guided(network(given, of_class[0], of_class[1]), network(given, of_all[0], of_all[1]),
                    tw::cfg_plus_plus(lambda));
}
double guided_data(const tw::Level& l, double x) {
  const double D1 = data_of(of_class[0], of_class[1], l, x),
               D0 = data_of(of_all[0], of_all[1], l, x);
  return D0 + lambda * (D1 - D0);
}
double base_epsilon(const tw::Level& l, double x) {
  return epsilon_of(of_all[0], of_all[1], l, x);
}

/// Outputs that belong together in no way, smooth in x: of a user's own making.
template <class T>
T odd_data(const tw::Level& l, T x) {
  return std::sin(T(1.3) * x / T(l.scale + l.std)) + T(0.2);
}
template <class T>
T odd_epsilon(const tw::Level& l, T x) {
  return std::cos(T(0.7) * x / T(l.scale + l.std)) - T(0.1);
}
auto odd(tw::Remembered remembered = tw::Remembered::data) {
  auto model = tw::predicts_data_and_epsilon(
      [](const auto& x, const tw::Call& call, auto& data, auto& epsilon) {
        for (Eigen::Index i = 0; i < x.size(); ++i)
          data(i) = odd_data(call.level, x(i)), epsilon(i) = odd_epsilon(call.level, x(i));
      });
  model.prediction = tw::Output::data_and_epsilon(remembered);
  return model;
}

/// Levels from near pure noise to near clean data, where no conversion is singular.
tw::Grid grid_of(const tw::AnyProcess& process, int steps = 9) {
  return tw::karras(process, steps, {.sigma_max = 20, .sigma_min = 0.05, .to_zero = false});
}

/// The rows of a plan by the letter of the rule: once a value was evaluated in a step it is what its
/// outputs describe, scale D + std epsilon; an evaluation of the step before at this step's own level
/// moves the start as it moves the state that it was made at; older ones are remembered.
MatrixXd by_the_rule(const tw::Plan& plan, MatrixXd x, const tw::RecordedNoise& noise,
                     tw::Remembered remembered) {
  struct Outputs {
    MatrixXd in, data, epsilon;
    tw::Level level;
    int step;
  };
  std::map<int, MatrixXd> value{{0, x}};
  std::map<int, std::pair<int, Prediction>> reading;
  std::vector<Outputs> evaluations;
  int step = 0, start = 0;
  bool start_moved = false;
  const auto read = [&](int index) -> MatrixXd {
    if (reading.count(index) == 0) return value.at(index);
    const auto& [number, wanted] = reading.at(index);
    const Outputs& o = evaluations[std::size_t(number)];
    const bool now = o.step == step || o.level == plan.intervals()[step].from;
    if (now && o.step != step && !start_moved) {
      value[start] += o.level.scale * o.data + o.level.std * o.epsilon - o.in;
      start_moved = true;
    }
    MatrixXd D = o.data;
    if (!now && remembered == tw::Remembered::of_epsilon)
      D = (o.in - o.level.std * o.epsilon) / o.level.scale;
    switch (wanted) {
      case Prediction::data: return D;
      case Prediction::epsilon: return o.epsilon;
      case Prediction::score: return -o.epsilon / o.level.std;
      case Prediction::v: return o.level.scale * o.epsilon - o.level.std * D;
      default: return o.level.scale_rate * D + o.level.std_rate * o.epsilon;
    }
  };
  for (const tw::Row& row : plan.rows()) {
    if (const auto* e = std::get_if<tw::Evaluate>(&row)) {
      reading[e->out] = {e->evaluation, e->prediction};
      if (e->evaluation < int(evaluations.size())) continue;
      Outputs o{value.at(e->in), {}, {}, e->level, step};
      o.data = o.in.unaryExpr([&](double v) { return odd_data(e->level, v); });
      o.epsilon = o.in.unaryExpr([&](double v) { return odd_epsilon(e->level, v); });
      value[e->in] = o.level.scale * o.data + o.level.std * o.epsilon;
      start_moved |= e->in == start;
      evaluations.push_back(o);
    } else if (const auto* u = std::get_if<tw::Update>(&row)) {
      for (const tw::Term& term : u->terms)  // first, since it may move the start
        if (term.operand.is_value()) read(term.operand.index);
      MatrixXd sum = MatrixXd::Zero(x.rows(), x.cols()), z = sum;
      for (const tw::Term& term : u->terms) {
        if (term.operand.is_draw()) noise.fill(term.operand.index, z);
        sum += term.weight * (term.operand.is_draw() ? z : read(term.operand.index));
      }
      value[u->out] = sum;
      if (u->role == tw::Role::state) ++step, start = u->out, start_moved = false;
    } else {
      const auto& langevin = std::get<tw::Langevin>(row);
      const MatrixXd in = read(langevin.in), score = read(langevin.score);
      MatrixXd z = x;
      noise.fill(langevin.draw, z);
      const double a =
          langevin.options.step(z.colwise().norm().mean(), score.colwise().norm().mean());
      value[langevin.out] = in + a * score + std::sqrt(2 * a) * z;
    }
  }
  return value.at(start);
}

/// DDIM as most programs write it, and on epsilon.
struct WithTheState {  // DDIM as most programs write it
  tw::Facts facts() const { return {.name = "Euler with x"}; }
  template <class X>
  X step(auto& c, const tw::Interval& s, const X& x) const {
    const double r = s.to.sigma() / s.from.sigma();
    return s.to.scale * (r / s.from.scale * x + (1 - r) * c.data(x, s.from));
  }
};
struct WithEpsilon {
  tw::Facts facts() const { return {.name = "Euler on epsilon"}; }
  template <class X>
  X step(auto& c, const tw::Interval& s, const X& x) const {
    return s.to.scale *
           (1 / s.from.scale * x + (s.to.sigma() - s.from.sigma()) * c.epsilon(x, s.from));
  }
};

/// Counts the calls of either form.
struct Counted {
  int *both, *alone;
  tw::Output prediction = tw::Output::data_and_epsilon();
  void operator()(const auto& x, const tw::Call&, auto& data) { ++*alone, data = 0.5 * x; }
  void operator()(const auto& x, const tw::Call&, auto& data, auto& epsilon) {
    ++*both, data = 0.5 * x, epsilon = 0.1 * x;
  }
};

}  // namespace

TEST_CASE("law: both outputs of one network are that network's run, for every solver") {
  const auto both = tw::predicts_data_and_epsilon(
      [](const auto& x, const tw::Call& call, auto& data, auto& epsilon) {
        for (Eigen::Index i = 0; i < x.size(); ++i) {
          data(i) = data_of(0.4, 0.3, call.level, x(i));
          epsilon(i) = epsilon_of(0.4, 0.3, call.level, x(i));
        }
      });
  for (const auto& [process_name, process] : processes())
    for (const NamedSolver& solver : all_solvers())
      for (tw::Remembered remembered : {tw::Remembered::data, tw::Remembered::of_epsilon}) {
        INFO(solver.name << " on " << process_name);
        const tw::Plan plan = tw::make_plan(process, solver.solver, grid_of(process));
        const MatrixXd x = start(plan);
        auto own = both;
        own.prediction = tw::Output::data_and_epsilon(remembered);
        const auto noise = recorded(plan, x);
        const MatrixXd expected = run(plan, network(Prediction::data, 0.4, 0.3), x, noise),
                       got = run(plan, own, x, noise);
        CHECK(largest(got - expected) < 1e-9 * (1 + largest(expected)));
      }
}

TEST_CASE("law: outputs that do not belong together follow the rule, for every solver") {
  int compared = 0;
  for (const auto& [process_name, process] : processes())
    for (const NamedSolver& solver : all_solvers())
      for (tw::Remembered remembered : {tw::Remembered::data, tw::Remembered::of_epsilon}) {
        INFO(solver.name << " on " << process_name);
        const tw::Plan plan = tw::make_plan(process, solver.solver, grid_of(process));
        const MatrixXd x = start(plan);
        const auto noise = recorded(plan, x);
        const MatrixXd expected = by_the_rule(plan, x, noise, remembered),
                       got = run(plan, odd(remembered), x, noise);
        if (!(largest(expected) < 1e3)) continue;  // amplifies what it is given without bound
        CHECK(largest(got - expected) < 1e-8 * (1 + largest(expected)));
        ++compared;
      }
  CHECK(compared > 700);
}

TEST_CASE("two outputs: a method means the same with the state in its formula and without") {
  for (const auto& [name, process] : processes()) {
    INFO(name);
    const tw::Grid grid = grid_of(process);
    const tw::Plan plan = tw::make_plan(process, "ddim", grid);
    const MatrixXd x = start(plan), expected = run(plan, odd(), x, tw::Noise{});
    for (const tw::AnySolver& solver :
         {tw::AnySolver(WithTheState{}), tw::AnySolver(WithEpsilon{})})
      CHECK(largest(run(tw::make_plan(process, solver, grid), odd(), x, tw::Noise{}) - expected) <
            1e-11 * (1 + largest(expected)));
  }
}

TEST_CASE("CFG++: the paper's update for DDIM with any eta, Euler and ancestral steps, by hand") {
  const auto check = [](const char* name, const tw::AnyProcess& process,
                        const tw::AnySolver& solver, const tw::Grid& grid, double eta) {
    INFO(name << ", eta = " << eta);
    const tw::Plan plan = tw::make_plan(process, solver, grid);
    MatrixXd x = start(plan, 2, 40), y = x;
    const auto noise = recorded(plan, x);
    x = run(plan, cfg_plus_plus(), x, noise);
    for (int k = 0; k < grid.steps(); ++k) {
      const tw::Level &l = grid[k], &u = grid[k + 1];
      MatrixXd z = MatrixXd::Zero(2, 40);
      if (eta > 0) noise.fill(k + 1, z);
      const double r = l.scale / u.scale,
                   fresh = eta * u.std / l.std * std::sqrt(l.std * l.std - r * r * u.std * u.std);
      for (Eigen::Index i = 0; i < y.size(); ++i)
        y(i) = u.scale * guided_data(l, y(i)) +
               std::sqrt(u.std * u.std - fresh * fresh) * base_epsilon(l, y(i)) + fresh * z(i);
    }
    CHECK(largest(x - y) < 1e-11);
  };
  const tw::VP vp;
  const tw::EDM edm;
  const tw::Flow flow;
  check("Euler on EDM", edm, "euler", tw::karras(edm, 12), 0);
  check("Euler on VP", vp, "euler", tw::karras(vp, 12), 0);
  check("DPM-Solver++-1", vp, tw::DPMSolverPP1{}, tw::karras(vp, 12), 0);
  check("Euler in time, a flow from pure noise", flow, "euler_time", tw::uniform(flow, 12), 0);
  for (double eta : {0.0, 0.5, 1.0}) {
    check("DDIM on VP", vp, tw::DDIM{.eta = eta}, tw::karras(vp, 12), eta);
    check("DDIM on a flow from pure noise", flow, tw::DDIM{.eta = eta}, tw::uniform(flow, 12), eta);
    check("ancestral Euler on EDM", edm, tw::Ancestral<tw::Euler<tw::InSigma>>{.eta = eta},
          tw::karras(edm, 12), eta);
  }
  check("DDPM", vp, "ddpm", tw::karras(vp, 12), 1);
}

TEST_CASE("CFG++: the authors' DPM-Solver++(2M), and 2S with ancestral steps, by hand") {
  // On x / scale of EDM, t = -log sigma; D guided, U of the base. The first and the last step are
  // Euler's: D + sigma_u (x - U) / sigma.
  const tw::EDM edm;
  const tw::Grid grid = tw::karras(edm, 12);
  const auto D_of = [](const tw::Level& l, const MatrixXd& x) {
    return MatrixXd(x.unaryExpr([&](double v) { return guided_data(l, v); }));
  };
  const auto U_of = [](const tw::Level& l, const MatrixXd& x) {
    return MatrixXd(x.unaryExpr([&](double v) { return data_of(of_all[0], of_all[1], l, v); }));
  };
  const tw::Plan two_m =
      tw::make_plan(edm, tw::DPMSolverPP2M{.lower_order = tw::LowerOrder::never()}, grid);
  const MatrixXd x = start(two_m, 2, 6);
  MatrixXd y = x, before;
  for (int k = 0; k < grid.steps(); ++k) {
    const tw::Level &l = grid[k], &u = grid[k + 1];
    const MatrixXd D = D_of(l, y), U = U_of(l, y);
    const double h = u.lambda() - l.lambda();
    if (k == 0 || u.std == 0) {
      y = D + u.std / l.std * (y - U);
    } else {
      const double r = (l.lambda() - grid[k - 1].lambda()) / h;
      y = D - std::exp(-h) * U - std::expm1(-h) / (2 * r) * (D - before) + std::exp(-h) * y;
    }
    before = U;
  }
  CHECK(largest(run(two_m, cfg_plus_plus(Prediction::epsilon), x, tw::Noise{}) - y) < 1e-12);

  // ComfyUI's dpmpp_2s_ancestral_cfg_pp: x + D - U in place of x, the data guided.
  const tw::Plan two_s = tw::make_plan(edm, tw::Ancestral<tw::DPMSolverPP2S>{.eta = 1}, grid);
  const auto noise = recorded(two_s, x);
  y = x;
  for (int k = 0; k < grid.steps(); ++k) {
    const tw::Level &l = grid[k], &u = grid[k + 1];
    const double s = l.std, to = u.std;
    const double up = std::min(to, std::sqrt(to * to * (s * s - to * to) / (s * s))),
                 down = std::sqrt(to * to - up * up);
    const MatrixXd D = D_of(l, y), moved = y + D - U_of(l, y);
    if (down == 0) {
      y = D;
    } else {
      const double h = std::log(s / down), middle = std::sqrt(s * down);
      const MatrixXd stage = middle / s * moved - std::expm1(-h / 2) * D;
      y = down / s * moved - std::expm1(-h) * D_of({0, 1, middle, 0, 1, 0}, stage);
    }
    if (to > 0) {
      MatrixXd z = y;
      noise.fill(k + 1, z);
      y += up * z;
    }
  }
  CHECK(largest(run(two_s, cfg_plus_plus(), x, noise) - y) < 1e-11);
}

TEST_CASE(
    "clipped with the network's epsilon: diffusers' DDIM by hand, and steps show the clipped "
    "data") {
  // A network that is off by some, so that limits are met.
  const auto off = [](Prediction given) {
    return tw::predicts(given, [=](const auto& x, const tw::Call& call, auto& out) {
      const tw::Level& l = call.level;
      for (Eigen::Index i = 0; i < x.size(); ++i) {
        const double D = 3 * data_of(0.4, 0.5, l, x(i)), e = (x(i) - l.scale * D) / l.std;
        out(i) = given == Prediction::data      ? D
                 : given == Prediction::epsilon ? e
                 : given == Prediction::score   ? -e / l.std
                 : given == Prediction::v       ? l.scale * e - l.std * D
                                                : l.scale_rate * D + l.std_rate * e;
      }
    });
  };
  const tw::VP vp;
  for (double eta : {0.0, 0.5, 1.0})
    for (Prediction given : {Prediction::data, Prediction::epsilon, Prediction::score,
                             Prediction::v, Prediction::velocity}) {
      INFO(tw::name_of(given) << ", eta = " << eta);
      const tw::Grid grid = tw::karras(vp, 8, {.to_zero = false});
      const tw::Plan plan = tw::make_plan(vp, tw::DDIM{.eta = eta}, grid);
      MatrixXd x = start(plan, 2, 5), y = x;
      const auto noise = recorded(plan, x);
      tw::Sampler sampler(plan, tw::clipped(off(given), -1, 1, tw::ClippedEpsilon::of_network), x);
      int k = 0;
      for (auto step : sampler.steps(x, noise)) {
        // Eq. 12 of Song, Meng & Ermon with pred_original_sample clipped and pred_epsilon kept.
        const tw::Level &l = grid[k], &u = grid[k + 1];
        const double variance = u.std * u.std / (l.std * l.std) *
                                (1 - l.scale * l.scale / (u.scale * u.scale)),
                     fresh = eta * std::sqrt(variance);
        MatrixXd z = MatrixXd::Zero(2, 5), limited(2, 5);
        if (eta > 0) noise.fill(k + 1, z);
        for (Eigen::Index i = 0; i < y.size(); ++i) {
          const double D = 3 * data_of(0.4, 0.5, l, y(i)), e = (y(i) - l.scale * D) / l.std;
          limited(i) = std::clamp(D, -1.0, 1.0);
          y(i) = u.scale * limited(i) + std::sqrt(u.std * u.std - fresh * fresh) * e + fresh * z(i);
        }
        CHECK(largest(step.data() - limited) < 1e-11);
        CHECK(largest(step.x - y) < 1e-11);
        ++k;
      }
    }
}

TEST_CASE("two outputs: in float, in blocks, on restarts, and from pure noise") {
  const tw::Flow flow;
  const tw::AnyProcess process = flow;
  for (const NamedSolver& solver : all_solvers()) {
    if (!solver.facts().starts_from_noise) continue;
    INFO(solver.name);
    const tw::Plan plan = tw::make_plan(process, solver.solver, tw::uniform(process, 12));
    if (plan.couples_samples()) continue;
    MatrixXd x(2, 7);
    tw::prior(plan.from(), x, tw::Noise{.seed = 3});
    Eigen::MatrixXf f = x.cast<float>(), g = f;
    const MatrixXd expected = run(plan, cfg_plus_plus(), x, tw::Noise{.seed = 4, .as_float = true});
    CHECK(std::isfinite(largest(expected)));
    tw::Sampler whole(plan, cfg_plus_plus(), f);
    whole(f, tw::Noise{.seed = 4});
    CHECK((f.cast<double>() - expected).cwiseAbs().maxCoeff() < 2e-3 * (1 + largest(expected)));
    tw::BlockedSampler blocked(plan, cfg_plus_plus(), g, {.columns = 3});
    blocked(g, tw::Noise{.seed = 4});
    CHECK(f == g);
  }
  // A restart list, by the rule.
  const tw::AnyProcess edm = tw::EDM{};
  for (const char* name : {"ddim", "heun", "dpmpp_2m", "unipc"}) {
    INFO(name);
    const tw::Plan plan =
        tw::make_plan(edm, name,
                      tw::restart(edm, grid_of(edm),
                                  {{.sigma_min = 0.5, .sigma_max = 3, .steps = 3, .times = 2}}));
    const MatrixXd x = start(plan);
    const auto noise = recorded(plan, x);
    CHECK(largest(run(plan, odd(), x, noise) - by_the_rule(plan, x, noise, tw::Remembered::data)) <
          1e-9);
  }
}

TEST_CASE("two outputs: epsilon is asked for only where a row reads it") {
  int both = 0, alone = 0;
  const tw::AnyProcess edm = tw::EDM{};
  const tw::Plan plan = tw::make_plan(edm, "dpmpp_2m", tw::karras(edm, 6));
  run(plan, Counted{&both, &alone}, start(plan), tw::Noise{});
  CHECK(both == 5);
  CHECK(alone == 1);  // the step to clean data
}

TEST_CASE("two outputs: what solves an ODE refuses them, with a sentence") {
  const tw::AnyProcess vp = tw::VP{};
  const auto model =
      tw::clipped(network(Prediction::epsilon, 0, 1), -1, 1, tw::ClippedEpsilon::of_network);
  MatrixXd x = MatrixXd::Ones(1, 2), out = x;
  CHECK_THAT(error_of([&] { tw::solve_adaptively(vp, model, x); }),
             Contains("a model of two outputs"));
  auto other = model;
  CHECK_THAT(error_of([&] {
               tw::predict(other, Prediction::epsilon, tw::view_of(x),
                           tw::Call{.level = vp.at(0.5)}, out);
             }),
             Contains("a model of two outputs"));
}
