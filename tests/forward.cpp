// SPDX-License-Identifier: MIT
// Where a run starts from: pure noise, diffused data, and latents between two.
#include "support/catch.hpp"

#include <cmath>
#include <span>
#include <vector>

#include <tweedie/forward/diffuse.hpp>
#include <tweedie/forward/latents.hpp>
#include <tweedie/forward/prior.hpp>
#include <tweedie/noise/recorded.hpp>
#include <tweedie/noise/sequential.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/flow.hpp>
#include <tweedie/process/vp.hpp>

namespace tw = tweedie;

namespace {

const tw::VP vp;

}  // namespace

TEST_CASE("prior and diffuse: at the level that is asked for") {
  const tw::Noise noise{.seed = 3};
  Eigen::MatrixXd z(3, 2), x(3, 2);
  noise.fill(0, z);
  // A grid that does not start at t_max starts from less noise; EDM's is far from unit variance.
  for (const tw::Level& level : {vp.at(0.4), tw::EDM{}.at(80), tw::Flow{}.at(1)}) {
    tw::prior(level, x, noise);
    CHECK(x.isApprox(level.std * z));
  }
  const Eigen::MatrixXd data = Eigen::MatrixXd::Random(3, 2);
  tw::diffuse(vp.at(0.4), data, noise, x);
  const Eigen::MatrixXd prior_draw = z;  // which made the data, maybe
  noise.stream("diffuse").fill(0, z);
  CHECK(x.isApprox(vp.at(0.4).scale * data + vp.at(0.4).std * z));
  CHECK_FALSE(z.isApprox(prior_draw));
  // A source without streams gives its own draw.
  tw::diffuse(vp.at(0.4), data, tw::RecordedNoise({prior_draw}), x);
  CHECK(x.isApprox(vp.at(0.4).scale * data + vp.at(0.4).std * prior_draw));
  tw::diffuse(vp.at(0.4), data, noise, x);
  Eigen::MatrixXd other(3, 2);
  tw::diffuse(vp.at(0.4), data, noise.stream("known"), other, 5);
  CHECK_FALSE(other.isApprox(x));
  tw::diffuse(vp.at(0), data, noise, other);
  CHECK(other == data);
  CHECK_THAT(error_of([&] { tw::diffuse(vp.at(0.4), data.topRows(1), noise, x); }),
             Contains("1 x 2"));
  Eigen::MatrixXd wide = Eigen::MatrixXd::Ones(x.rows(), 2 * x.cols());
  const Eigen::MatrixXd before = wide;
  CHECK_THAT(error_of([&] {
               tw::diffuse(vp.at(0.4), wide.leftCols(x.cols()), noise,
                           wide.middleCols(1, x.cols()));
             }),
             Contains("share memory"));
  CHECK_THAT(
      error_of([&] { tw::slerp(wide.leftCols(x.cols()), x, 0.5, wide.middleCols(1, x.cols())); }),
      Contains("shares memory with the latents, in part"));
  CHECK(wide == before);
  tw::diffuse(vp.at(0.4), wide.leftCols(x.cols()), noise, wide.rightCols(x.cols()));
  // A generator gives its next numbers, and no draw of a run is skipped or taken.
  double counter = 0;
  tw::SequentialNoise numbers([&] { return ++counter; });
  tw::diffuse(tw::EDM{}.at(1), 0 * data, numbers, x, 7);
  CHECK(x(0) == 1);
  CHECK(counter == static_cast<double>(x.size()));
  CHECK_THAT(error_of([&] { tw::prior(vp.at(0), x, noise); }), Contains("there is no noise"));
  CHECK_THAT(error_of([&] { tw::diffuse(vp.at(0.4), x, noise, x); }), Contains("share memory"));
  x.setConstant(100);
  tw::diffuse(vp.at(0), 0.5 * x, noise, x);  // an expression that reads x
  CHECK(x.isApproxToConstant(50));
}

TEST_CASE("diffuse: a level for each column, and the noise given back") {
  const tw::Noise noise{.seed = 3};
  const std::vector<tw::Level> levels{vp.at(0.1), vp.at(0.9), tw::EDM{}.at(3), vp.at(0)};
  const Eigen::MatrixXd data = Eigen::MatrixXd::Random(3, 4);
  Eigen::MatrixXd x(3, 4), z(3, 4), own(3, 4);
  tw::diffuse(levels, data, noise, x, z, 5);
  noise.stream("diffuse").fill(5, own);
  CHECK(z == own);
  for (Eigen::Index k = 0; k < 4; ++k) {
    const tw::Level& l = levels[static_cast<std::size_t>(k)];
    CHECK((x.col(k) - (l.scale * data.col(k) + l.std * z.col(k))).norm() < 1e-15);
  }
  CHECK_THAT(error_of([&] { tw::diffuse(std::span(levels).first(3), data, noise, x, z); }),
             Contains("3 levels for 4 columns"));
  CHECK_THAT(error_of([&] { tw::diffuse(levels, data, noise, x, x); }), Contains("share memory"));
}

