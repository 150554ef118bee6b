// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <array>
#include <utility>

#include "tweedie/model/wrapped.hpp"

namespace tweedie {

struct Floats {
  std::array<Scratch, 3> floats = {};

  Output output(const Output& inner) const { return inner; }
  template <class Plain>
  using Asks = Samples<float>;

  void operator()(auto& model, const auto& x, const Call& call, auto&... outs) {
    const auto in = cast(0, x);
    int next = 1;
    std::array results{(static_cast<void>(outs), room(next++, x))...};
    std::apply([&](auto&... all) { verbs::ask(model, in, call, all...); }, results);
    next = 0;
    ((outs.matrix() = results[std::size_t(next++)].template cast<scalar_of<decltype(outs)>>()),
     ...);
  }
  void vjp(auto& model, const auto& x, const Call& call, const auto& v, auto& out) {
    const auto in = cast(0, x), direction = cast(1, v);
    auto product = room(2, x);
    model.vjp(in, call, direction, product);
    out.matrix() = product.template cast<scalar_of<decltype(out)>>();
  }
  template <class Plain>
  void reserve(Eigen::Index dim, Eigen::Index count) {
    for (Scratch& scratch : floats) scratch.data<float>(dim * count);
  }

 private:
  template <class Out>
  using scalar_of = typename std::decay_t<Out>::Scalar;

  Eigen::Map<Samples<float>> room(int which, const auto& x) {
    return {floats[std::size_t(which)].template data<float>(x.size()), x.rows(), x.cols()};
  }
  Eigen::Map<const Samples<float>> cast(int which, const auto& x) {
    auto result = room(which, x);
    result = x.matrix().template cast<float>();
    return verbs::view_of(result);
  }
};

namespace verbs {

/// A network of floats as a model of states in double: for what is computed in double whatever the
/// network is, as likelihoods, adaptive steps and tuning.
template <Predictor M>
Wrapped<Floats, M> in_float(M model) {
  Floats idea;
  return verbs::wrapped(std::move(idea), std::move(model));
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
