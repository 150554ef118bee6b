// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace tweedie::math {

/// A vector that is indexed by int, as steps, rows, values and draws are counted.
template <class T>
class ByIndex {
 public:
  ByIndex() = default;
  explicit ByIndex(int size, const T& value = {}) : all_(static_cast<std::size_t>(size), value) {}

  int size() const { return static_cast<int>(all_.size()); }
  T& operator[](int k) { return all_[static_cast<std::size_t>(k)]; }
  const T& operator[](int k) const { return all_[static_cast<std::size_t>(k)]; }
  void push_back(T value) { all_.push_back(std::move(value)); }
  auto begin() const { return all_.begin(); }
  auto end() const { return all_.end(); }

 private:
  std::vector<T> all_;
};

/// Element k of a standard vector or array.
inline auto& element(auto& all, int k) {
  return all[static_cast<std::size_t>(k)];
}

}  // namespace tweedie::math
