// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cstdint>
#include <utility>

#include "tweedie/inverse/measurement.hpp"
#include "tweedie/model/jacobian.hpp"
#include "tweedie/model/wrapped.hpp"

namespace tweedie {

/// What was measured, y = A x0 + noise: one column for all samples, or one for each.
template <Measurement A>
class Measured {
 public:
  /// `method` begins its sentences.
  Measured(const char* method, A of_data, Eigen::MatrixXd y)
      : map(std::move(of_data)), method_(method), y_(std::move(y)) {
    check(y_.rows() == map.size() && y_.cols() >= 1, method_, ": y is ", y_.rows(), " x ",
          y_.cols(), ", the measurement has ", map.size(), " numbers; y has a row for each");
    check(y_.allFinite(), method_, ": an element of y is not finite");
  }

  A map;

  /// What a model of the data given y predicts. It gives one output, of a model of one.
  Output output(const Output& inner) const {
    check(!inner.gives_both(), method_,
          ": the model gives two outputs, data and an epsilon that does not belong to them; put "
          "what makes them outside, as in clipped(",
          method_, "(model, ...), ...)");
    return Prediction::data;
  }
  void check_call(const auto& x, const Call& call) const {
    check(x.rows() == map.dim(), method_, ": the states have ", x.rows(),
          " coordinates, the measurement is of ", map.dim());
    check(!call.level.is_pure_noise(), method_,
          ": at sigma = infinity x says nothing of the data; begin a little below, with {.t_max = "
          "0.99} or {.sigma_max = 100}");
  }
  /// Vectors of the measurement's size, one a sample.
  template <class T>
  Eigen::Map<Samples<T>> vectors(Scratch& scratch, Eigen::Index count) const {
    return {scratch.data<T>(map.size() * count), map.size(), count};
  }
  /// y - A data, into `residual`.
  void residual(const Call& call, const auto& data, auto& residual) const {
    using T = typename std::decay_t<decltype(residual)>::Scalar;
    map.apply(data.matrix(), residual);
    for (Eigen::Index k = 0; k < residual.cols(); ++k) {
      const std::int64_t sample = call.first_sample + k;
      check(y_.cols() == 1 || sample < y_.cols(), method_, ": sample ", sample,
            " needs a column of y, ", y_.cols(), " are given");
      const auto column = y_.col(y_.cols() == 1 ? 0 : static_cast<Eigen::Index>(sample));
      residual.col(k) = column.template cast<T>() - residual.col(k);
    }
  }

 private:
  const char* method_;
  Eigen::MatrixXd y_;
};

namespace verbs {

/// out = J^T v with J = dD / d(x / scale), the Jacobian of a model's data prediction.
template <class Out>
void data_vjp(JacobianProduct& product, auto& model, const auto& x, const Call& call, const auto& v,
              Out& out) {
  const Output& given = model.prediction;
  const Conversion c = verbs::checked_conversion(Prediction::data, given, call.level);
  product(model, x, call, verbs::view_of(v), out);
  verbs::convert({c.state * call.level.scale, c.output * call.level.scale}, v, out);
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
