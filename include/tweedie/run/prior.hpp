// SPDX-License-Identifier: MIT
#pragma once

#include <type_traits>

#include "tweedie/error.hpp"
#include "tweedie/noise/source.hpp"
#include "tweedie/process/level.hpp"
#include "tweedie/run/state.hpp"

namespace tweedie {

/// x = std z with draw 0 of the noise: pure noise at a level, usually plan.front().
struct Prior {
  template <State X, NoiseSource Source, class Set = InstructionSet>
  void operator()(const Level& level, X&& x, Source&& noise) const {
    fill_draw<Set>(noise, 0, x);
    x *= static_cast<typename std::remove_cvref_t<X>::Scalar>(level.std);
  }
};
inline constexpr Prior prior{};

/// x = scale data + std z: data brought to a level by the forward process, so that a run can start
/// from them (image to image) or be held to them (inpainting; take a stream of its own and the
/// step's number as the draw). `data` is any Eigen expression of x's shape.
struct Diffuse {
  template <State X, NoiseSource Source, class Set = InstructionSet>
  void operator()(const Level& level, const auto& data, Source&& noise, X&& x, int draw = 0) const {
    using T = typename std::remove_cvref_t<X>::Scalar;
    check(data.rows() == x.rows() && data.cols() == x.cols(), "diffuse: the data are ", data.rows(),
          " x ", data.cols(), ", the state ", x.rows(), " x ", x.cols());
    if constexpr (
        requires { data.eval(); } && !requires { data.data(); })
      return (*this)(level, data.eval(), noise, x, draw);  // it may read x
    if constexpr (requires { data.data() == x.data(); })
      check(data.data() != x.data() || x.size() == 0,
            "diffuse: data and state are the same memory");
    fill_draw<Set>(noise, draw, x);
    x *= static_cast<T>(level.std);
    x += static_cast<T>(level.scale) * data;
  }
};
inline constexpr Diffuse diffuse{};

}  // namespace tweedie
