// SPDX-License-Identifier: MIT
// Laws of the forward processes, by means that do not share their formulas: finite differences, an
// ODE for the moments, and long double.
#include "support/catch.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <tweedie/grid/spacing.hpp>
#include <tweedie/process/betas.hpp>
#include <tweedie/process/by_name.hpp>
#include <tweedie/process/cosine.hpp>
#include <tweedie/process/custom.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/flow.hpp>
#include <tweedie/process/from_sde.hpp>
#include <tweedie/process/sub_vp.hpp>
#include <tweedie/process/tabulated_vp.hpp>
#include <tweedie/process/trig_flow.hpp>
#include <tweedie/process/ve.hpp>
#include <tweedie/process/vp.hpp>

#include "support/processes.hpp"

namespace tw = tweedie;

namespace {

tw::CustomProcess custom_vp() {
  const auto B = [](auto t) { return 0.1 * t + 9.95 * t * t; };
  return tw::CustomProcess(
      [=](auto t) {
        using std::exp;
        return exp(-B(t) / 2);
      },
      [=](auto t) {
        using std::expm1;
        using std::sqrt;
        return sqrt(-expm1(-B(t)));
      },
      1e-3, 1.0);
}

/// The list of all tests, and two more that reach further.
std::vector<NamedProcess> all_processes() {
  std::vector<NamedProcess> all = processes();
  all.push_back({"Flow from pure noise", tw::Flow{}});
  all.push_back({"Custom VP", custom_vp()});
  return all;
}

// Times inside the range; off the knots of the table, where its rates jump.
std::vector<double> inner_times(const tw::AnyProcess& p) {
  std::vector<double> times;
  for (int k = 1; k < 12; ++k)
    times.push_back(p.t_min + (p.t_max - p.t_min) * (k + 0.00037) / 12.0001);
  return times;
}

}  // namespace

TEST_CASE("process: rates are the derivatives of scale and std") {
  for (const auto& [name, p] : all_processes())
    for (double t : inner_times(p)) {
      INFO(name << " at t = " << t);
      const double h = 1e-7 * (p.t_max - p.t_min);
      const tw::Level a = p.at(t - h), l = p.at(t), b = p.at(t + h);
      CHECK(l.scale_rate == Approx((b.scale - a.scale) / (2 * h)).epsilon(1e-5).margin(1e-7));
      CHECK(l.std_rate == Approx((b.std - a.std) / (2 * h)).epsilon(1e-5).margin(1e-7));
    }
}

TEST_CASE("process: sigma increases strictly and time_of_sigma inverts it") {
  for (const auto& [name, p] : all_processes()) {
    double before = -1;
    for (int k = 0; k <= 1000; ++k) {
      const double t = p.t_min + (p.t_max - p.t_min) * k / 1000;
      const double sigma = p.at(t).sigma();
      INFO(name << " at t = " << t);
      CHECK(sigma > before);
      before = sigma;
      if (sigma > 0 && std::isfinite(sigma))
        CHECK(p.at_sigma(sigma).sigma() == Approx(sigma).epsilon(1e-11));
    }
    for (double sigma = 1e-7; sigma < 1e-2; sigma *= 10) {
      // A table's clean data do not lie at t = 0, so t - t_data loses digits; CustomProcess's
      // bisection ends at the neighbouring t.
      if (name.find("Custom") == 0 || (name == "TabulatedVP" && sigma < 1e-4)) continue;
      INFO(name << " at sigma = " << sigma);
      CHECK(p.at_sigma(sigma).sigma() == Approx(sigma).epsilon(1e-11));
    }
  }
}

TEST_CASE("process: sigma = 0 is clean data, exactly") {
  for (const auto& [name, p] : all_processes()) {
    INFO(name);
    const tw::Level data = p.at_sigma(0);
    CHECK(data.std == 0);
    CHECK(data.scale == 1);
    CHECK(data.sigma() == 0);
    CHECK(data.lambda() == std::numeric_limits<double>::infinity());
  }
}

