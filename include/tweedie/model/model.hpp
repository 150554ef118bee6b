// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>

#include "tweedie/model/call.hpp"
#include "tweedie/model/expression.hpp"
#include "tweedie/model/label.hpp"
#include "tweedie/model/scratch.hpp"

namespace tweedie {

/// A callable that takes the time as an integer, in which 0.75 and 0.25 are both 0.
template <class F, class X, class Out>
concept TakesIntegerTime = (
                               requires(F & f, const X& x, Out& out) { f(x, {1}, out); } &&
                               !requires(F & f, const X& x, Out& out) { f(x, {1.0f}, out); }) ||
                           (
                               requires(F & f, const X& x) { f(x, {1}); } &&
                               !requires(F & f, const X& x) { f(x, {1.0f}); });

/// A user's callable together with what it predicts. The callable has one of the forms
///
///     f(x, t, out)      f(x, call, out)      an expression = f(x, t)      ... = f(x, call)
///     f(x, labels, out)
///
/// where x and out are Eigen maps of the state's kind (Matrix or Array; write `const auto& x,
/// auto& out`, or an Eigen::Ref), t is a double, the label, call a const Call&, and labels a
/// std::span<const float> or <const double>, as the state is, with the label once for each column:
/// the tensor of times that a network takes for its batch. A callable with a member
/// vjp(x, call, v, out) offers that too.
template <class F>
struct Predicts {
  Output prediction;
  F f;
  Label label = {};
  Scratch labels = {};

  template <class Plain>
  void reserve(Eigen::Index, Eigen::Index count) {
    labels.data<typename Plain::Scalar>(count);
  }

  template <class X, class Out>
  void operator()(const X& x, const Call& call, Out& out) {
    static_assert(!TakesIntegerTime<F, X, Out>,
                  "a model takes the time as a double; take a Call for a table's entry, "
                  "table.index_of_time(call.level.t)");
    if constexpr (std::invocable<F&, const X&, const Call&, Out&>) {
      f(x, call, out);
    } else if constexpr (std::invocable<F&, const X&, double, Out&>) {
      f(x, label(call.level), out);
    } else if constexpr (std::invocable<F&, const X&, std::span<const typename X::Scalar>, Out&>) {
      using T = typename X::Scalar;
      T* const all = labels.data<T>(x.cols());
      std::fill(all, all + x.cols(), static_cast<T>(label(call.level)));
      f(x, std::span<const T>(all, static_cast<std::size_t>(x.cols())), out);
    } else if constexpr (std::invocable<F&, const X&, Call>) {  // auto& would be an output
      assign<X>([&]() -> decltype(auto) { return f(x, call); }, out);
    } else if constexpr (std::invocable<F&, const X&, double>) {
      assign<X>([&]() -> decltype(auto) { return f(x, label(call.level)); }, out);
    } else {
      static_assert(
          std::invocable<F&, const X&, double>,
          "a model is callable as f(x, t, out), f(x, call, out), f(x, labels, out) with labels a "
          "std::span<const T> of the state's own scalar T, f(x, t) or f(x, call), with x and out "
          "taken by const auto& and auto&, or as Eigen::Ref; they are maps, "
          "to which a MatrixXd& does not bind");
    }
  }
  template <class X, class V, class Out>
  requires OffersVJP<F, X, V, Out>
  void vjp(const X& x, const Call& call, const V& v, Out& out) { f.vjp(x, call, v, out); }

 private:
  template <class X, class Evaluate, class Out>
  static void assign(Evaluate evaluate, Out& out) {
    static_assert(!std::is_void_v<decltype(evaluate())>,
                  "a model without an output argument returns an expression of x's shape");
    if constexpr (!std::is_void_v<decltype(evaluate())>) {
      using Value = std::remove_cvref_t<decltype(evaluate())>;
      constexpr bool is_array = requires {
        evaluate().rows(), evaluate().cols();
      };
      static_assert(is_array,
                    "a model without an output argument returns an Eigen expression of x's shape");
      if constexpr (is_array) {
        constexpr bool may_be_x = std::is_base_of_v<Eigen::PlainObjectBase<X>, X>;
        static_assert(may_be_x || !refers_to_a_matrix<Value>,
                      "this model returns an expression that refers to a matrix, which may be gone "
                      "by then; return (expression).eval(), or write to an output argument");
        const auto& value = evaluate();
        verbs::check_shape("model: the output is", value, "the state", out);
        out.matrix().noalias() = value.matrix();
      }
    }
  }
};

/// A user's callable f(x, call, data, epsilon) that writes two outputs: the data that an evaluation
/// stands for, and the epsilon that goes with the step.
template <class F>
struct PredictsBoth {
  F f;
  Output prediction = Output::data_and_epsilon();
  Scratch unread = {};

  template <class Plain>
  void reserve(Eigen::Index dim, Eigen::Index count) {
    unread.data<typename Plain::Scalar>(dim * count);
  }
  void operator()(const auto& x, const Call& call, auto& data, auto& epsilon) {
    f(x, call, data, epsilon);
  }
  void operator()(const auto& x, const Call& call, auto& data) {
    auto epsilon = unread.like(data);
    f(x, call, data, epsilon);
  }
};

namespace verbs {

template <class F>
PredictsBoth<F> predicts_data_and_epsilon(F f) {
  verbs::check_callable("model: the network", f);
  return {std::move(f)};
}
template <class F>
Predicts<F> predicts(Output output, F f, Label label = {}) {
  verbs::check_callable("model: the network", f);
  check(!output.name().empty(), "model: there is no prediction of that number");
  check(!output.gives_both(),
        "model: a callable of one output cannot give data and epsilon; take "
        "predicts_data_and_epsilon(f)");
  return {std::move(output), std::move(f), std::move(label)};
}
template <class F>
Predicts<F> predicts_epsilon(F f, Label label = {}) {
  return verbs::predicts(Prediction::epsilon, std::move(f), std::move(label));
}
template <class F>
Predicts<F> predicts_data(F f, Label label = {}) {
  return verbs::predicts(Prediction::data, std::move(f), std::move(label));
}
template <class F>
Predicts<F> predicts_score(F f, Label label = {}) {
  return verbs::predicts(Prediction::score, std::move(f), std::move(label));
}
template <class F>
Predicts<F> predicts_v(F f, Label label = {}) {
  return verbs::predicts(Prediction::v, std::move(f), std::move(label));
}
template <class F>
Predicts<F> predicts_velocity(F f, Label label = {}) {
  return verbs::predicts(Prediction::velocity, std::move(f), std::move(label));
}
/// For flow networks that run from noise at 0 to data at 1: told 1 - t, they predict the velocity
/// with the other sign, data - epsilon.
template <class F>
Predicts<F> predicts_reversed_velocity(F f) {
  return verbs::predicts(Output("reversed velocity",
                                [](const Level& l) {
                                  return PredictionRow{-l.scale_rate, -l.std_rate};
                                }),
                         std::move(f), Label::one_minus_time());
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
