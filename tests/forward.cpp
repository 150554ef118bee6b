// SPDX-License-Identifier: MIT
// Where a run starts from: pure noise, diffused data, and latents between two.
#include "support/catch.hpp"

#include <cmath>

#include <tweedie/forward/diffuse.hpp>
#include <tweedie/forward/latents.hpp>
#include <tweedie/forward/prior.hpp>
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
  CHECK(x.isApprox(vp.at(0.4).scale * data + vp.at(0.4).std * z));
  Eigen::MatrixXd other(3, 2);
  tw::diffuse(vp.at(0.4), data, noise.stream("known"), other, 5);
  CHECK_FALSE(other.isApprox(x));
  tw::diffuse(vp.at(0), data, noise, other);
  CHECK(other == data);
  CHECK_THAT(error_of([&] { tw::diffuse(vp.at(0.4), data.topRows(1), noise, x); }),
             Contains("1 x 2"));
  CHECK_THAT(error_of([&] { tw::diffuse(vp.at(0.4), x, noise, x); }), Contains("same memory"));
  x.setConstant(100);
  tw::diffuse(vp.at(0), 0.5 * x, noise, x);  // an expression that reads x
  CHECK(x.isApproxToConstant(50));
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