TEST_CASE("process: f and g^2 move the moments as scale and std say") {
  for (const auto& [name, p] : all_processes()) {
    if (name == "TabulatedVP") continue;  // piecewise: tested entry by entry
    // dm/dt = f m, dv/dt = 2 f v + g^2, from t_a to t_b by the classical Runge-Kutta method.
    const double t_a = p.t_min + 0.05 * (p.t_max - p.t_min),
                 t_b = p.t_min + 0.9 * (p.t_max - p.t_min);
    double m = p.at(t_a).scale, v = p.at(t_a).std * p.at(t_a).std;
    const int n = 4000;
    const double h = (t_b - t_a) / n;
    for (int k = 0; k < n; ++k) {
      const tw::Level a = p.at(t_a + k * h), b = p.at(t_a + (k + 0.5) * h),
                      c = p.at(t_a + (k + 1) * h);
      const auto dm = [](const tw::Level& l, double x) { return l.scale_rate / l.scale * x; };
      const auto dv = [](const tw::Level& l, double x) {
        return 2 * l.scale_rate / l.scale * x + l.g2;
      };
      const double m1 = dm(a, m), m2 = dm(b, m + h / 2 * m1), m3 = dm(b, m + h / 2 * m2),
                   m4 = dm(c, m + h * m3);
      const double v1 = dv(a, v), v2 = dv(b, v + h / 2 * v1), v3 = dv(b, v + h / 2 * v2),
                   v4 = dv(c, v + h * v3);
      m += h / 6 * (m1 + 2 * m2 + 2 * m3 + m4);
      v += h / 6 * (v1 + 2 * v2 + 2 * v3 + v4);
    }
    INFO(name);
    CHECK(m == Approx(p.at(t_b).scale).epsilon(1e-8));
    CHECK(std::sqrt(v) == Approx(p.at(t_b).std).epsilon(1e-8));
  }
}

TEST_CASE("process: f and g^2 are the published ones") {
  for (double t : {1e-3, 0.1, 0.5, 0.9}) {
    const double beta = 0.1 + 19.9 * t, B = 0.1 * t + 9.95 * t * t;
    CHECK(tw::VP{}.at(t).f() == Approx(-beta / 2));
    CHECK(tw::VP{}.at(t).g2 == Approx(beta));
    CHECK(tw::SubVP{}.at(t).f() == Approx(-beta / 2));
    CHECK(tw::SubVP{}.at(t).g2 == Approx(beta * (1 - std::exp(-2 * B))));
    CHECK(tw::SubVP{}.at(t).std == Approx(1 - std::exp(-B)));
    const double sigma = 0.01 * std::pow(5000, t);
    CHECK(tw::VE{}.at(t).g2 == Approx(std::pow(sigma * std::sqrt(2 * std::log(5000.0)), 2)));
    CHECK(tw::VE{}.at(t).std == Approx(sigma));
    CHECK(tw::Flow{}.at(t).f() == Approx(-1 / (1 - t)));
    CHECK(tw::Flow{}.at(t).g2 == Approx(2 * t / (1 - t)));
    const double pi = std::acos(-1.0), theta = (t + 0.008) / 1.008 * pi / 2;
    const double theta_0 = 0.008 / 1.008 * pi / 2;
    CHECK(tw::Cosine{}.at(t).scale == Approx(std::cos(theta) / std::cos(theta_0)));
    CHECK(tw::Cosine{}.at(t).g2 == Approx(pi / 1.008 * std::tan(theta)));
  }
  // arXiv:2206.00364, table 1: t = sigma.
  CHECK(tw::EDM{}.at(3).std == 3);
  CHECK(tw::EDM{}.at(3).g2 == 6);
}

