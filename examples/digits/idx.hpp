// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>
#include <array>
#include <cstdint>
#include <fstream>
#include <string>
#include <tweedie/error.hpp>
#include <vector>

/// A file in MNIST's format: images as columns of 784 numbers on [-1, 1], or labels.
inline std::vector<unsigned char> read_idx(const std::string& path, std::uint32_t& count,
                                           std::uint32_t& size) {
  std::ifstream in(path, std::ios::binary);
  tweedie::check(bool(in), path, " cannot be opened");
  const auto number = [&] {
    std::array<unsigned char, 4> b{};
    in.read(reinterpret_cast<char*>(b.data()), 4);
    return std::uint32_t{b[0]} << 24 | std::uint32_t{b[1]} << 16 | std::uint32_t{b[2]} << 8 | b[3];
  };
  const std::uint32_t magic = number(), dimensions = magic & 255;
  tweedie::check(magic >> 8 == 8 && (dimensions == 1 || dimensions == 3), path,
                 " is no IDX file of bytes; unpack it first if its name ends with .gz");
  count = number();
  size = dimensions == 3 ? number() * number() : 1;
  std::vector<unsigned char> bytes(std::size_t{count} * size);
  in.read(reinterpret_cast<char*>(bytes.data()), std::streamsize(bytes.size()));
  tweedie::check(bool(in), path, " ends too early");
  return bytes;
}
inline Eigen::MatrixXf read_images(const std::string& path) {
  std::uint32_t count, size;
  const std::vector<unsigned char> bytes = read_idx(path, count, size);
  tweedie::check(size == 784, path, " has images of ", size, " pixels; 784 are needed");
  const Eigen::Map<const Eigen::Matrix<unsigned char, -1, -1>> all(bytes.data(), size, count);
  return (all.cast<float>().array() / 127.5f - 1).matrix();
}
inline std::vector<int> read_labels(const std::string& path) {
  std::uint32_t count, size;
  const std::vector<unsigned char> bytes = read_idx(path, count, size);
  tweedie::check(size == 1, path, " has images, not labels");
  return {bytes.begin(), bytes.end()};
}
