// SPDX-License-Identifier: MIT
// A forward process of one's own: as a type, or from two functions.
#include <cmath>
#include <iostream>
#include <tweedie/tweedie.hpp>
namespace tw = tweedie;

// [type]
/// sigma(t) = t^2, scale 1: EDM in another time.
struct Squared {
  double t_min = 0.05, t_max = 9;

  tw::Level at(double t) const {
    return {.t = t, .scale = 1, .std = t * t, .std_rate = 2 * t, .g2 = 4 * t * t * t};
  }
  double time_of_sigma(double sigma) const { return std::sqrt(sigma); }
};
// [end]

int main() {
  const Squared mine;
  // [functions]
  // The rates are taken by dual numbers; sigma(t) is inverted by bisection.
  const tw::CustomProcess cosine(
      [](auto t) {
        using std::cos;
        return cos(1.5 * t);
      },
      [](auto t) {
        using std::sin;
        return sin(1.5 * t);
      },
      0.01, 1);
  // [end]
  for (const auto& [name, process] :
       {std::pair<const char*, tw::AnyProcess>{"squared", mine}, {"cosine", cosine}}) {
    const tw::Plan plan = tw::make_plan(process, "heun", tw::karras(process, 4));
    std::cout << name << ": sigma";
    for (const tw::Interval& s : plan.intervals()) std::cout << " " << s.from.sigma();
    std::cout << " " << plan.to().sigma() << ", " << plan.nfe() << " evaluations\n";
  }
}