TEST_CASE("process: nothing cancels at low noise") {
  for (double t : {1e-14, 1e-9, 1e-5}) {
    INFO("t = " << t);
    const long double B = 0.1L * t + 9.95L * t * t;
    CHECK(tw::VP{}.at(t).std == Approx(double(std::sqrt(-std::expm1(-B)))).epsilon(1e-14));
    CHECK(tw::SubVP{}.at(t).sigma() == Approx(double(2 * std::sinh(B / 2))).epsilon(1e-14));
    const long double k = std::acos(-1.0L) / 2 / 1.008L, theta_0 = k * 0.008L;
    const long double c = std::cos(theta_0 + k * t) / std::cos(theta_0);
    if (t > 1e-6)  // beyond that 1 - c^2 cancels in long double too
      CHECK(tw::Cosine{}.at(t).std == Approx(double(std::sqrt(1 - c * c))).epsilon(1e-10));
  }
}

TEST_CASE("process: both ends are defined") {
  const double inf = std::numeric_limits<double>::infinity();
  const tw::Level vp = tw::VP{}.at(0);
  CHECK(vp.std == 0);
  CHECK(vp.std_rate == inf);
  CHECK(vp.g2 == Approx(0.1));
  const tw::Level noise = tw::Flow{}.at(1);
  CHECK(noise.scale == 0);
  CHECK(noise.sigma() == inf);
  CHECK(noise.lambda() == -inf);
  CHECK(noise.scale_rate == -1);
  CHECK(noise.std_rate == 1);
  CHECK(tw::Flow{}.time_of_sigma(inf) == 1);
  CHECK(tw::Cosine{}.time_of_sigma(inf) == 1);
  CHECK(custom_vp().at(0).g2 == Approx(0.1).epsilon(1e-6));
  const tw::VP no_minimum{.beta_min = 0};
  CHECK(no_minimum.at(0).std_rate == Approx(no_minimum.at(1e-9).std_rate).epsilon(1e-6));
  CHECK(tw::VE{}.at(0).std == 0.01);
  CHECK(tw::VE{}.time_of_sigma(0) == -inf);
}

TEST_CASE("process: a table is met entry by entry and is linear in log scale between") {
  const auto betas = tw::linear_betas(1000);
  const auto p = tw::TabulatedVP::from_betas(betas);
  long double product = 1;
  std::vector<double> alpha_bars;
  for (std::size_t k = 0; k < betas.size(); ++k) {
    product *= 1 - static_cast<long double>(betas[k]);
    alpha_bars.push_back(double(product));
    const tw::Level l = p.at(p.time_of_index(double(k)));
    INFO("entry " << k);
    CHECK(l.scale * l.scale == Approx(double(product)).epsilon(1e-12));
    CHECK(l.std == Approx(double(std::sqrt(1 - product))).epsilon(1e-11));
    CHECK(p.index_of_time(l.t) == Approx(double(k)).margin(1e-9));
  }
  const auto q = tw::TabulatedVP::from_alpha_bars(alpha_bars);
  CHECK(q.at(0.31415).scale == Approx(p.at(0.31415).scale).epsilon(1e-13));
  CHECK(p.at(0.5005).scale ==
        Approx(std::sqrt(p.at(0.5).scale * p.at(0.501).scale)).epsilon(1e-13));
  // The factor of two: f = -beta/2 with N beta_k, not twice that.
  CHECK(p.at(0.5).g2 == Approx(-1000 * std::log1p(-betas[499])).epsilon(1e-10));
  CHECK(p.at(0.5).f() == Approx(-p.at(0.5).g2 / 2));
  CHECK(p.t_min == 0.001);
}

