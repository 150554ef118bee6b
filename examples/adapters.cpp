// SPDX-License-Identifier: MIT
// Real networks as they come: a table's entries, EDM's preconditioning, a flow the other way.
#include <cstdio>
#include <tweedie/tweedie.hpp>
namespace tw = tweedie;

const tw::SampleOptions options{.dim = 2, .count = 4, .noise = {.seed = 1}};

int main() {
  // [discrete]
  // A network of a table of betas takes an entry: f(x, int k, out).
  const auto table = tw::TabulatedVP::from_betas(tw::scaled_linear_betas(1000, 0.00085, 0.012));
  const auto unet = [](const auto& x, int, auto& out) { out = 0.9f * x; };  // yours
  auto model = tw::discrete(tw::Prediction::epsilon, table, unet);
  const tw::Grid entries = tw::from_timesteps(table, tw::TimestepSpacing::trailing, 20);
  const auto x = tw::sample<Eigen::MatrixXf>(table, model, "dpmpp_2m", entries, options);
  // The same network on EDM's process, as k-diffusion runs it.
  const tw::EDM edm;
  const auto y = tw::sample<Eigen::MatrixXf>(edm, model, "euler_ancestral",
                                             tw::karras(edm, 20, {.sigma_max = 14.6}), options);
  // [end]
  // [edm]
  // D = c_skip x + c_out F(c_in x; c_noise), on any process.
  const auto F = [](const auto& in, double c_noise, auto& out) {
    out = -in * float(0.1 * c_noise);
  };
  auto denoiser = tw::preconditioned(tw::EDMPreconditioning{.sigma_data = 0.5}, F);
  const auto z = tw::sample<Eigen::MatrixXf>(edm, denoiser, "heun", tw::karras(edm, 18), options);
  // [end]
  // [flow]
  // Noise at 0, data at 1: told 1 - t, and the velocity turned. Shifted as SD3.
  const auto u = [](const auto& in, double, auto& out) { out = -in; };
  const tw::Flow flow;
  const tw::Grid grid = tw::shifted(flow, tw::uniform(flow, 28), 3);
  const auto w = tw::sample<Eigen::MatrixXf>(flow, tw::predicts_reversed_velocity(u), "euler_time",
                                             grid, options);
  // [end]
  // [label]
  // Other labels: what the network is told in place of t.
  const auto net = [](const auto& in, double label, auto& out) { out = in / float(2 + label); };
  auto told = tw::predicts_data(net, tw::Label::log_sigma(0.25));
  // [end]
  const auto v = tw::sample<Eigen::MatrixXf>(edm, told, "ddim", tw::karras(edm, 10), options);
  std::printf("%.3f %.3f %.3f %.3f %.3f\n", x.norm(), y.norm(), z.norm(), w.norm(), v.norm());
}
