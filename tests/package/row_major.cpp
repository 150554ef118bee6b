// SPDX-License-Identifier: MIT
// A program in which Eigen's default is row-major: states are Samples, which are not.
#include <tweedie/analysis/moments.hpp>
#include <tweedie/analysis/order.hpp>
#include <tweedie/distribution/mixture.hpp>
#include <tweedie/plan/eager.hpp>
#include <tweedie/tweedie.hpp>

int main() {
  namespace tw = tweedie;
  static_assert(Eigen::MatrixXd::IsRowMajor && !tw::Samples<double>::IsRowMajor);
  const tw::VP process;
  const tw::Mixture data({1}, {tw::Gaussian(Eigen::Vector2d(1, 2), Eigen::Matrix2d::Identity())});
  const tw::Grid grid = tw::karras(process, 20);
  const tw::Plan plan = tw::make_plan(process, tw::DDPM{}, grid);
  const tw::Noise noise{.seed = 1};
  tw::Samples<double> x(2, 5);
  tw::prior(plan.from(), x, noise);
  const tw::Samples<double> start = x;
  tw::Sampler(plan, data, x)(x, noise);
  const auto eager = tw::run_eagerly(process, tw::DDPM{}, grid, data, start, noise);
  if (!x.isApprox(eager, 1e-10)) return 1;
  if (!tw::sample(process, data, tw::DDPM{}, grid, {.dim = 2, .count = 5, .noise = noise})
           .isApprox(x))
    return 1;
  tw::Samples<double> drawn(2, 1000);
  data.sample(drawn, noise);
  if ((drawn.rowwise().mean() - Eigen::Vector2d(1, 2)).norm() > 0.2) return 1;
  return tw::measure_order(process, "heun", {40, 80}).order() > 1.8 ? 0 : 1;
}
