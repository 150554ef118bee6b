// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "tweedie/model/model.hpp"

namespace tweedie {

/// Whether a number is neither infinite nor NaN, from its bits: also where the compiler
/// assumes that there are none.
constexpr bool has_finite_bits(double value) {
  return (std::bit_cast<std::uint64_t>(value) & 0x7ff0000000000000u) != 0x7ff0000000000000u;
}
constexpr bool has_finite_bits(float value) {
  return (std::bit_cast<std::uint32_t>(value) & 0x7f800000u) != 0x7f800000u;
}

/// A model that throws Error as soon as the inner one writes NaN or infinity, and says where: step,
/// t, evaluation, sample and coordinate. Costs one more pass over the output.
template <Model M>
struct Checked {
  M model;
  Prediction prediction = model.prediction;

  void operator()(const auto& x, const Call& call, auto& out) {
    model(x, call, out);
    for (Eigen::Index sample = 0; sample < out.cols(); ++sample)
      for (Eigen::Index row = 0; row < out.rows(); ++row)
        check(has_finite_bits(out(row, sample)), "model: ", name(prediction), " is ",
              static_cast<double>(out(row, sample)), " in step ", call.step, ", t = ", call.at.t,
              ", evaluation ", call.evaluation, ", sample ", call.first_sample + sample,
              ", coordinate ", row);
  }
};

inline constexpr auto checked = [](Model auto model) {
  return Checked<decltype(model)>{std::move(model)};
};

}  // namespace tweedie