TEST_CASE("process: CustomProcess takes rates by dual numbers or as given") {
  const tw::CustomProcess by_dual = custom_vp();
  const tw::VP vp;
  const tw::CustomProcess given([&](double t) { return vp.at(t).scale; },
                                [&](double t) { return vp.at(t).std; },
                                [&](double t) { return vp.at(t).scale_rate; },
                                [&](double t) { return vp.at(t).std_rate; }, 1e-3, 1.0);
  for (double t : {0.01, 0.3, 0.99}) {
    for (const tw::Level& l : {by_dual.at(t), given.at(t)}) {
      CHECK(l.scale == Approx(vp.at(t).scale).epsilon(1e-13));
      CHECK(l.scale_rate == Approx(vp.at(t).scale_rate).epsilon(1e-12));
      CHECK(l.std_rate == Approx(vp.at(t).std_rate).epsilon(1e-12));
      CHECK(l.g2 == Approx(vp.at(t).g2).epsilon(1e-11));
    }
  }
  CHECK(by_dual.time_of_sigma(200) == Approx(vp.time_of_sigma(200)).epsilon(1e-12));
  // Every function that Dual knows, against finite differences.
  const auto all = [](auto t) {
    using std::exp, std::expm1, std::log, std::log1p, std::sqrt, std::sin, std::cos, std::tan,
        std::sinh, std::cosh, std::tanh, std::pow;
    return exp(t) + expm1(2 * t) * log(t) - log1p(t) / sqrt(t) + sin(t) * cos(3 * t) + tan(t / 2) +
           sinh(t) * cosh(t) - tanh(t) + pow(t, 2.5) - (-t);
  };
  const double h = 1e-6, t = 0.7;
  CHECK(all(tw::math::Dual(t, 1)).value == Approx(all(t)).epsilon(1e-14));
  CHECK(all(tw::math::Dual(t, 1)).rate ==
        Approx((all(t + h) - all(t - h)) / (2 * h)).epsilon(1e-8));
}

TEST_CASE("process: a wrong one is refused in a sentence") {
  CHECK_THAT(error_of([] { tw::AnyProcess(tw::VP{.t_min = 1}); }),
             Contains("t_min = 1 and t_max = 1"));
  CHECK_THAT(error_of([] { tw::AnyProcess(tw::VE{.sigma_min = 3, .sigma_max = 2}); }),
             Contains("sigma must increase"));
  CHECK_THAT(error_of([] { tw::TabulatedVP::from_betas({0.1, 1.5}); }), Contains("beta = 1.5"));
  CHECK_THAT(error_of([] { tw::TabulatedVP::from_alpha_bars({0.5, 0.6}); }), Contains("decrease"));
  CHECK_THAT(error_of([] { tw::TabulatedVP::from_betas({0.1}); }), Contains("1 entries"));
  CHECK_THAT(error_of([] {
               tw::TabulatedVP::from_betas({0.1, 0.2}).at(-1);
             }),
             Contains("clean data"));
  const tw::CustomProcess bounded([](auto t) { return 1.0 + 0 * t; },
                                  [](auto t) { return t / (1 + t); }, 0.1, 1.0);
  CHECK_THAT(error_of([&] { bounded.time_of_sigma(2); }), Contains("sigma = 2 is not reached"));
}

TEST_CASE("betas: to a continuous process and back") {
  const auto betas = tw::linear_betas(1000);
  const auto table = tw::TabulatedVP::from_betas(betas);
  const auto back = tw::betas_of(table, 1000);
  for (std::size_t k = 0; k < betas.size(); ++k) CHECK(back[k] == Approx(betas[k]).epsilon(1e-9));
  // VP with beta(t) = 0.1 + 19.9 t is DDPM's table with N beta_k, and not with twice that.
  const auto chain = tw::betas_of(tw::VP{}, 1000);
  for (std::size_t k = 100; k < 1000; k += 100)
    CHECK(1000 * chain[k] == Approx(0.1 + 19.9 * (double(k) + 0.5) / 1000).epsilon(0.02));
}

