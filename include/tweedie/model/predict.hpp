// SPDX-License-Identifier: MIT
#pragma once

#include "tweedie/model/model.hpp"

namespace tweedie::verbs {

/// out = state * x + output * out, of a conversion.
template <class Out>
void convert(const Conversion& c, const auto& x, Out& out) {
  using T = typename Out::Scalar;
  if (c.state != 0)
    out = static_cast<T>(c.output) * out + static_cast<T>(c.state) * x;
  else if (c.output != 1)
    out *= static_cast<T>(c.output);
}

/// out becomes what `wanted` (a Prediction or an Output) is at x, by one call of the model. Throws
/// Error where it cannot be had.
void predict(auto& model, const auto& wanted, const auto& x, const Call& call, auto& out) {
  const Output& given = model.prediction;
  const Conversion c = verbs::checked_conversion(wanted, given, call.level);
  model(x, call, out);
  verbs::convert(c, x, out);
}

/// Data and epsilon by one call of the model: its two outputs, or what its one output says of both.
/// Throws Error where they cannot be had.
template <class M, class X, class Out>
void predict_both(M& model, const X& x, const Call& call, Out& data, auto& epsilon) {
  const Output& given = model.prediction;
  if constexpr (MayGiveBoth<M, X, Out>)
    if (given.gives_both()) return model(x, call, data, epsilon);
  const Conversion to_data = verbs::checked_conversion(Prediction::data, given, call.level),
                   to_epsilon = verbs::checked_conversion(Prediction::epsilon, given, call.level);
  model(x, call, data);
  epsilon = data;
  verbs::convert(to_epsilon, x, epsilon);
  verbs::convert(to_data, x, data);
}

/// out = J^T v with J the Jacobian of that prediction, by one vjp of the model.
template <class Out>
void predict_vjp(auto& model, const auto& wanted, const auto& x, const Call& call, const auto& v,
                 Out& out) {
  const Output& given = model.prediction;
  const Conversion c = verbs::checked_conversion(wanted, given, call.level);
  model.vjp(x, call, v, out);
  verbs::convert(c, v, out);
}

/// The same call for one output or for two.
void ask(auto& model, const auto& x, const Call& call, auto& out) {
  model(x, call, out);
}
void ask(auto& model, const auto& x, const Call& call, auto& data, auto& epsilon) {
  verbs::predict_both(model, x, call, data, epsilon);
}

}  // namespace tweedie::verbs

namespace tweedie {
using namespace verbs;
}
