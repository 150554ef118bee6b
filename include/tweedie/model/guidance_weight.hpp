// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <concepts>
#include <cstdint>

#include "tweedie/model/model.hpp"

namespace tweedie {

/// Guidance of the data alone, see cfg_plus_plus.
struct CFGPlusPlus {
  double lambda;
  operator double() const { return lambda; }
};

template <class W>
concept WeightOfSample = requires(W& w, const Call& call, std::int64_t sample) {
  { w(call, sample) } -> std::convertible_to<double>;
};
/// How strongly a prediction is guided: a number, a function of the Call, or of the Call and the
/// sample's number. 1 is the conditional model alone and 0 the other one. (In the paper's own
/// convention 0 is the conditional model: our weight is theirs plus 1.)
template <class W>
concept GuidanceWeight = std::convertible_to<W, double> || WeightOfSample<W> ||
    requires(W& w, const Call& call) {
  { w(call) } -> std::convertible_to<double>;
};

namespace verbs {

/// The weight w for sigma_min <= sigma <= sigma_max, and 1, which is no guidance, elsewhere.
/// Kynkaanniemi et al. 2024, arXiv:2404.07724.
inline auto on_interval(double w, double sigma_min, double sigma_max) {
  check(std::isfinite(w), "on_interval: the weight ", w, " must be finite");
  check(sigma_min <= sigma_max, "on_interval: sigma_min = ", sigma_min,
        " lies above sigma_max = ", sigma_max);
  return [=](const Call& call) {
    const double sigma = call.level.sigma();
    return sigma_min <= sigma && sigma <= sigma_max ? w : 1;
  };
}

/// As the weight of guided() and guided_batched(): CFG++, Chung et al. 2024, arXiv:2406.08070. The step
/// goes to the data that are guided by lambda, in [0, 1], with the epsilon of the base.
inline CFGPlusPlus cfg_plus_plus(double lambda) {
  check(lambda >= 0 && lambda <= 1, "cfg_plus_plus: lambda = ", lambda, " must lie from 0 to 1");
  return {lambda};
}

/// The weights of a call, as a function of the column.
inline auto weights_at(auto& weight, const Call& call) {
  const auto finite = [step = call.step](double w) {
    check(std::isfinite(w), "guided: the weight is ", w, " in step ", step, "; it must be finite");
    return w;
  };
  if constexpr (WeightOfSample<decltype(weight)>)
    return [&, finite](Eigen::Index k) { return finite(weight(call, call.first_sample + k)); };
  else if constexpr (requires { weight(call); })
    return [w = finite(weight(call))](Eigen::Index) { return w; };
  else
    return [w = finite(weight)](Eigen::Index) { return w; };
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