TEST_CASE("interpolate: independent normal latents stay normal, in every dimension") {
  for (int dim : {1, 2, 3, 100}) {
    Eigen::MatrixXd a(dim, 100000 / dim), b = a, out = a;
    tw::Noise{.seed = 1}.fill(0, a);
    tw::Noise{.seed = 2}.fill(0, b);
    for (double part : {0.0, 0.2, 0.5, 0.9, 1.0}) {
      tw::interpolate(a, b, part, out);
      INFO("dim " << dim << ", part " << part);
      CHECK(std::abs(out.squaredNorm() / double(out.size()) - 1) < 4.5 * std::sqrt(2e-5));
      if (part == 0) CHECK(out == a);
      if (part == 1) CHECK(out == b);
    }
  }
  Eigen::MatrixXd a(2, 2), b(2, 3);
  CHECK_THAT(error_of([&] { tw::interpolate(a, b, 0.5, a); }), Contains("the second latents"));
  CHECK_THAT(error_of([&] { tw::interpolate(a, a, 1.5, a); }), Contains("part = 1.5 must lie"));
}

TEST_CASE("slerp: lengths lie between those of the ends in 1 to 4 dimensions, opposite ends too") {
  for (int dim : {1, 2, 3, 4}) {
    Eigen::MatrixXd a(dim, 5000), b = a, out = a;
    tw::Noise{.seed = 1}.fill(0, a);
    tw::Noise{.seed = 2}.fill(0, b);
    for (int k = 0; k < 1000; ++k) b.col(k) = -(0.5 + k / 1000.) * a.col(k);   // opposite
    for (int k = 1000; k < 2000; ++k) b.col(k) = -a.col(k) + 1e-7 * b.col(k);  // nearly
    for (double part : {0.0, 0.3, 0.5, 1.0}) {
      tw::slerp(a, b, part, out);
      for (int k = 0; k < out.cols(); ++k) {
        const double length = (1 - part) * a.col(k).norm() + part * b.col(k).norm();
        // In one dimension opposite ends are met by way of 0.
        const bool through_0 = dim == 1 && a(0, k) * b(0, k) < 0;
        CHECK(out.col(k).norm() <= length * (1 + 1e-7));
        if (!through_0) CHECK(out.col(k).norm() == Approx(length).epsilon(1e-6));
      }
      if (part == 0) CHECK(out.isApprox(a, 1e-12));
      if (part == 1) CHECK(out.isApprox(b, 1e-6));
    }
  }
  Eigen::VectorXf x(2), y(2), z(2);
  x << 1, 0, y << -1, 0;
  tw::slerp(x, y, 0.5, z);
  CHECK(z[0] == Approx(0).margin(1e-6));
  CHECK(z[1] == Approx(1));  // by the axis that is the most across
}

TEST_CASE("slerp: keeps the norm of latents, a straight line does not") {
  Eigen::MatrixXd a(4096, 3), b(4096, 3), out(4096, 3);
  tw::Noise{.seed = 1}.fill(0, a);
  tw::Noise{.seed = 2}.fill(0, b);
  tw::slerp(a, b, 0.5, out);
  CHECK(out.squaredNorm() / double(out.size()) == Approx(1).epsilon(0.05));
  CHECK((0.5 * (a + b)).squaredNorm() / double(out.size()) == Approx(0.5).epsilon(0.05));
  tw::slerp(a, b, 0, out);
  CHECK(out.isApprox(a));
  tw::slerp(a, b, 1, out);
  CHECK(out.isApprox(b));
  tw::slerp(a, a, 0.3, out);
  CHECK(out.isApprox(a));
  // Equal angles: a quarter of the way from (1, 0) to (0, 1) is at 22.5 degrees.
  Eigen::Vector2d x(1, 0), y(0, 1), z;
  tw::slerp(x, y, 0.25, z);
  CHECK(std::atan2(z[1], z[0]) == Approx(std::acos(-1.0) / 8));
  CHECK_THAT(error_of([&] { tw::slerp(a, b, 0.5, z); }), Contains("4096 x 3"));
}
