// SPDX-License-Identifier: MIT
// A deterministic solver on a reversed grid encodes data as latents; the way back decodes them.
#include <cstdio>
#include <tweedie/tweedie.hpp>
namespace tw = tweedie;

int main() {
  const tw::VP process;
  // Data with variance 0.3 around 1, in every coordinate.
  auto model = tw::predicts_data([](const auto& x, const tw::Call& call, auto& out) {
    const double s = call.level.scale, variance = call.level.std * call.level.std;
    out.array() = 1 + 0.3 * s / (0.3 * s * s + variance) * (x.array() - s);
  });
  for (const int steps : {10, 40, 160}) {
    // Between finite noise and nearly clean data: a data model says nothing of epsilon at sigma = 0.
    const tw::Grid grid = tw::log_snr(process, steps, {.to_zero = false});
    const tw::Plan decode = tw::make_plan(process, tw::Heun<tw::InSigma>{}, grid);
    const tw::Plan encode = tw::make_plan(process, tw::Heun<tw::InSigma>{}, tw::reversed(grid));

    Eigen::MatrixXd x(1000, 2), between(1000, 1);  // two samples of 1000 coordinates
    tw::Noise{.seed = 1}.stream("data").fill(0, x);
    x.array() = 1 + std::sqrt(0.3) * x.array();
    const Eigen::MatrixXd data = x;
    tw::Sampler(encode, model, x)(x, tw::Noise{});
    tw::slerp(x.col(0), x.col(1), 0.5, between);  // halfway between two latents
    tw::Sampler(decode, model, x)(x, tw::Noise{});
    tw::Sampler(decode, model, between)(between, tw::Noise{});
    std::printf(
        "%3d steps: there and back changes the data by %.6f; halfway: mean %.2f, variance %.2f\n",
        steps, (x - data).cwiseAbs().maxCoeff(), between.mean(),
        (between.array() - between.mean()).square().mean());
  }
}
