// SPDX-License-Identifier: MIT
// A TorchScript network: tensors without a copy, samples in one line, and autograd for measurements. The
// file is made here, so that there is one: a perfect network of smooth curves of 16 points, on VP. Yours
// comes from Python's torch.jit.script(network).save("network.pt").
#include <torch/script.h>
#include <torch/torch.h>

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <tweedie/inverse/posterior.hpp>
#include <tweedie/tweedie.hpp>
namespace tw = tweedie;
using Eigen::MatrixXf;

constexpr int points = 16;

// Covariances exp(-(i - j)^2 / 18) of the curves' points.
Eigen::MatrixXd covariance() {
  Eigen::MatrixXd C(points, points);
  for (int i = 0; i < points; ++i)
    for (int j = 0; j < points; ++j) C(i, j) = std::exp(-(i - j) * (i - j) / 18.0);
  return C + 1e-3 * Eigen::MatrixXd::Identity(points, points);
}

void make_network(const std::string& path) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen(covariance());
  MatrixXf axes = eigen.eigenvectors().cast<float>();
  Eigen::VectorXf variances = eigen.eigenvalues().cast<float>();
  torch::jit::Module network("network");
  network.register_buffer("axes", torch::from_blob(axes.data(), {points, points}).t().clone());
  network.register_buffer("variances", torch::from_blob(variances.data(), {points}).clone());
  network.define(R"(
def forward(self, x, t):  # N x 16, N -> epsilon
    alpha_bar = torch.exp(-0.1 * t - 9.95 * t * t).unsqueeze(1)
    std = torch.sqrt(1 - alpha_bar)
    return (torch.matmul(x, self.axes) * std / (alpha_bar * self.variances + 1 - alpha_bar)).matmul(self.axes.t())
)");
  network.save(path);
}

// [torch]
// x of D rows and N columns is a tensor of N x D (or N x C x H x W) in the same memory.
torch::Tensor tensor(const auto& x) {
  return torch::from_blob(const_cast<float*>(x.data()), {x.cols(), x.rows()});
}

struct TorchNetwork {
  torch::jit::Module module;
  tw::Output prediction = tw::Prediction::epsilon;

  torch::Tensor forward(const torch::Tensor& x, const tw::Call& call) {
    return module.forward({x, torch::full({x.size(0)}, float(call.level.t))}).toTensor();
  }
  void operator()(const auto& x, const tw::Call& call, auto& out) {
    const c10::InferenceMode no_gradients;
    tensor(out).copy_(forward(tensor(x), call));
  }
  // v times the Jacobian, by autograd; tweedie asks for it where a method needs one.
  void vjp(const auto& x, const tw::Call& call, const auto& v, auto& out) {
    const torch::Tensor in = tensor(x).clone().requires_grad_();
    tensor(out).copy_(torch::autograd::grad({forward(in, call)}, {in}, {tensor(v)})[0]);
  }
};
// [end]

int main() {
  torch::set_num_threads(1);  // samples do not depend on it, small networks are faster
  const std::string path = std::filesystem::temp_directory_path() / "tweedie_network.pt";
  make_network(path);
  TorchNetwork network{torch::jit::load(path)};
  const tw::VP vp;
  const tw::Plan plan = tw::make_plan(vp, "dpmpp_2m", tw::karras(vp, 20));

  MatrixXf x(points, 2000);
  const tw::Noise noise{.seed = 1};
  tw::prior(plan.from(), x, noise);
  tw::Sampler sampler(plan, network, x);
  const auto start = std::chrono::steady_clock::now();
  sampler(x, noise);
  const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
  const Eigen::MatrixXd samples = x.cast<double>();
  std::printf("2000 curves, %d evaluations of %.1f ms\n", plan.nfe(), time.count() / plan.nfe());
  std::printf("their covariance is off by %.3f at most, as 2000 samples may be\n",
              (samples * samples.transpose() / 2000 - covariance()).cwiseAbs().maxCoeff());

  // Curves through two known points: 1 at the fourth, -1 at the twelfth. Each curve is asked for the
  // rest.
  Eigen::ArrayXd known = Eigen::ArrayXd::Zero(points);
  known[3] = known[11] = 1;
  const tw::Mask mask(known);
  tw::prior(plan.from(), x, noise);
  tw::Sampler conditional(
      plan,
      tw::moment_matched(network, mask, Eigen::Vector2d(1, -1), {.noise = 0.01, .iterations = 3}),
      x);
  conditional(x, noise);
  const Eigen::VectorXd mean = x.cast<double>().rowwise().mean();
  const std::vector<int> at{3, 11};
  const Eigen::MatrixXd C = covariance();
  const Eigen::VectorXd exact = C(Eigen::all, at) * C(at, at).inverse() * Eigen::Vector2d(1, -1);
  std::printf("curves through 1 and -1: their mean is off by %.3f at most\n",
              (mean - exact).cwiseAbs().maxCoeff());
}
