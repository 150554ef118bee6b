// SPDX-License-Identifier: MIT
// Plans fitted to a network: the rows of each by least squares to a few fine runs, in closed form. How near
// to the exact solution do few evaluations come?
#include <cstdio>
#include <tweedie/distribution/mixture.hpp>
#include <tweedie/plan/text.hpp>
#include <tweedie/tuning/tune.hpp>
#include <tweedie/tweedie.hpp>
namespace tw = tweedie;

int main() {
  // A perfect network of three clusters in three dimensions.
  const auto cluster = [](double x, double y, double z, double variance) {
    return tw::Gaussian(Eigen::Vector3d(x, y, z), variance * Eigen::Matrix3d::Identity());
  };
  const tw::Mixture model({0.4, 0.3, 0.3}, {cluster(1, -1, 0, 0.5), cluster(-1, 0.5, 0.3, 0.3),
                                            cluster(0, 0.5, -1, 0.1)});
  const tw::EDM edm;
  std::puts("evaluations  fitted rows  best untuned   2M on Karras's grid   evaluations spent");
  for (const int nfe : {5, 10, 20}) {
    const tw::Tuned tuned = tw::tune(edm, model, {.nfe = nfe, .dim = 3});
    double usual = 0;
    for (const tw::JudgedPlan& one : tuned.judged)
      if (one.name == "dpmpp_2m, karras") usual = one.rms;
    const double best = tuned.judged.front().rms;
    std::printf("%11d %12.1e %13.1e %21.1e %19d\n", nfe, best, best * tuned.gain(), usual,
                tuned.evaluations);
  }
  // It is a plan like any other, and a text.
  const tw::Tuned tuned = tw::tune(edm, model, {.nfe = 5, .dim = 3});
  const std::string text = tw::text(tuned.plan(), "three clusters, EDM, 5 evaluations");
  std::printf("\nThe plan of 5 evaluations is a text of %zu bytes that begins\n%s\n", text.size(),
              text.substr(0, text.find("solve")).c_str());
}
