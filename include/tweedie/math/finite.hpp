// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstdint>

namespace tweedie::math {

/// Whether a number is neither infinite nor NaN, from its bits: also where the compiler
/// assumes that there are none.
constexpr bool has_finite_bits(double value) {
  return (std::bit_cast<std::uint64_t>(value) & 0x7ff0000000000000u) != 0x7ff0000000000000u;
}
constexpr bool has_finite_bits(float value) {
  return (std::bit_cast<std::uint32_t>(value) & 0x7f800000u) != 0x7f800000u;
}

}  // namespace tweedie::math
