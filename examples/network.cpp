// SPDX-License-Identifier: MIT
// How a network is called: its forms, what a call knows, a condition per sample, and checking.
#include <iostream>
#include <tweedie/tweedie.hpp>
#include <vector>
namespace tw = tweedie;

// A network as a runtime has it: pointers in and out, a label per call, a class per sample.
struct Network {
  void run(const float* x, float label, const int* classes, std::int64_t count, std::int64_t dim,
           float* out) const {
    for (std::int64_t n = 0; n < count; ++n)
      for (std::int64_t i = 0; i < dim; ++i)
        out[n * dim + i] = x[n * dim + i] * (0.9f - 0.0001f * label) + 0.1f * float(classes[n]);
  }
};

int main() {
  const tw::VP process;
  const Network network;
  const std::vector<int> classes{0, 0, 1, 1};

  auto model = tw::predicts_epsilon([&](const auto& x, const tw::Call& call, auto& out) {
    network.run(x.data(), float(1000 * call.level.t), classes.data() + call.first_sample, x.cols(),
                x.rows(), out.data());
  });
  const Eigen::MatrixXf x =
      tw::sample<Eigen::MatrixXf>(process, tw::checked(model), "dpmpp_2m", tw::log_snr(process, 20),
                                  {.dim = 3, .count = 4, .noise = {.seed = 1}});
  std::cout << x << "\n\n";

  auto broken = tw::predicts_epsilon([](const auto& in, double t, auto& out) {
    out = in;
    if (t < 0.01) out(0, 2) = std::nanf("");
  });
  try {
    tw::sample<Eigen::MatrixXf>(process, tw::checked(broken), "dpmpp_2m", tw::log_snr(process, 20),
                                {.dim = 3, .count = 4});
  } catch (const tw::Error& error) {
    std::cout << error.what() << "\n";
  }
}
