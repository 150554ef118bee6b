// SPDX-License-Identifier: MIT
// The digits network that the repository carries: it loads, and draws what it drew.
#include "support/catch.hpp"

#include <fstream>
#include <string>
#include <vector>

#include <tweedie/grid/spacing.hpp>
#include <tweedie/model/preconditioned.hpp>
#include <tweedie/plan/by_name.hpp>
#include <tweedie/plan/plan_from.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/sample.hpp>

#include "../examples/digits/frechet.hpp"
#include "../examples/digits/network.hpp"

namespace tw = tweedie;

namespace {

const std::string folder = TWEEDIE_SOURCE "/examples/digits";

Eigen::MatrixXf draw(int steps) {
  static const DigitsNetwork network(folder + "/digits.weights");
  const tw::EDM edm;
  const std::vector<int> classes{0, 1, 7};
  const tw::EDMPreconditioning kind{.sigma_data = 0.5};
  const auto model =
      tw::preconditioned(kind, [&](const auto& x, std::span<const float> c_noise, auto& out) {
        network(x, c_noise, classes, out);
      });
  return tw::sample<Eigen::MatrixXf>(edm, model, "dpmpp_2m",
                                     tw::karras(edm, steps, {.sigma_max = 40, .sigma_min = 0.01}),
                                     {.dim = 784, .count = 3, .noise = {.seed = 1}});
}

}  // namespace

TEST_CASE("digits: coarse pixels of three digits are those that were drawn before") {
  const Eigen::MatrixXf x = draw(8);
  std::string pixels;  // blocks of 4 x 4 that are bright, of the 7 x 7
  for (int k = 0; k < 3; ++k)
    for (int block = 0; block < 49; ++block) {
      float sum = 0;
      for (int i = 0; i < 16; ++i)
        sum += x((block / 7 * 4 + i / 4) * 28 + block % 7 * 4 + i % 4, k);
      pixels += sum / 16 > -0.3f ? '#' : '.';
    }
  CHECK(pixels ==
        "..........##....####...#..#..##..#..####........."
        "..........#......#......#......#......##........."
        "...............####.....##......#.....##.....#...");
  CHECK(x.minCoeff() > -1.5f);
  CHECK(x.maxCoeff() < 1.5f);
}

TEST_CASE("digits: the classifier knows what was drawn") {
  const DigitsClassifier classifier(folder + "/classifier.weights");
  const Eigen::MatrixXf features = classifier.features(draw(12));
  CHECK(classifier(features.col(0)) == 0);
  CHECK(classifier(features.col(1)) == 1);
  CHECK(classifier(features.col(2)) == 7);
  CHECK(FeatureMoments::read(folder + "/classifier.held_out").mean.size() == 64);
}

TEST_CASE("Frechet distance: of Gaussians with one set of axes, by hand") {
  const FeatureMoments a{Eigen::Vector2d(1, 2), Eigen::Vector2d(4, 9).asDiagonal()},
      b{Eigen::Vector2d(0, 2), Eigen::Vector2d(1, 16).asDiagonal()};
  CHECK(a.distance(b) == Approx(1 + (2 - 1) * (2 - 1) + (3 - 4) * (3 - 4)));
  CHECK(a.distance(a) == Approx(0).margin(1e-9));
}

TEST_CASE("digits: the plans that were tuned for it load, and fit its levels") {
  const tw::EDM edm;
  for (const int evaluations : {5, 8, 12}) {
    std::ifstream in(folder + "/tuned_" + std::to_string(evaluations) + ".plan");
    const tw::Plan plan = tw::plan_from(in, edm);
    CHECK(plan.nfe() == evaluations);
    CHECK(plan.from().sigma() == 40);
    CHECK(plan.to().is_clean_data());
  }
}
