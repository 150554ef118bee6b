// SPDX-License-Identifier: MIT
#pragma once

#if __cplusplus < 202002L
#error "tweedie needs C++20: compile with -std=c++20"
#endif
#if defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__
#error "tweedie works with infinity and NaN: compile without -ffast-math and -ffinite-math-only"
#endif
#if defined(min) || defined(max)
#error "macros named min and max hide std::min: define NOMINMAX before windows.h"
#endif
#if defined(check)
#error "a macro named check hides tweedie's: include tweedie first, or #undef check"
#endif

#define TWEEDIE_VERSION_MAJOR 0
#define TWEEDIE_VERSION_MINOR 1
#define TWEEDIE_VERSION_PATCH 0

/// Comparable in #if: 10000 * major + 100 * minor + patch.
#define TWEEDIE_VERSION \
  (10000 * TWEEDIE_VERSION_MAJOR + 100 * TWEEDIE_VERSION_MINOR + TWEEDIE_VERSION_PATCH)
