// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <utility>

#include "tweedie/math/finite.hpp"
#include "tweedie/model/wrapped.hpp"

namespace tweedie {

struct FiniteCheck {
  Output given = Prediction::data;

  Output output(const Output& inner) { return given = inner; }
  void operator()(auto& model, const auto& x, const Call& call, auto& out) {
    model(x, call, out);
    check_all(given.gives_both() ? "data" : std::string_view(given.name()), call, out);
  }
  void operator()(auto& model, const auto& x, const Call& call, auto& data, auto& epsilon) {
    verbs::predict_both(model, x, call, data, epsilon);
    check_all("data", call, data);
    check_all("epsilon", call, epsilon);
  }
  void vjp(auto& model, const auto& x, const Call& call, const auto& v, auto& out) {
    model.vjp(x, call, v, out);
  }

 private:
  static void check_all(std::string_view name, const Call& call, const auto& out) {
    for (Eigen::Index sample = 0; sample < out.cols(); ++sample)
      for (Eigen::Index row = 0; row < out.rows(); ++row)
        check(math::has_finite_bits(out(row, sample)), "model: ", name, " is ",
              static_cast<double>(out(row, sample)), " in step ", call.step, ", t = ", call.level.t,
              ", evaluation ", call.evaluation, ", sample ", call.first_sample + sample,
              ", coordinate ", row);
  }
};

namespace verbs {

/// A model that throws Error as soon as the inner one writes NaN or infinity, and says where: step,
/// t, evaluation, sample and coordinate. Costs one more pass over the output.
template <Predictor M>
Wrapped<FiniteCheck, M> checked(M model) {
  return verbs::wrapped(FiniteCheck{}, std::move(model));
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
