// SPDX-License-Identifier: MIT
// Trains the network of digits with libtorch, and writes its weights for network.hpp, which needs none.
//
//     train --images FILE --labels FILE [--steps 6000] [--out digits.weights]
//
// It can be stopped and started again: every 200 steps it writes a checkpoint beside the weights. The
// network is F of EDM (Karras et al. 2022) with sigma_data 0.5: a U-Net of 24 and 48 channels on 28, 14
// and 7 pixels, told the class (10 is none, for guidance) and log(sigma) / 4.
#include <torch/torch.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>
#include <tweedie/forward/diffuse.hpp>
#include <tweedie/model/preconditioned.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/training/loss_history.hpp>
#include <tweedie/training/targets.hpp>

#include "idx.hpp"
#include "network.hpp"
#include "write_weights.hpp"
namespace tw = tweedie;
using torch::Tensor;
namespace nn = torch::nn;

// [network]
struct BlockImpl : nn::Module {
  nn::GroupNorm norm_1, norm_2;
  nn::Conv2d conv_1, conv_2, skip{nullptr};
  nn::Linear from_label;

  BlockImpl(int in, int out)
      : norm_1(nn::GroupNormOptions(8, in)),
        norm_2(nn::GroupNormOptions(8, out)),
        conv_1(nn::Conv2dOptions(in, out, 3).padding(1)),
        conv_2(nn::Conv2dOptions(out, out, 3).padding(1)),
        from_label(64, 2 * out) {
    register_module("norm_1", norm_1), register_module("conv_1", conv_1);
    register_module("label", from_label);
    register_module("norm_2", norm_2), register_module("conv_2", conv_2);
    if (in != out) skip = register_module("skip", nn::Conv2d(nn::Conv2dOptions(in, out, 1)));
  }
  Tensor forward(const Tensor& x, const Tensor& label) {
    Tensor h = conv_1(torch::silu(norm_1(x)));
    const auto parts = from_label(label).unsqueeze(2).unsqueeze(3).chunk(2, 1);
    h = conv_2(torch::silu(norm_2(h) * (1 + parts[0]) + parts[1]));
    return h + (skip ? skip(x) : x);
  }
};
TORCH_MODULE(Block);

struct UNetImpl : nn::Module {
  nn::Linear label_1{27, 64}, label_2{64, 64};
  nn::Conv2d first{nn::Conv2dOptions(1, 24, 3).padding(1)},
      last{nn::Conv2dOptions(24, 1, 3).padding(1)};
  nn::GroupNorm norm{nn::GroupNormOptions(8, 24)};
  Block down_28{24, 24}, down_14{24, 48}, down_7{48, 48}, middle{48, 48}, up_14{96, 48},
      up_28{72, 24};

  UNetImpl() {
    register_module("label_1", label_1), register_module("label_2", label_2);
    register_module("first", first), register_module("down_28", down_28);
    register_module("down_14", down_14), register_module("down_7", down_7);
    register_module("middle", middle), register_module("up_14", up_14);
    register_module("up_28", up_28), register_module("norm", norm), register_module("last", last);
    torch::NoGradGuard none;
    last->weight.zero_(), last->bias.zero_();
  }
  // c_noise = log(sigma) / 4 of each, classes 0 to 10.
  Tensor forward(const Tensor& x, const Tensor& c_noise, const Tensor& classes) {
    // Smooth in the label: frequencies from 1/4 to 8.
    const Tensor f = 0.25 * torch::pow(32.0, torch::arange(8) / 7.0).unsqueeze(0),
                 angle = c_noise.unsqueeze(1) * f;
    Tensor label = torch::cat(
        {torch::cos(angle), torch::sin(angle), torch::one_hot(classes, 11).to(torch::kFloat)}, 1);
    label = torch::silu(label_2(torch::silu(label_1(label))));
    const Tensor h_28 = down_28(first(x), label), h_14 = down_14(torch::avg_pool2d(h_28, 2), label);
    Tensor h = middle(down_7(torch::avg_pool2d(h_14, 2), label), label);
    const auto twice = [](const Tensor& t) {
      return t.repeat_interleave(2, 2).repeat_interleave(2, 3);
    };
    h = up_14(torch::cat({twice(h), h_14}, 1), label);
    h = up_28(torch::cat({twice(h), h_28}, 1), label);
    return last(torch::silu(norm(h)));
  }
};
TORCH_MODULE(UNet);
// [end]

