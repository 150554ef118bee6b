// SPDX-License-Identifier: MIT
// LuChengTHU/dpm-solver, dpm_solver_pytorch.py, and wl-zhao/UniPC, uni_pc.py.
//
// | theirs                           | ours                                                       |
// |----------------------------------|------------------------------------------------------------|
// | NoiseScheduleVP linear, cosine   | VP, Cosine                                                 |
// | NoiseScheduleVP discrete         | TabulatedVP without the entries below lambda = -5.1        |
// | time_uniform, _quadratic, logSNR | uniform, power(2), log_snr, from T to t_end, no to_zero    |
// | dpmsolver, dpmsolver++           | on epsilon, on data                                        |
// | solver_type dpmsolver, taylor    | DifferenceWeight::midpoint, DifferenceWeight::taylor       |
// | multistep, order                 | DPMSolverMultistep<on, order>{d2_factor = 1, below(10)}    |
// | singlestep, singlestep_fixed     | DPMSolver[PP]Singlestep{orders, points} on outer_grid(...) |
// | inverse                          | the same solver on reversed(grid)                          |
// | UniPC bh1, bh2, vary_coeff       | UniPC or UniPCEpsilon, peers_always                              |
// | denoise_to_zero                  | one step more, to sigma = 0                                |
#pragma once

#include "diffusers.hpp"

#include <tweedie/grid/spacing.hpp>
#include <tweedie/process/cosine.hpp>

