// SPDX-License-Identifier: MIT
#pragma once

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tweedie/version.hpp"

namespace tweedie {

/// What every wrong call gets: one sentence that says what, which value, and what was allowed.
struct Error : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

}  // namespace tweedie

/// The one place that throws. Define it before the first include to report errors in another way
/// (it must not return); without exceptions the sentence is printed and the program ends.
#ifndef TWEEDIE_THROW
#if defined(__cpp_exceptions)
#define TWEEDIE_THROW(sentence) throw ::tweedie::Error(sentence)
#else
#define TWEEDIE_THROW(sentence) \
  (std::fprintf(stderr, "tweedie: %s\n", std::string(sentence).c_str()), std::abort())
#endif
#endif

namespace tweedie {

/// A word of a sentence: text, a real number or an integer.
class Word {
 public:
  Word(double real) : kind_(Kind::real), real_(real) {}
  Word(std::integral auto integer)
      : kind_(Kind::integer), integer_(static_cast<long long>(integer)) {}
  Word(std::string_view text) : text_(text) {}
  Word(const std::string& text) : text_(text) {}
  Word(const char* text) : text_(text) {}

  /// Reals as a reader would write them: 6 significant digits, no trailing zeros. The same in every
  /// locale.
  void append_to(std::string& sentence) const {
    constexpr auto general = std::chars_format::general;
    const double real = std::isnan(real_) ? std::abs(real_) : real_;
    char digits[32], *const most = digits + sizeof digits, *end = digits;
    if (kind_ == Kind::real) end = std::to_chars(digits, most, real, general, 6).ptr;
    if (kind_ == Kind::integer) end = std::to_chars(digits, most, integer_).ptr;
    sentence += kind_ == Kind::text ? text_ : std::string_view(digits, end);
  }

 private:
  enum class Kind { text, real, integer } kind_ = Kind::text;
  std::string_view text_;
  double real_ = 0;
  long long integer_ = 0;
};

// Functions that a program calls with the library's types stand in `verbs`, here and in all rooms.
// Argument-dependent lookup ignores using-directives, so that a user's own check(...), prior(...)
// or sample(...) is never ambiguous with tweedie::check, tweedie::prior or tweedie::sample.
namespace verbs {

inline std::string sentence(std::initializer_list<Word> words) {
  std::string text;
  for (const Word& word : words) word.append_to(text);
  return text;
}
inline std::string to_text(double value) {
  return sentence({value});
}

[[noreturn]] inline void fail(std::initializer_list<Word> words) {
  TWEEDIE_THROW(sentence(words));
  std::abort();  // a user's TWEEDIE_THROW must not return
}

/// Throws Error with the sentence that the words make, unless `ok`.
template <class... Words>
void check(bool ok, const Words&... words) {
  if (!ok) [[unlikely]]
    fail({Word(words)...});
}

/// Runs f; an exception that leaves it goes to on_failure, where there are exceptions.
void attempt(auto&& f, auto&& on_failure) {
#if defined(__cpp_exceptions)
  try {
    f();
  } catch (...) {
    on_failure(std::current_exception());
  }
#else
  f(), static_cast<void>(on_failure);
#endif
}

/// Throws Error for an empty std::function or a null pointer; `what` names it.
void check_callable(std::string_view what, const auto& f) {
  if constexpr (requires { f == nullptr; }) check(!(f == nullptr), what, " is an empty function");
}

/// Throws Error unless two arrays have the same shape; `what` and `of` name them.
void check_shape(std::string_view what, const auto& array, std::string_view of, const auto& other) {
  check(array.rows() == other.rows() && array.cols() == other.cols(), what, " ", array.rows(),
        " x ", array.cols(), ", ", of, " ", other.rows(), " x ", other.cols(),
        "; they must have the same shape");
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
