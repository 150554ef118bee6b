// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <utility>

#include "tweedie/model/model.hpp"
#include "tweedie/model/scratch.hpp"

namespace tweedie {

/// A network that was trained on one process, used on another: exactly, since at equal sigma the
/// processes differ by a factor. It sees its own process's state, level and time.
template <Predictor M>
class TrainedOn {
 public:
  Output prediction;

  TrainedOn(AnyProcess own, M model)
      : prediction(model.prediction), own_(std::move(own)), model_(std::move(model)) {
    const Output inner = model_.prediction;
    prediction = Output(inner.name(), [inner, process = own_](const Level& l) {
      return inner.row(level_in(process, l));
    });
  }

  template <class Out>
  void operator()(const auto& x, const Call& call, Out& out) {
    Call seen = call;
    seen.level = level_in(own_, call.level);
    seen.to = level_in(own_, call.to);
    const double factor = call.level.sigma() > 1 ? seen.level.std / call.level.std
                                                 : seen.level.scale / call.level.scale;
    if (std::abs(factor - 1) < 1e-12) return model_(x, seen, out);
    auto scaled = scratch_.like(out);
    scaled = static_cast<typename Out::Scalar>(factor) * x;
    const Eigen::Map<const PlainOf<Out>> in(scaled.data(), scaled.rows(), scaled.cols());
    model_(in, seen, out);
  }
  template <class Plain>
  void reserve(Eigen::Index dim, Eigen::Index count) {
    scratch_.data<typename Plain::Scalar>(dim * count);
    verbs::reserve<Plain>(model_, dim, count);
  }

 private:
  AnyProcess own_;
  M model_;
  Scratch scratch_;

  static Level level_in(const AnyProcess& process, const Level& l) {
    return process.at_sigma(l.sigma());
  }
};

namespace verbs {

template <Predictor M>
TrainedOn<M> trained_on(const AnyProcess& process, M model) {
  return TrainedOn<M>(process, std::move(model));
}

/// A network that takes an entry of a table: f(x, int k, out). It runs on the table's own process
/// and on any other.
template <class F>
auto discrete(Prediction prediction, const TabulatedVP& table, F f) {
  const auto network = [f = std::move(f)](const auto& x, double entry, auto& out) mutable {
    f(x, static_cast<int>(entry), out);
  };
  return verbs::trained_on(table, verbs::predicts(prediction, network, Label::entry(table)));
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
