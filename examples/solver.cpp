// SPDX-License-Identifier: MIT
// Two solvers of one's own, a single-step and a multistep one, and their measured orders.
#include <iostream>
#include <tweedie/analysis/order.hpp>
#include <tweedie/tweedie.hpp>
namespace tw = tweedie;

// [single step]
/// The two-stage methods in t, the second stage at the fraction r of the step.
struct Mine {
  double r = 1;

  tw::Facts facts() const {
    return {.name = "mine",
            .order = 2,
            .evaluations = 2,
            .clock = tw::Clock::time,
            .at_zero = tw::AtZero::own};
  }
  static void options(auto& its, auto&& visit) { visit("r", its.r); }
  void validate(const tw::OptionCheck& require) const {
    require(r > 0 && r <= 1, "r = ", r, " must lie in (0, 1]");
  }

  template <class X>
  X step(auto& c, const tw::Interval& s, const X& x) const {
    const tw::Level &t = s.from, &u = s.to;
    const double h = u.t - t.t;
    const X k1 = c.velocity(x, t);
    if (u.is_clean_data()) return x + h * k1;  // no evaluation at sigma = 0
    const tw::Level m = r == 1 ? u : c.level_at_time(t.t + r * h);
    const X k2 = c.velocity(x + r * h * k1, m);
    return x + h * ((1 - 1 / (2 * r)) * k1 + 1 / (2 * r) * k2);
  }
};
// [end]

// [multistep]
/// Adams-Bashforth of order 2 in sigma.
struct MyAB2 {
  tw::Facts facts() const { return {.name = "my AB2", .order = 2, .remembers = 1}; }

  int points() const { return 2; }  // how many values it keeps
  template <class X>
  X value(auto& c, const X& x, const tw::Level& l) const {
    return c.epsilon(x, l);
  }
  template <class X>
  X step(auto&, const tw::Interval& s, const X& x, tw::History<X>& m) const {
    const tw::Level &t = s.from, &u = s.to;
    const double h = u.sigma() - t.sigma();
    X slope = m[0];  // the value at t; the loop has put it there
    if (m.size() > 1) slope = slope + h / 2 * m.first_difference(&tw::Level::sigma);
    return u.scale * (x / t.scale + h * slope);
  }
};
// [end]

int main() {
  std::cout << tw::measure_order(tw::VP{}, Mine{}, {80, 160, 320})
            << tw::measure_order(tw::VP{}, MyAB2{}, {80, 160, 320});
  try {
    tw::make_plan(tw::VP{}, Mine{.r = 2}, tw::karras(tw::VP{}, 20));
  } catch (const tw::Error& error) {
    std::cout << error.what() << "\n";
  }
}
