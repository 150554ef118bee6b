// SPDX-License-Identifier: MIT
#pragma once

#include <png.h>

#include <Eigen/Core>
#include <string>
#include <tweedie/error.hpp>
#include <vector>

/// Pictures of 28 x 28 pixels in rows and columns on one sheet, numbers on [-1, 1] from black to white.
class Sheet {
 public:
  Sheet(int rows, int columns)
      : width_(columns * cell + gap), height_(rows * cell + gap), pixels_(size(), 96) {}

  void put(int row, int column, const auto& image) {
    for (int i = 0; i < 28; ++i)
      for (int j = 0; j < 28; ++j) {
        const float value = std::clamp(127.5f * (float(image(28 * i + j)) + 1), 0.f, 255.f);
        pixels_[std::size_t((row * cell + gap + i) * width_ + column * cell + gap + j)] =
            static_cast<png_byte>(value);
      }
  }
  /// Each pixel as a square of `times`.
  void save(const std::string& path, int times = 2) const {
    std::vector<png_byte> large(std::size_t(width_ * height_ * times * times));
    for (int i = 0; i < height_ * times; ++i)
      for (int j = 0; j < width_ * times; ++j)
        large[std::size_t(i * width_ * times + j)] =
            pixels_[std::size_t(i / times * width_ + j / times)];
    png_image png{};
    png.version = PNG_IMAGE_VERSION;
    png.width = png_uint_32(width_ * times), png.height = png_uint_32(height_ * times);
    png.format = PNG_FORMAT_GRAY;
    tweedie::check(png_image_write_to_file(&png, path.c_str(), 0, large.data(), 0, nullptr) != 0,
                   path, " cannot be written: ", png.message);
  }

 private:
  static constexpr int gap = 2, cell = 28 + gap;
  int width_, height_;
  std::vector<png_byte> pixels_;

  std::size_t size() const { return std::size_t(width_ * height_); }
};