TEST_CASE("custom: times below 0, and a spacing that cannot have them") {
  const auto scale = [](auto) { return 1.0; };
  const auto std = [](auto t) {
    using std::exp;
    return exp(t);
  };
  const tw::AnyProcess process = tw::CustomProcess(scale, std, -5, 4);
  CHECK(process.time_of_sigma(std::exp(-4.5)) == Approx(-4.5));
  CHECK(process.time_of_sigma(std::exp(3.5)) == Approx(3.5));
  CHECK_THAT(error_of([&] { tw::power(process, 5, 2, {.to_zero = false}); }),
             Contains("needs times from 0") && Contains("take uniform"));
  CHECK_THAT(error_of([&] { tw::uniform(process, 5); }), Contains("{.to_zero = false}"));
}

TEST_CASE("process: from f and g of its SDE, and from EDM's pair") {
  const tw::VP vp;
  const tw::SubVP sub;
  const auto beta = [](double t) { return 0.1 + 19.9 * t; };
  const auto f = [=](double t) { return -beta(t) / 2; };
  const tw::CustomProcess from_vp = tw::from_sde(
      f, [=](double t) { return std::sqrt(beta(t)); }, 1e-3, 1);
  const auto B = [](double t) { return 0.1 * t + 9.95 * t * t; };
  const tw::CustomProcess from_sub = tw::from_sde(
      f, [=](double t) { return std::sqrt(beta(t) * -std::expm1(-2 * B(t))); }, 1e-3, 1);
  const tw::CustomProcess edm = tw::from_sde([](double) { return 0.0; },
                                             [](double t) { return std::sqrt(2 * t); }, 0.002, 80);
  const auto same = [](const auto& a, const auto& b, double t) {
    const tw::Level x = a.at(t), y = b.at(t);
    INFO(t);
    CHECK(x.scale == Approx(y.scale).epsilon(1e-12));
    CHECK(x.std == Approx(y.std).epsilon(1e-11));
    CHECK(x.scale_rate == Approx(y.scale_rate).epsilon(1e-12));
    CHECK(x.std_rate == Approx(y.std_rate).epsilon(1e-11).margin(1e-11));
    CHECK(x.g2 == Approx(y.g2).epsilon(1e-10));
  };
  for (double t : {1e-3, 0.01, 0.3, 0.77, 1.0}) {
    same(from_vp, vp, t);
    same(from_sub, sub, t);
    same(edm, tw::EDM{}, 80 * t);
  }
  CHECK(from_vp.time_of_sigma(3) == Approx(vp.time_of_sigma(3)).epsilon(1e-12));
  CHECK(from_vp.at(0).std == 0);
  CHECK(tw::log_snr(tw::AnyProcess(from_vp), 5).back().is_clean_data());
  // Table 1 of Karras et al. 2022: VP's s(t) = 1 / sqrt(exp(B)), sigma(t) = sqrt(exp(B) - 1).
  const auto grown = [](auto t) { return 0.1 * t + 9.95 * t * t; };
  const tw::CustomProcess pair = tw::from_scale_and_sigma(
      [=](auto t) {
        using std::exp;
        return exp(-grown(t) / 2);
      },
      [=](auto t) {
        using std::expm1;
        using std::sqrt;
        return sqrt(expm1(grown(t)));
      },
      1e-3, 1);
  for (double t : {1e-3, 0.3, 1.0}) same(pair, vp, t);
}

TEST_CASE("process: by name, with its members as options") {
  CHECK(tw::process_named("VP", {{"beta_max", 12}}).at(0.7) == tw::VP{.beta_max = 12}.at(0.7));
  CHECK(tw::process_named("ve", {{"sigma_max", 90}, {"t_max", 0.9}}).t_max == 0.9);
  CHECK(tw::process_named("trig_flow").at(1) == tw::TrigFlow{}.at(1));
  CHECK_THAT(error_of([] { tw::process_named("ddpm"); }),
             Contains("no process is called \"ddpm\"") && Contains("trig_flow"));
  CHECK_THAT(error_of([] {
               tw::process_named("flow", {{"beta_min", 1}});
             }),
             Contains("flow has no option \"beta_min\"; it has t_min, t_max"));
}
