// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>
#include <bit>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <map>
#include <string>
#include <tweedie/error.hpp>
#include <utility>
#include <vector>

/// The layers of small networks for images, in Eigen. An image is a matrix with a row a pixel and a column
/// a channel, so that a 3 x 3 convolution is nine products of matrices.
class Layers {
 public:
  using Image = Eigen::MatrixXf;  // pixels x channels

  /// The weights that train.cpp writes: names and counts as text, then the numbers in half precision.
  Layers(const std::string& path, std::size_t arrays) {
    std::ifstream in(path, std::ios::binary);
    tweedie::check(bool(in), path, " cannot be opened");
    std::string name;
    for (std::size_t count = 0; in >> name >> count; in.ignore(0)) {
      in.ignore(1);
      std::vector<std::uint16_t> half(count);
      in.read(reinterpret_cast<char*>(half.data()), std::streamsize(2 * count));
      tweedie::check(bool(in), path, " ends too early");
      std::vector<float>& numbers = weights_[name];
      for (const std::uint16_t bits : half) numbers.push_back(to_float(bits));
    }
    tweedie::check(weights_.size() == arrays, path, " has ", weights_.size(),
                   " arrays; the network has ", arrays);
  }

  bool has(const std::string& name) const { return weights_.count(name) > 0; }

  /// A number of half precision.
  static float to_float(std::uint16_t half) {
    const std::uint32_t sign = std::uint32_t{half & 0x8000u} << 16, exponent = half >> 10 & 31u,
                        fraction = half & 1023u;
    if (exponent == 0) return (sign ? -1.f : 1.f) * std::ldexp(float(fraction), -24);
    return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
  }
  const std::vector<float>& weights(const std::string& name) const {
    const auto found = weights_.find(name);
    tweedie::check(found != weights_.end(), "the weights have no ", name);
    return found->second;
  }
  Eigen::Map<const Eigen::RowVectorXf> row(const std::string& name) const {
    const auto& w = weights(name);
    return {w.data(), Eigen::Index(w.size())};
  }

  static void silu(auto&& x) { x.array() /= 1 + (-x.array()).exp(); }

  Eigen::VectorXf linear(const std::string& name, const Eigen::VectorXf& x) const {
    const auto bias = row(name + ".bias");
    const Eigen::Map<const Eigen::MatrixXf> weight(weights(name + ".weight").data(), x.size(),
                                                   bias.size());
    return weight.transpose() * x + bias.transpose();
  }

  /// A convolution, of 3 x 3 pixels with nothing beyond the edges, or of 1 x 1.
  Image convolve(const std::string& name, const Image& x) const {
    const auto bias = row(name + ".bias");
    const auto& all = weights(name + ".weight");  // out, in, 3, 3
    const Eigen::Index in = x.cols(), out = bias.size(), side = std::lround(std::sqrt(x.rows()));
    const Eigen::Index taps = Eigen::Index(all.size()) / (in * out);
    using Taps =
        Eigen::Map<const Eigen::MatrixXf, 0, Eigen::Stride<Eigen::Dynamic, Eigen::Dynamic>>;
    Image y = bias.replicate(x.rows(), 1);
    for (Eigen::Index tap = 0; tap < taps; ++tap) {
      const Taps weight(all.data() + tap, in, out, {in * taps, taps});
      if (taps == 1) return y + x * weight;
      const Image product = x * weight;
      const Eigen::Index down = tap / 3 - 1, right = tap % 3 - 1;
      // The row of pixels above reads the one below it, and so on.
      const Eigen::Index length = side - std::abs(right);
      for (Eigen::Index i = std::max<Eigen::Index>(0, -down);
           i < side - std::max<Eigen::Index>(0, down); ++i)
        y.middleRows(i * side + std::max<Eigen::Index>(0, -right), length) +=
            product.middleRows((i + down) * side + std::max<Eigen::Index>(0, right), length);
    }
    return y;
  }

  /// Eight groups of channels, each with mean 0 and deviation 1.
  Image normalise(const std::string& name, Image x) const {
    const Eigen::Index group = x.cols() / 8;
    for (Eigen::Index k = 0; k < 8; ++k) {
      auto part = x.middleCols(k * group, group);
      const float mean = part.mean();
      part.array() -= mean;
      part /= std::sqrt(part.squaredNorm() / float(part.size()) + 1e-5f);
    }
    return (x.array().rowwise() * row(name + ".weight").array()).rowwise() +
           row(name + ".bias").array();
  }

  /// Means of 2 x 2 pixels, and each pixel four times.
  static Image half(const Image& x) {
    const Eigen::Index side = std::lround(std::sqrt(x.rows())), to = side / 2;
    Image y(to * to, x.cols());
    for (Eigen::Index i = 0; i < to; ++i)
      for (Eigen::Index j = 0; j < to; ++j) {
        const Eigen::Index at = 2 * i * side + 2 * j;
        y.row(i * to + j) =
            (x.row(at) + x.row(at + 1) + x.row(at + side) + x.row(at + side + 1)) / 4;
      }
    return y;
  }
  /// Beside another image's channels.
  static Image twice(const Image& x, const Image& beside) {
    const Eigen::Index side = std::lround(std::sqrt(x.rows())), to = 2 * side;
    Image y(to * to, x.cols() + beside.cols());
    for (Eigen::Index i = 0; i < to; ++i)
      for (Eigen::Index j = 0; j < to; ++j)
        y.row(i * to + j).head(x.cols()) = x.row(i / 2 * side + j / 2);
    y.rightCols(beside.cols()) = beside;
    return y;
  }

 private:
  std::map<std::string, std::vector<float>> weights_;
};
