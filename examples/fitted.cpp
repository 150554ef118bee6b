// SPDX-License-Identifier: MIT
// A plan of 6 evaluations for one network: fitted, kept as text, read again and run; and one for any data of
// the same deviation, made without the network.
#include <iostream>
#include <sstream>
#include <tweedie/distribution/mixture.hpp>
#include <tweedie/plan/plan_from.hpp>
#include <tweedie/tuning/tune.hpp>
#include <tweedie/tweedie.hpp>
namespace tw = tweedie;

int main() {
  const tw::Flow process;
  // A stand-in for a network: two clusters in 16 dimensions.
  const Eigen::VectorXd middle = Eigen::VectorXd::Ones(16), variances = middle / 20;
  const tw::Mixture network({0.5, 0.5}, {tw::Gaussian::diagonal(middle, variances),
                                         tw::Gaussian::diagonal(-middle, variances)});

  const tw::Tuned tuned = tw::tune(process, network, {.nfe = 6, .dim = 16, .pilots = 16});
  std::cout << tuned << "\n";

  std::stringstream file;  // a std::ofstream, and elsewhere a std::ifstream
  file << tw::text(tuned.plan(), tw::to_string(tuned));
  const tw::Plan plan = tw::plan_from(file, process);
  Eigen::MatrixXd x(16, 10000);
  const tw::Noise noise{.seed = 7};
  tw::prior(plan.from(), x, noise);
  tw::Sampler(plan, network, x)(x, noise);
  std::cout << "deviation within clusters, of 0.2236: "
            << std::sqrt((x.cwiseAbs().array() - 1).square().mean()) << "\n";

  // Data of deviation sqrt(1 + 1 / 20), whatever they are.
  const tw::Plan any = tw::universal(process, 6, {.data = {std::sqrt(1.05)}});
  tw::prior(any.from(), x, noise);
  tw::Sampler(any, network, x)(x, noise);
  std::cout << "by a plan that does not know the network: "
            << std::sqrt((x.cwiseAbs().array() - 1).square().mean()) << "\n";
}
