// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <utility>

#include "tweedie/error.hpp"
#include "tweedie/process/level.hpp"

namespace tweedie {

/// The words of a line, read one by one; an Error names the line.
class PlanLine {
 public:
  PlanLine(std::string line, int number) : line_(std::move(line)), number_(number) {}

  bool done() const { return line_.find_first_not_of(' ', at_) == std::string::npos; }
  std::string word() {
    const std::size_t begin = line_.find_first_not_of(' ', at_);
    verify(begin != std::string::npos, "ends too early");
    at_ = std::min(line_.find(' ', begin), line_.size());
    return line_.substr(begin, at_ - begin);
  }
  std::string rest() {
    const std::size_t begin = std::min(line_.find_first_not_of(' ', at_), line_.size());
    at_ = line_.size();
    return line_.substr(begin);
  }
  static constexpr double most = 1e8;  ///< rows, draws, steps
  double number() { return number_of(word()); }
  double finite() {
    const double value = number();
    verify(std::isfinite(value), "has a number that is not finite");
    return value;
  }
  int whole() {
    const double value = number();
    verify(value >= 0 && value <= most && value == static_cast<int>(value), "has no whole number");
    return static_cast<int>(value);
  }
  double number_of(const std::string& text) const {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    verify(end == text.c_str() + text.size() && !text.empty(), "has no number where one belongs");
    return value;
  }
  Level level() {
    Level l;
    for (double* one : {&l.t, &l.scale, &l.std, &l.scale_rate, &l.std_rate, &l.g2}) *one = number();
    return l;
  }
  void verify(bool right, const char* what) const {
    check(right, "plan: line ", number_, " ", what, ": \"", line_.substr(0, 60), "\"");
  }

 private:
  std::string line_;
  int number_;
  std::size_t at_ = 0;
};

}  // namespace tweedie
