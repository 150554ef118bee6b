// SPDX-License-Identifier: MIT
// The density of samples under a model, with what each part of the answer is worth: by the exact
// trace, by Hutchinson's probes with their error bar, and by the variational bound.
#include <cstdio>
#include <tweedie/distribution/mixture.hpp>
#include <tweedie/likelihood/log_likelihood.hpp>
#include <tweedie/likelihood/variational_bound.hpp>
#include <tweedie/tweedie.hpp>
namespace tw = tweedie;
using Eigen::MatrixXd, Eigen::VectorXd;

int main() {
  // Data of eight coordinates in two clusters, whose density is known.
  const auto cluster = [](double centre, double variance) {
    return tw::Gaussian(
        VectorXd::Constant(8, centre),
        MatrixXd(variance * MatrixXd::Identity(8, 8) + 0.5 * variance * MatrixXd::Ones(8, 8)));
  };
  const tw::Mixture data({0.3, 0.7}, {cluster(1, 0.2), cluster(-0.5, 0.4)});
  MatrixXd x(8, 500);
  data.sample(x, tw::Noise{.seed = 3});
  const tw::EDM edm;
  const VectorXd exact = data.log_density(edm.at(0), x);

  // What the prior and the stop at sigma_min cost is estimated too: exact = trace + prior - stop.
  const auto trace = tw::log_likelihood(edm, data, x, {.rtol = 1e-8, .atol = 1e-8});
  const auto probes = tw::log_likelihood(edm, data, x, {.probes = 16, .noise = {.seed = 1}});
  std::puts("log p:   exact    trace   prior    stop      16 probes");
  for (Eigen::Index k = 0; k < 5; ++k)
    std::printf("%15.4f %8.4f %7.4f %7.4f %8.2f +- %.2f\n", exact[k], trace.value[k],
                trace.prior_gap[k], trace.truncation[k], probes.value[k], probes.standard_error[k]);
  std::printf("evaluations of the network: %d and %d\n", trace.evaluations, probes.evaluations);
  std::printf("bits per dimension of the first, were it 8-bit data on [-1, 1]: %.3f\n",
              trace.bits_per_dim(7)[0]);

  MatrixXd many(8, 4000);
  data.sample(many, tw::Noise{.seed = 4});
  std::printf("mean of 4000: exact %.3f, variational bound",
              data.log_density(edm.at(0), many).mean());
  for (const int steps : {20, 80, 320}) {
    const auto bound = tw::variational_bound(tw::log_snr(edm, steps, {.to_zero = false}), data,
                                             many, tw::Noise{.seed = 5});
    std::printf("%s %.2f +- %.2f by %d evaluations", steps == 20 ? "" : ",", bound.mean,
                bound.standard_error, bound.evaluations);
  }
  std::puts("");
}
