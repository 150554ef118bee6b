// SPDX-License-Identifier: MIT
// Trains the classifier whose features judge digits, with libtorch, and writes its weights and the mean and
// covariance of the features of the thousand digits that are held out.
//
//     train_classifier --images FILE --labels FILE [--out classifier]
#include <torch/torch.h>

#include <cstdio>
#include <map>
#include <tweedie/noise/noise.hpp>
#include <tweedie/training/level_distribution.hpp>

#include "frechet.hpp"
#include "idx.hpp"
#include "network.hpp"
#include "write_weights.hpp"
namespace tw = tweedie;
using torch::Tensor;
namespace nn = torch::nn;

struct ClassifierImpl : nn::Module {
  nn::Conv2d conv_1{nn::Conv2dOptions(1, 16, 3).padding(1)},
      conv_2{nn::Conv2dOptions(16, 24, 3).padding(1)};
  nn::Linear features{24 * 49, 64}, last{64, 10};

  ClassifierImpl() {
    register_module("conv_1", conv_1), register_module("conv_2", conv_2);
    register_module("features", features), register_module("last", last);
  }
  Tensor forward(const Tensor& x) {
    Tensor h = torch::avg_pool2d(torch::relu(conv_1(x)), 2);
    h = torch::avg_pool2d(torch::relu(conv_2(h)), 2).flatten(1);
    return last(torch::dropout(torch::relu(features(h)), 0.3, is_training()));
  }
};
TORCH_MODULE(Classifier);

int main(int argc, char** argv) {
  std::map<std::string, std::string> options{{"--out", "classifier"}};
  for (int k = 1; k + 1 < argc; k += 2) options[argv[k]] = argv[k + 1];
  const Eigen::MatrixXf images = read_images(options["--images"]);
  const std::vector<int> labels = read_labels(options["--labels"]);
  const auto known = std::int64_t(labels.size()) - 1000;
  const int steps = 3000, batch = 64;
  torch::manual_seed(1);
  Classifier network;
  torch::optim::Adam adam(network->parameters(), torch::optim::AdamOptions(1e-3));
  const tw::Noise noise{.seed = 8};
  for (int step = 0; step < steps; ++step) {
    Eigen::MatrixXf x(784, batch);
    Eigen::VectorXf u(batch);
    noise.stream("batch").fill(step, 1, 0, batch, u.data());
    std::vector<std::int64_t> classes;
    for (int k = 0; k < batch; ++k) {
      const auto image = std::int64_t(tw::LevelDistribution::part(double(u[k])) * double(known));
      x.col(k) = images.col(std::min(image, known - 1));
      classes.push_back(labels[std::size_t(std::min(image, known - 1))]);
    }
    const Tensor loss =
        nn::functional::cross_entropy(network(torch::from_blob(x.data(), {batch, 1, 28, 28})),
                                      torch::tensor(classes, torch::kLong));
    adam.zero_grad();
    loss.backward();
    adam.step();
    if (step % 20 == 19)
      std::fprintf(stderr, "\rstep %d of %d, loss %.3f ", step + 1, steps, loss.item<double>());
  }
  std::map<std::string, Tensor> weights;
  for (const auto& p : network->named_parameters()) weights[p.key()] = p.value().detach();
  write_weights(weights, options["--out"] + ".weights");

  const DigitsClassifier classifier(options["--out"] + ".weights");
  const Eigen::MatrixXf held_out = images.rightCols(1000), features = classifier.features(held_out);
  int right = 0;
  for (Eigen::Index k = 0; k < 1000; ++k)
    right += classifier(features.col(k)) == labels[std::size_t(known + k)];
  std::printf("\nright on %d of 1000 held-out digits\n", right);
  // What other digits are compared with, and how far as many digits of the training set are.
  const FeatureMoments of_held_out = moments_of(features);
  of_held_out.write(options["--out"] + ".held_out");
  for (const int count : {250, 500, 1000})
    std::printf("Frechet distance of %d digits of the training set: %.2f\n", count,
                of_held_out.distance(moments_of(classifier.features(images.leftCols(count)))));
}
