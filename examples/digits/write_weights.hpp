// SPDX-License-Identifier: MIT
#pragma once

#include <torch/torch.h>

#include <fstream>
#include <map>
#include <string>

/// Names and counts as text, then the numbers in half precision, as layers.hpp reads them.
inline void write_weights(const std::map<std::string, torch::Tensor>& weights,
                          const std::string& path) {
  std::ofstream out(path, std::ios::binary);
  for (const auto& [name, weight] : weights) {
    const torch::Tensor half = weight.contiguous().to(torch::kHalf);
    out << name << " " << half.numel() << "\n";
    out.write(static_cast<const char*>(half.data_ptr()), half.numel() * 2);
  }
}
