// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <tuple>

#include "tweedie/state.hpp"

namespace tweedie {

/// Memory of a model that wraps another: it grows when it is first asked for and is kept, so that a
/// run allocates nothing. A Sampler asks for it beforehand, by reserve(model, ...).
class Scratch {
 public:
  template <class T>
  T* data(Eigen::Index size) {
    auto& array = std::get<Eigen::ArrayX<T>>(arrays_);
    if (array.size() < size) array.resize(size);
    return array.data();
  }
  /// An array of the kind and shape of another.
  template <class X>
  Eigen::Map<PlainOf<X>> like(const X& x) {
    return {data<typename X::Scalar>(x.size()), x.rows(), x.cols()};
  }

 private:
  std::tuple<Eigen::ArrayXf, Eigen::ArrayXd> arrays_;
};

namespace verbs {

/// A view of an array that only reads, as models are given.
template <class Out>
Eigen::Map<const PlainOf<Out>> view_of(const Out& array) {
  return {array.data(), array.rows(), array.cols()};
}
/// factor * x, kept in the scratch.
template <class X>
Eigen::Map<const PlainOf<X>> scaled(Scratch& scratch, const X& x, double factor) {
  auto result = scratch.like(x);
  result = static_cast<typename X::Scalar>(factor) * x;
  return view_of(result);
}
/// Lets a model make room for states of a kind and shape, if it needs any.
template <class Plain>
void reserve(auto& model, Eigen::Index dim, Eigen::Index count) {
  if constexpr (requires { model.template reserve<Plain>(dim, count); })
    model.template reserve<Plain>(dim, count);
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
