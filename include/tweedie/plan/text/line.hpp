// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "tweedie/model/prediction.hpp"
#include "tweedie/plan/linear_form.hpp"
#include "tweedie/process/level.hpp"
#include "tweedie/solver/facts.hpp"

namespace tweedie::plan_text {

// How a fact or a number is written; Line::read is the way back.
inline std::string written(bool value) {
  return value ? "true" : "false";
}
inline std::string written(int value) {
  return std::to_string(value);
}
/// The shortest text that is read as the same number, infinities and NaN too, in every locale.
inline std::string written(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}
inline std::string written(Clock value) {
  return std::string(name_of(value));
}
inline std::string written(AtZero value) {
  return std::string(name_of(value));
}
inline std::string field(std::string_view name, const auto& value) {
  return " " + std::string(name) + " = " + written(value);
}
/// " first = 1  second = 2": of what for_each(f) gives to f(name, value).
inline std::string fields(auto&& for_each) {
  std::string text;
  for_each([&](auto name, const auto& value) {
    text += (text.empty() ? "" : " ") + field(name, value);
  });
  return text;
}
inline std::string fields(const Level& level) {
  return fields([&](auto&& f) { for_each_number(level, f); });
}

/// The words of a line, read one by one; an Error names the line.
class Line {
 public:
  /// Of rows, draws and steps. A number is a few letters and may ask for much memory: this many
  /// draws are 24 MB.
  static constexpr int most = 1'000'000;

  Line(std::string text, int number) : text_(std::move(text)), number_(number) {}

  bool done() const { return text_.find_first_not_of(blanks, at_) == std::string::npos; }
  /// A mark, or all letters up to a blank or a mark.
  std::string word() {
    const std::size_t begin = text_.find_first_not_of(blanks, at_);
    verify(begin != std::string::npos, "ends too early");
    const bool is_mark = marks.find(text_[begin]) != std::string_view::npos;
    at_ = is_mark ? begin + 1 : std::min(text_.find_first_of(ends, begin), text_.size());
    return text_.substr(begin, at_ - begin);
  }
  /// What follows, but for the blanks around it.
  std::string rest() {
    const std::size_t begin = text_.find_first_not_of(blanks, at_),
                      end = text_.find_last_not_of(blanks) + 1;
    at_ = text_.size();
    return begin == std::string::npos ? "" : text_.substr(begin, end - begin);
  }
  void expect(std::string_view wanted) {
    const std::string found = word();
    verify(found == wanted, "has \"", found, "\" where \"", wanted, "\" belongs");
  }

  double number() { return number_of(word()); }
  double finite() {
    const double value = number();
    verify(std::isfinite(value), "has a number that is not finite");
    return value;
  }
  double not_nan() {
    const double value = number();
    verify(!std::isnan(value), "has a clock that is no number");
    return value;
  }
  /// A count or an index.
  int whole() { return whole_of(word(), 0); }
  /// The index of r7 or z7.
  int index_of(char kind) {
    const Operand operand = this->operand();
    verify(operand.is_draw() == (kind == 'z'), "has a draw for a value, or a value for a draw");
    return operand.index;
  }
  Operand operand() {
    const std::string text = word();
    verify(text[0] == 'r' || text[0] == 'z', "has a term that is neither a value r nor a draw z");
    return {text[0] == 'z' ? Operand::Kind::draw : Operand::Kind::value,
            whole_of(text.substr(1), 0)};
  }

  void read(bool& value) {
    const std::string text = word();
    verify(text == "true" || text == "false", "has \"", text, "\", which is not true or false");
    value = text == "true";
  }
  void read(int& value) { value = whole_of(word(), -most); }
  void read(double& value) { value = number(); }
  void read(Clock& value) {
    value = known(clock_named(word()), "has a clock that is neither time nor sigma");
  }
  void read(AtZero& value) {
    value = known(at_zero_named(word()), "has no known rule at sigma = 0");
  }
  Prediction prediction() { return known(prediction_named(word()), "asks for no prediction"); }
  /// The line after "name =".
  Line& after(std::string_view name) {
    expect(name), expect("=");
    return *this;
  }
  Level level() {
    Level level;
    for_each_number(level, [&](auto name, double& number) { after(name).read(number); });
    return level;
  }

  void verify(bool right, const auto&... what) const {
    check(right, "plan: line ", number_, " ", what..., ": \"", text_.substr(0, 60), "\"");
  }

 private:
  static constexpr std::string_view blanks = " \t", marks = "=(),:", ends = " \t=(),:";

  std::string text_;
  int number_;
  std::size_t at_ = 0;

  template <class T>
  T known(const std::optional<T>& found, std::string_view otherwise) const {
    verify(found.has_value(), otherwise);
    return *found;
  }
  double number_of(std::string_view text) const {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    verify(error == std::errc() && end == text.data() + text.size(),
           "has no number where one belongs");
    return value;
  }
  int whole_of(std::string_view text, int least) const {
    const double value = number_of(text);
    verify(value >= least && value <= most && value == std::floor(value),
           "has no whole number from ", least, " to ", most);
    return static_cast<int>(value);
  }
};

}  // namespace tweedie::plan_text
