// SPDX-License-Identifier: MIT
// Classifier-free guidance: a conditional network, one without its condition, and a weight.
#include <cstdio>
#include <tweedie/tweedie.hpp>
namespace tw = tweedie;

// A perfect network of data around a centre with some variance, in every coordinate.
auto network(double centre, double variance) {
  return tw::predicts_epsilon([=](const auto& x, const tw::Call& call, auto& out) {
    const tw::Level& l = call.level;
    const double total = l.scale * l.scale * variance + l.std * l.std;
    out = (l.std / total * (x.array() - l.scale * centre)).matrix();
  });
}

double mean_of(const auto& model) {
  const tw::VP process;
  return tw::sample(process, model, "dpmpp_2m", tw::karras(process, 20),
                    {.dim = 2, .count = 10000, .noise = {.seed = 3}})
      .mean();
}

int main() {
  const auto conditional = network(1, 0.3), any_class = network(0, 1.3);
  for (const double w : {0.0, 1.0, 3.0, 7.0})
    std::printf("weight %g: samples around %.2f\n", w,
                mean_of(tw::guided(conditional, any_class, w)));
  // One idea each, in any combination: where it acts, how much it may blow up, what is legal.
  std::printf("on an interval: around %.2f\n",
              mean_of(tw::guided(conditional, any_class, tw::on_interval(7, 0.2, 2))));
  std::printf("CFG++: around %.2f\n",
              mean_of(tw::guided(conditional, any_class, tw::cfg_plus_plus(0.6))));
  std::printf("clipped to 2: around %.2f\n",
              mean_of(tw::clipped(tw::guided(conditional, any_class, 7.0), -2, 2)));
}
