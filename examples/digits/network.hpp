// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>
#include <cmath>
#include <span>
#include <string>

#include "layers.hpp"

/// The network of train.cpp without libtorch: F of EDM, a U-Net of 24 and 48 channels.
class DigitsNetwork {
 public:
  using Image = Layers::Image;

  explicit DigitsNetwork(const std::string& path) : layers_(path, 76) {}

  /// F(x; c_noise) of each column, an image of 784 pixels, row by row; classes 0 to 9, or 10 for none.
  void operator()(const auto& x, std::span<const float> c_noise, std::span<const int> classes,
                  auto& out) const {
    for (Eigen::Index n = 0; n < x.cols(); ++n)
      out.col(n) = forward(x.col(n), c_noise[std::size_t(n)], classes[std::size_t(n)]);
  }

 private:
  Layers layers_;

  Image block(const std::string& name, const Image& x, const Eigen::VectorXf& label) const {
    Image h = layers_.normalise(name + ".norm_1", x);
    Layers::silu(h);
    h = layers_.normalise(name + ".norm_2", layers_.convolve(name + ".conv_1", h));
    const Eigen::RowVectorXf parts = layers_.linear(name + ".label", label).transpose();
    h = (h.array().rowwise() * (1 + parts.head(h.cols()).array())).rowwise() +
        parts.tail(h.cols()).array();
    Layers::silu(h);
    h = layers_.convolve(name + ".conv_2", h);
    return layers_.has(name + ".skip.bias") ? Image(h + layers_.convolve(name + ".skip", x))
                                            : Image(h + x);
  }

  Eigen::VectorXf forward(const Image& x, float c_noise, int digit) const {
    Eigen::VectorXf label = Eigen::VectorXf::Zero(27);
    for (int k = 0; k < 8; ++k) {
      const float angle = c_noise * 0.25f * std::pow(32.f, float(k) / 7);
      label[k] = std::cos(angle), label[8 + k] = std::sin(angle);
    }
    label[16 + digit] = 1;
    label = layers_.linear("label_1", label);
    Layers::silu(label);
    label = layers_.linear("label_2", label);
    Layers::silu(label);
    const Image h_28 = block("down_28", layers_.convolve("first", x), label);
    const Image h_14 = block("down_14", Layers::half(h_28), label);
    Image h = block("middle", block("down_7", Layers::half(h_14), label), label);
    h = block("up_14", Layers::twice(h, h_14), label);
    h = layers_.normalise("norm", block("up_28", Layers::twice(h, h_28), label));
    Layers::silu(h);
    return layers_.convolve("last", h);
  }
};

/// A classifier of digits, whose 64 features before the last layer say how like two sets of digits are.
class DigitsClassifier {
 public:
  explicit DigitsClassifier(const std::string& path) : layers_(path, 8) {}

  /// Features of each column, an image of 784 pixels: 64 rows.
  Eigen::MatrixXf features(const Eigen::MatrixXf& x) const {
    Eigen::MatrixXf all(64, x.cols());
    for (Eigen::Index n = 0; n < x.cols(); ++n) all.col(n) = features_of(x.col(n));
    return all;
  }
  /// The class that is most likely.
  int operator()(const Eigen::VectorXf& features) const {
    Eigen::Index most;
    layers_.linear("last", features).maxCoeff(&most);
    return static_cast<int>(most);
  }

 private:
  Layers layers_;

  Eigen::VectorXf features_of(const Layers::Image& x) const {
    Layers::Image h = Layers::half(layers_.convolve("conv_1", x).cwiseMax(0));
    h = Layers::half(layers_.convolve("conv_2", h).cwiseMax(0));
    const Eigen::Map<const Eigen::VectorXf> flat(h.data(), h.size());  // channel by channel
    return layers_.linear("features", flat).cwiseMax(0);
  }
};
