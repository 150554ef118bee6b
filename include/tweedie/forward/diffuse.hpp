// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <type_traits>

#include "tweedie/noise/source.hpp"
#include "tweedie/process/level.hpp"
#include "tweedie/state.hpp"

namespace tweedie::verbs {

/// x = scale data + std z: data brought to a level by the forward process, so that a run can start
/// from them (image to image, draw 0) or be held to them (inpainting; the draw is the step's number plus 1).
/// `data` is any Eigen expression of x's shape. A Noise is asked in a stream of its own, so that z
/// is none of a run's draws, nor what made the data; a SequentialNoise gives its next numbers, another source its draw of that number.
template <class X, class Source, class Isa = simd::InstructionSet>
void diffuse(const Level& level, const auto& data, Source&& noise, X&& x, int draw = 0) {
  static_assert(verbs::require_state<X>());
  verbs::require_source<Source>();
  using T = typename std::remove_cvref_t<X>::Scalar;
  verbs::check_shape("diffuse: the data are", data, "the state", x);
  if constexpr (!requires { data.data(); }) {
    verbs::diffuse(level, data.eval(), noise, x, draw);  // the expression may read x
  } else {
    check(!verbs::overlap(data, x),
          "diffuse: data and state share memory; pass a copy of the data");
    if constexpr (requires { noise.stream("diffuse"); }) {
      const auto own = noise.stream("diffuse");
      verbs::draw_whole<Isa>(own, draw, x);
    } else if constexpr (requires { noise.fill_next(x); }) {
      noise.fill_next(x);
    } else {
      verbs::draw_whole<Isa>(noise, draw, x);
    }
    x *= static_cast<T>(level.std);
    x += static_cast<T>(level.scale) * data;
  }
}

/// The same with a level for each column, and z given back, as training needs it: column k of x is
/// levels[k].scale data + levels[k].std z.
template <class X, class Source, class Isa = simd::InstructionSet>
void diffuse(std::span<const Level> levels, const auto& data, Source&& noise, X&& x, auto& z,
             int draw = 0) {
  static_assert(verbs::require_state<X>());
  check(static_cast<Eigen::Index>(levels.size()) == x.cols(), "diffuse: ", levels.size(),
        " levels for ", x.cols(), " columns; each has one");
  verbs::check_shape("diffuse: the noise is", z, "the state", x);
  verbs::check_shape("diffuse: the data are", data, "the state", x);
  check(!verbs::overlap(data, x) && !verbs::overlap(z, x),
        "diffuse: data, noise and state share memory; pass matrices of their own");
  using T = typename std::remove_cvref_t<X>::Scalar;
  const Level unit{.scale = 0, .std = 1};
  verbs::diffuse(unit, std::remove_cvref_t<decltype(z)>::Zero(z.rows(), z.cols()), noise, z, draw);
  for (Eigen::Index k = 0; k < x.cols(); ++k) {
    const Level& level = levels[static_cast<std::size_t>(k)];
    x.col(k) = static_cast<T>(level.scale) * data.col(k) + static_cast<T>(level.std) * z.col(k);
  }
}

}  // namespace tweedie::verbs

namespace tweedie {
using namespace verbs;
}