int main(int argc, char** argv) {
  std::map<std::string, std::string> options{{"--steps", "6000"}, {"--out", "digits.weights"}};
  for (int k = 1; k + 1 < argc; k += 2) options[argv[k]] = argv[k + 1];
  if (!options.count("--images") || !options.count("--labels")) {
    std::puts("train --images FILE --labels FILE [--steps 6000] [--out digits.weights]");
    return 1;
  }
  // The last thousand are held out.
  const Eigen::MatrixXf images = read_images(options["--images"]);
  const std::vector<int> labels = read_labels(options["--labels"]);
  const auto known = std::int64_t(labels.size()) - 1000;
  const int steps = std::stoi(options["--steps"]), batch = 64;
  const std::string checkpoint = options["--out"] + ".checkpoint";

  torch::manual_seed(1);
  UNet network;
  std::map<std::string, Tensor> average;
  for (const auto& p : network->named_parameters()) average[p.key()] = p.value().detach().clone();
  torch::optim::Adam adam(network->parameters(), torch::optim::AdamOptions(2e-3));
  int first = 0;
  if (std::filesystem::exists(checkpoint)) {
    torch::serialize::InputArchive archive;
    archive.load_from(checkpoint);
    torch::serialize::InputArchive of_adam;
    archive.read("adam", of_adam);
    adam.load(of_adam);
    network->load(archive);
    for (auto& [name, weight] : average) archive.read("average." + name, weight, true);
    Tensor done;
    archive.read("done", done);
    first = done.item<int>();
    std::printf("goes on at step %d\n", first);
  }
  std::size_t count = 0;
  for (const auto& p : network->parameters()) count += std::size_t(p.numel());
  std::printf("%zu parameters, %lld images, steps of %d\n", count, static_cast<long long>(known),
              batch);

  const tw::EDM edm;
  const tw::EDMPreconditioning kind{.sigma_data = 0.5};
  const tw::Output F =
      tw::preconditioned(kind, [](const auto& x, double, auto& out) { out = x; }).prediction;
  const auto levels_of = tw::LevelDistribution::log_normal_sigma(edm, -1.0, 1.4);
  const tw::Noise noise{.seed = 7};
  tw::LossHistory history(0.005, 80, 16);
  const auto start = std::chrono::steady_clock::now();
  double mean = 0;
  for (int step = first; step < steps; ++step) {
    // A batch: images, classes (one in eight without), levels, noise and the target, on Eigen's side.
    Eigen::MatrixXf x0(784, batch), x(784, batch), z(784, batch), target(784, batch);
    Eigen::VectorXf u(3 * batch);
    noise.stream("batch").fill(step, 3, 0, 3 * batch, u.data());
    std::vector<std::int64_t> classes;
    for (int k = 0; k < batch; ++k) {
      const auto pick = [&](int j) { return tw::LevelDistribution::part(double(u[3 * k + j])); };
      const auto image = std::min(std::int64_t(pick(0) * double(known)), known - 1);
      x0.col(k) = images.col(image);
      classes.push_back(pick(1) < 0.125 ? 10 : labels[std::size_t(image)]);
    }
    // [batch]
    const std::vector<tw::Level> levels = tw::draw_levels(levels_of, batch, noise, step);
    tw::diffuse(levels, x0, noise, x, z, step);
    tw::targets(F, levels, x0, z, target);
    Eigen::VectorXf c_noise(batch);
    for (int k = 0; k < batch; ++k) {
      const double sigma = levels[std::size_t(k)].sigma();
      x.col(k) *= float(kind.input(sigma));
      c_noise[k] = float(kind.label(sigma));
    }
    // [end]
    const auto tensor = [&](Eigen::MatrixXf& m) {
      return torch::from_blob(m.data(), {batch, 1, 28, 28});
    };
    const Tensor output = network(tensor(x), torch::from_blob(c_noise.data(), {batch}),
                                  torch::tensor(classes, torch::kLong));
    const Tensor losses = (output - tensor(target)).square().mean({1, 2, 3}), loss = losses.mean();
    adam.zero_grad();
    loss.backward();
    // The rate rises for 200 steps and falls to nothing over the last half.
    const double part = double(step) / steps,
                 rate = 2e-3 * std::min(1.0, step / 200.0) * std::min(1.0, 2 * (1 - part));
    for (auto& group : adam.param_groups())
      static_cast<torch::optim::AdamOptions&>(group.options()).lr(rate);
    adam.step();
    torch::NoGradGuard none;
    const double keep = std::min(0.999, double(step) / (step + 10));
    for (const auto& p : network->named_parameters())
      average[p.key()].mul_(keep).add_(p.value(), 1 - keep);
    for (int k = 0; k < batch; ++k)
      history.add(levels[std::size_t(k)], double(losses[k].item<float>()));

    mean += (loss.item<double>() - mean) / std::min(step - first + 1, 200);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    const double left = took.count() / (step - first + 1) * (steps - step - 1);
    if (step % 10 == 9)
      std::fprintf(stderr, "\rstep %d of %d, loss %.4f, %d min %02d s left ", step + 1, steps, mean,
                   int(left) / 60, int(left) % 60);
    if (step % 200 == 199 || step + 1 == steps) {
      std::printf("%d %.5f\n", step + 1, mean);
      std::fflush(stdout);
      torch::serialize::OutputArchive archive, of_adam;
      network->save(archive);
      adam.save(of_adam);
      archive.write("adam", of_adam);
      for (const auto& [name, weight] : average) archive.write("average." + name, weight, true);
      archive.write("done", torch::tensor(step + 1));
      archive.save_to(checkpoint);
      write_weights(average, options["--out"]);
    }
  }
  // The same numbers by network.hpp, of the weights that were written.
  torch::NoGradGuard none;
  for (const auto& p : network->named_parameters())
    p.value().copy_(average[p.key()].to(torch::kHalf).to(torch::kFloat));
  const DigitsNetwork without_torch(options["--out"]);
  Eigen::MatrixXf x(784, 3), out(784, 3);
  noise.stream("check").fill(0, x);
  const std::vector<float> c_noise{-1, 0.3f, 1};
  const std::vector<int> classes{3, 10, 7};
  without_torch(x, c_noise, classes, out);
  const Tensor theirs = network(
      torch::from_blob(x.data(), {3, 1, 28, 28}), torch::tensor(c_noise),
      torch::tensor(std::vector<std::int64_t>(classes.begin(), classes.end()), torch::kLong));
  std::printf("\nnetwork.hpp differs from libtorch by %.1e at most\n",
              (theirs - torch::from_blob(out.data(), {3, 1, 28, 28})).abs().max().item<double>());
  std::cout << "\nloss of F by noise level\n" << history;
}
