// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstdio>
#include <cstdlib>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>

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

/// A number as a reader would write it: 6 significant digits, no trailing zeros.
inline std::string to_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

/// A piece of a sentence: text, a real or a whole number.
class Piece {
 public:
  Piece(double real) : kind_(Kind::real), real_(real) {}
  Piece(std::integral auto whole) : kind_(Kind::whole), whole_(static_cast<long long>(whole)) {}
  Piece(std::string_view text) : text_(text) {}
  Piece(const std::string& text) : text_(text) {}
  Piece(const char* text) : text_(text) {}

  void append_to(std::string& sentence) const {
    if (kind_ == Kind::real) sentence += to_text(real_);
    if (kind_ == Kind::whole) sentence += std::to_string(whole_);
    if (kind_ == Kind::text) sentence += text_;
  }

 private:
  enum class Kind { text, real, whole } kind_ = Kind::text;
  std::string_view text_;
  double real_ = 0;
  long long whole_ = 0;
};

inline std::string sentence(std::initializer_list<Piece> pieces) {
  std::string text;
  for (const Piece& piece : pieces) piece.append_to(text);
  return text;
}

[[noreturn]] inline void fail(std::initializer_list<Piece> pieces) {
  TWEEDIE_THROW(sentence(pieces));
  std::abort();  // a user's TWEEDIE_THROW must not return
}

// The verbs that a program calls with the library's types are function objects, here and in all
// folders: argument-dependent lookup does not find them, so a user's own `check(...)`,
// `karras(process, ...)` or `sample(...)` is never ambiguous.

/// Throws Error with the sentence that the pieces make, unless `ok`.
inline constexpr auto check = [](bool ok, const auto&... pieces) {
  if (!ok) [[unlikely]]
    fail({Piece(pieces)...});
};

}  // namespace tweedie
