// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <concepts>
#include <type_traits>

namespace tweedie {

/// The marginal of a forward process at one time, and its rates:
///
///     x_t = scale x0 + std eps,  eps ~ N(0, I),     dx = f x dt + sqrt(g2) dw
///
/// | here   | elsewhere                                                                  |
/// |--------|----------------------------------------------------------------------------|
/// | scale  | s(t) in EDM; alpha_t in DDPM and DPM-Solver; mean coefficient in score_sde |
/// | std    | s(t) sigma(t) in EDM; sigma_t in DPM-Solver; marginal std in score_sde     |
/// | sigma  | sigma(t) in EDM; rho in DEIS; sigma_t / alpha_t in DPM-Solver              |
/// | lambda | lambda_t in DPM-Solver: half the log signal-to-noise ratio                 |
///
/// Both ends are legal: std = 0 is clean data (sigma 0, lambda inf), scale = 0 is pure noise (sigma
/// inf, lambda -inf). There a rate may be infinite: std_rate of VP at 0, f and g2 of Flow at 1.
struct Level {
  double t = 0, scale = 1, std = 0;
  double scale_rate = 0, std_rate = 0;  ///< d scale/dt, d std/dt
  double g2 = 0;                        ///< g^2 = d std^2/dt - 2 f std^2; stored, as it is finite
                                        ///< where std_rate is not
  double sigma() const { return std / scale; }
  double lambda() const { return -std::log(sigma()); }
  double f() const { return scale_rate / scale; }

  bool is_clean_data() const { return std == 0; }
  bool is_pure_noise() const { return scale == 0; }

  friend bool operator==(const Level&, const Level&) = default;
};

namespace verbs {

/// Calls f(name, number) for each number of a level.
template <class L>
  requires std::same_as<std::remove_const_t<L>, Level>
constexpr void for_each_number(L& level, auto&& f) {
  f("t", level.t);
  f("scale", level.scale);
  f("std", level.std);
  f("scale_rate", level.scale_rate);
  f("std_rate", level.std_rate);
  f("g2", level.g2);
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