namespace golden {

/// "linspace(1e-4, 0.02, 1000)", or the list itself.
inline Numbers betas_of(const Case& words) {
  if (words.is_array()) return words;
  double first = 0, last = 0;
  int N = 0;
  tw::check(std::sscanf(words.get<std::string>().c_str(), "linspace(%lf, %lf, %d)", &first, &last,
                        &N) == 3,
            "betas are not understood: ", words.get<std::string>());
  return tw::linear_betas(N, first, last);
}

inline tw::AnyProcess dpm_solver_process(const Case& p) {
  const std::string name = p["name"];
  if (name == "VP linear")
    return tw::VP{.beta_min = number(p, "beta_0", 0.1), .beta_max = number(p, "beta_1", 20)};
  if (name.find("VP cosine") == 0)
    return tw::Cosine{.offset = number(p, "cosine_s", 0.008), .t_max = number(p, "T", 0.9946)};
  Numbers alpha_bars;
  double alpha_bar = 1;
  for (double beta : betas_of(p["betas"])) {
    alpha_bar *= 1 - beta;
    if (std::log(alpha_bar / (1 - alpha_bar)) / 2 >= -5.1) alpha_bars.push_back(alpha_bar);
  }
  return tw::TabulatedVP::from_alpha_bars(alpha_bars);
}

inline tw::Grid dpm_solver_grid(const tw::AnyProcess& process, const std::string& skip_type,
                                int steps, double t_end) {
  const tw::NoiseRange range{.t_min = t_end, .to_zero = false};
  if (skip_type == "logSNR") return tw::log_snr(process, steps, range);
  return tw::power(process, steps, skip_type == "time_quadratic" ? 2 : 1, range);
}

inline Difference dpm_solver_coefficients(const Case& c) {
  const tw::AnyProcess process = dpm_solver_process(c["process"]);
  double most = 0;
  const auto compare_all = [&](const char* times, const char* name, auto f) {
    Numbers ours;
    for (double t : c[times].get<Numbers>()) ours.push_back(f(t));
    most = std::max(most, largest_difference(ours, c[name]));
  };
  compare_all("t", "alpha", [&](double t) { return process.at(t).scale; });
  compare_all("t", "sigma", [&](double t) { return process.at(t).std; });
  compare_all("t", "log_alpha", [&](double t) { return std::log(process.at(t).scale); });
  compare_all("t", "lambda", [&](double t) { return process.at(t).lambda(); });
  const auto time = [&](double lambda) { return process.time_of_sigma(std::exp(-lambda)); };
  compare_all("lambda", "inverse_lambda_of_lambda", time);
  compare_all("lambda_probe", "inverse_lambda_of_probe", time);
  return most;
}

inline Difference dpm_solver_schedule(const Case& c) {
  const tw::AnyProcess process = dpm_solver_process(c["process"]);
  const double t_end = c["t_0"];
  double most = 0;
  for (const auto& [key, value] : c.items()) {
    int steps = 0, order = 0;
    const auto times = [](const tw::Grid& grid) {
      Numbers all;
      for (const tw::Level& l : grid.levels()) all.push_back(l.t);
      return all;
    };
    for (const std::string type : {"logSNR", "time_uniform", "time_quadratic"})
      if (std::sscanf(key.c_str(), ("get_time_steps_" + type + "_N%d").c_str(), &steps) == 1)
        most = std::max(
            most, largest_difference(times(dpm_solver_grid(process, type, steps, t_end)), value));
    if (std::sscanf(key.c_str(), "singlestep_orders_steps%d_order%d", &steps, &order) == 2 &&
        value != tw::singlestep_orders(steps, order))
      return std::numeric_limits<double>::infinity();
    for (const std::string type : {"logSNR", "time_uniform"})
      if (std::sscanf(key.c_str(), ("singlestep_outer_" + type + "_steps%d_order%d").c_str(),
                      &steps, &order) == 2) {
        const auto orders = tw::singlestep_orders(steps, order);
        const tw::Grid outer =
            type == "logSNR"
                ? dpm_solver_grid(process, type, static_cast<int>(orders.size()), t_end)
                : tw::outer_grid(dpm_solver_grid(process, type, steps, t_end), orders);
        most = std::max(most, largest_difference(times(outer), value));
      }
  }
  return most;
}

inline Difference dpm_solver(const Case& c) {
  if (c["kind"] == "coefficients") return dpm_solver_coefficients(c);
  if (c["kind"] == "schedule") return dpm_solver_schedule(c);
  const Case &p = c["parameters"], &options = c["constructor"];
  const std::string method = text(p, "method", "multistep"), variant = text(options, "variant"),
                    skip_type = text(p, "skip_type", "time_uniform"),
                    algorithm = text(options, "algorithm_type");
  if (method == "adaptive") return {};
  const tw::AnyProcess process = dpm_solver_process(c["process"]);
  const bool inverse = p.contains("t_start"),
             on_data = algorithm == "dpmsolver++" || algorithm == "data_prediction",
             lower = p.value("lower_order_final", true);
  const double t_end = inverse ? p["t_start"].get<double>() : number(p, "t_end", process.t_min);
  const int steps = p["steps"], order = p["order"];
  const tw::DifferenceWeight weight = text(p, "solver_type") == "taylor"
                                          ? tw::DifferenceWeight::taylor
                                          : tw::DifferenceWeight::midpoint;

  tw::Grid grid = dpm_solver_grid(process, skip_type, steps, t_end);
  std::optional<tw::AnySolver> solver;
  if (!variant.empty()) {
    const auto which = variant == "bh1"   ? tw::UniPCVariant::bh1
                       : variant == "bh2" ? tw::UniPCVariant::bh2
                                          : tw::UniPCVariant::exact;
    const auto fall = lower ? peers_always : tw::LowerOrder::never();
    if (on_data)
      solver = tw::UniPC{order, which, fall};
    else
      solver = tw::UniPCEpsilon{order, which, fall};
  } else if (method == "multistep") {
    const auto fall = lower ? tw::LowerOrder{10, false} : tw::LowerOrder::never();
    solver = on_data ? multistep<tw::Prediction::data>(order, 0, weight, fall)
                     : multistep<tw::Prediction::epsilon>(order, 0, weight, fall);
  } else {
    const bool fixed = method == "singlestep_fixed";
    const auto orders = fixed ? std::vector<int>(static_cast<std::size_t>(steps / order), order)
                              : tw::singlestep_orders(steps, order);
    std::optional<tw::Grid> points;
    if (skip_type == "logSNR") {
      grid = dpm_solver_grid(process, skip_type, static_cast<int>(orders.size()), t_end);
    } else {
      if (fixed) grid = dpm_solver_grid(process, skip_type, steps / order * order, t_end);
      points = grid;
      grid = tw::outer_grid(grid, orders);
    }
    if (on_data)
      solver = tw::DPMSolverPPSinglestep{orders, points, weight};
    else
      solver = tw::DPMSolverSinglestep{orders, points, weight};
  }
  Eigen::MatrixXd x = replay(
      c, tw::make_plan(process, *solver, inverse ? tw::reversed(grid) : grid), state(c["x_init"]));
  if (p.value("denoise_to_zero", false))  // after the steps, which do not count it
    x = replay(
        c,
        tw::make_plan(process, tw::Euler<tw::InSigma>{},
                      std::vector<tw::Interval>{{.from = grid.back(), .to = process.at_sigma(0)}}),
        x);
  return compare(c, x);
}

}  // namespace golden
