// SPDX-License-Identifier: MIT
// qsh-zh/deis, th_deis. Its alpha is alpha_bar, its rho is our sigma; tAB-r is of order r + 1.
// Its Adams-Bashforth weights are left Riemann sums; ours are compared with its exact quadrature.
//
// | theirs                     | ours                                           |
// |----------------------------|------------------------------------------------|
// | VP linear, VP cosine       | VP{beta_0, beta_1}; cos(theta), not normalised |
// | get_rev_ts, phase t, order | power(process, n, order), .to_zero = false     |
// | phase log                  | log_snr(process, n), .to_zero = false          |
// | phase rho, order           | karras(process, n, .to_zero = false, order)    |
// | t_ab, ab_order r           | DEIS{r + 1}                                    |
// | rho_ab, ab_order r         | LMS{r + 1}                                     |
// | rho_rk                     | RungeKutta<..., InSigma>                       |
// | ipndm                      | IPNDM{}                                        |
#pragma once

#include "case.hpp"

#include <tweedie/grid/spacing.hpp>
#include <tweedie/process/vp.hpp>

namespace golden {

/// scale = cos(theta), std = sin(theta), theta = (t + c)/(1 + c) pi/2.
struct DeisCosine {
  double t_min = 1e-3, t_max = 0.99, offset = 0.008;

  double rate() const { return std::acos(-1.0) / 2 / (1 + offset); }
  tw::Level at(double t) const {
    const double theta = (t + offset) * rate(), c = std::cos(theta), s = std::sin(theta);
    return {t, c, s, -rate() * s, rate() * c, 2 * rate() * s / c};
  }
  double time_of_sigma(double sigma) const { return std::atan(sigma) / rate() - offset; }
};

inline tw::AnyProcess deis_process(const Case& c) {
  const Case& p = c["process"];
  const double eps = number(c, "sampling_eps", 1e-3);
  if (p["name"] == "VP cosine") return DeisCosine{eps, number(p, "sampling_T", 0.99)};
  return tw::VP{.beta_min = p["beta_0"],
                .beta_max = p["beta_1"],
                .t_min = eps,
                .t_max = number(c, "sampling_T", 1)};
}

inline tw::Grid deis_grid(const tw::AnyProcess& process, const std::string& phase, double order,
                          int n) {
  if (phase == "t") return tw::power(process, n, order, {.to_zero = false});
  if (phase == "log") return tw::log_snr(process, n, {.to_zero = false});
  return tw::karras(process, n, {.to_zero = false}, order);
}

inline std::optional<tw::AnySolver> deis_solver(const Case& p) {
  const std::string method = p["method"], rk = text(p, "rk_method");
  if (method == "ipndm") return tw::IPNDM{4, tw::LowerOrder::never()};
  if (method == "t_ab") return tw::DEIS{p["ab_order"].get<int>() + 1, tw::LowerOrder::never()};
  if (method == "rho_ab")
    return tw::LMS{p["ab_order"].get<int>() + 1, tw::LowerOrder::never(), true};
  if (rk == "1euler") return tw::Euler<tw::InSigma>{};
  if (rk == "2heun") return tw::Heun<tw::InSigma>{};
  if (rk == "3kutta") return tw::RungeKutta<tw::tableau::kutta3, tw::InSigma>{};
  if (rk == "3ral") return tw::RungeKutta<tw::tableau::ralston3, tw::InSigma>{};
  if (rk == "3heun") return tw::RungeKutta<tw::tableau::heun3, tw::InSigma>{};
  if (rk == "3vdh") return tw::RungeKutta<tw::tableau::houwen3, tw::InSigma>{};
  if (rk == "3ssprk") return tw::RungeKutta<tw::tableau::ssp3, tw::InSigma>{};
  if (rk == "4rk") return tw::RK4<tw::InSigma>{};
  return {};
}

inline Difference deis_schedule(const Case& c) {
  const tw::AnyProcess process = deis_process(c);
  double most = 0;
  for (const auto& [key, value] : c.items()) {
    int order = 0, n = 0;
    char phase[8] = {};
    if (std::sscanf(key.c_str(), "ts_%7[a-z]_order%d_n%d", phase, &order, &n) != 3) continue;
    Numbers times;
    for (const tw::Level& l : deis_grid(process, phase, order, n).levels()) times.push_back(l.t);
    most = std::max(most, largest_difference(times, value));
  }
  Numbers alpha, rho, back, integrand, psi;
  for (double t : c["t"].get<Numbers>()) {
    const tw::Level l = process.at(t);
    alpha.push_back(l.scale * l.scale);
    rho.push_back(l.sigma());
    back.push_back(process.time_of_sigma(l.sigma()));
    integrand.push_back(l.g2 / (2 * l.std));
    psi.push_back(process.at(0.5 * t).scale / l.scale);
  }
  return std::max({most, largest_difference(alpha, c["t2alpha(alpha_bar)"]),
                   largest_difference(rho, c["t2rho"]), largest_difference(back, c["t"]),
                   largest_difference(integrand, c["eps_integrand"]),
                   largest_difference(psi, c["psi(t,0.5 t)"])});
}

inline Difference deis(const Case& c) {
  if (c["kind"] == "schedule") return deis_schedule(c);
  const tw::AnyProcess process = deis_process(c);
  if (c["kind"] == "coefficients") {
    const bool in_rho = c.contains("rhos");
    const Case& exact = c["C_exact_quadrature"];
    std::size_t order = 0;
    for (const auto& row : exact) order = std::max(order, row.size());
    const tw::AnySolver solver =
        in_rho ? tw::AnySolver(tw::LMS{static_cast<int>(order), tw::LowerOrder::never(), true})
               : tw::AnySolver(tw::DEIS{static_cast<int>(order), tw::LowerOrder::never()});
    const tw::Plan plan = tw::make_plan(process, solver, tw::from_times(process, c["times"]));
    const auto ours = history_weights(plan);
    double most = 0;
    for (std::size_t k = 0; k < exact.size(); ++k)
      for (std::size_t j = 0; j < exact[k].size(); ++j) {
        const double weight = j < ours[k].size() ? ours[k][j] : 0;
        const double unit = in_rho ? plan.intervals()[static_cast<int>(k)].to.scale : 1;
        most = std::max(most, std::abs(weight / unit - exact[k][j].get<double>()));
      }
    return most;
  }
  const Case& p = c["parameters"];
  const auto solver = deis_solver(p);
  if (!solver) return {};
  const tw::Grid grid = deis_grid(process, p["ts_phase"], p["ts_order"], p["num_step"]);
  return run(c, tw::make_plan(process, *solver, grid),
             c.contains("x_final_exact_quadrature") ? "x_final_exact_quadrature" : "x_final");
}

}  // namespace golden
