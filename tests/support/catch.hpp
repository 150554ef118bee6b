// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>
#include <string>

// Catch2 v2 and v3 differ in headers and a name, as far as these tests use them.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
inline auto Contains(const std::string& text) {
  return Catch::Matchers::ContainsSubstring(text);
}
#else
#include <catch2/catch.hpp>
using Catch::Matchers::Contains;
#endif
using Catch::Matchers::StartsWith;

/// The sentence of the Error that an action throws; empty if it throws none.
std::string error_of(auto&& action) {
  try {
    action();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return {};
}
