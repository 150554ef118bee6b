// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <concepts>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "tweedie/error.hpp"
#include "tweedie/model/prediction.hpp"

namespace tweedie {

/// Where in a run a model is called: for conditioning per time, per evaluation and per sample.
struct Call {
  Level at;                       ///< the level of x
  int step = 0;                   ///< index of the step that asks
  int evaluation = 0;             ///< how many evaluations came before
  std::int64_t first_sample = 0;  ///< column 0 of x is this sample of the whole run
};

/// A callable that takes a state x (dim x count, one sample a column) and writes what it predicts
/// into out (same shape), all of it, keeping no reference to either. Made by predicts_epsilon and
/// its siblings. Copied into a Sampler: one thread uses one copy.
template <class M>
concept Model = requires(M& model, const Eigen::Map<const Eigen::MatrixXd>& x, const Call& call,
                         Eigen::Map<Eigen::MatrixXd>& out) {
  { model.prediction } -> std::convertible_to<Prediction>;
};

/// A user's callable together with what it predicts. The callable has one of the forms
///
///     f(x, t, out)      f(x, call, out)      an expression = f(x, t)      ... = f(x, call)
///
/// where x and out are Eigen maps of the state's kind (Matrix or Array; write `const auto& x,
/// auto& out`, or an Eigen::Ref), t is a double and call a const Call&.
template <class F>
struct Predicts {
  Prediction prediction;
  F f;

  template <class X, class Out>
  void operator()(const X& x, const Call& call, Out& out) {
    if constexpr (std::invocable<F&, const X&, const Call&, Out&>) {
      f(x, call, out);
    } else if constexpr (std::invocable<F&, const X&, double, Out&>) {
      f(x, call.at.t, out);
    } else if constexpr (std::invocable<F&, const X&, const Call&>) {
      assign([&]() -> decltype(auto) { return f(x, call); }, out);
    } else if constexpr (std::invocable<F&, const X&, double>) {
      assign([&]() -> decltype(auto) { return f(x, call.at.t); }, out);
    } else {
      static_assert(
          std::invocable<F&, const X&, double>,
          "a model is callable as f(x, t, out), f(x, call, out), f(x, t) or f(x, call), "
          "with x and out taken by const auto& and auto&, or as Eigen::Ref; they are maps, "
          "to which a MatrixXd& does not bind");
    }
  }

 private:
  template <class Value, class Out>
  static void assign(Value evaluate, Out& out) {
    static_assert(!std::is_void_v<decltype(evaluate())>,
                  "a model without an output argument returns an expression of x's shape");
    if constexpr (!std::is_void_v<decltype(evaluate())>) {
      const auto& value = evaluate();
      check(value.rows() == out.rows() && value.cols() == out.cols(), "model: the output is ",
            value.rows(), " x ", value.cols(), ", the state ", out.rows(), " x ", out.cols());
      if constexpr (requires { out.noalias(); })
        out.noalias() = value;
      else
        out = value;
    }
  }
};

inline constexpr auto predicts = [](Prediction prediction, auto f) {
  return Predicts<decltype(f)>{prediction, std::move(f)};
};
inline constexpr auto predicts_epsilon = [](auto f) {
  return predicts(Prediction::epsilon, std::move(f));
};
inline constexpr auto predicts_data = [](auto f) {
  return predicts(Prediction::data, std::move(f));
};
inline constexpr auto predicts_score = [](auto f) {
  return predicts(Prediction::score, std::move(f));
};
inline constexpr auto predicts_v = [](auto f) { return predicts(Prediction::v, std::move(f)); };
inline constexpr auto predicts_velocity = [](auto f) {
  return predicts(Prediction::velocity, std::move(f));
};

/// One evaluation of the model, converted: out = `wanted` at (x, call.at). x and out must not
/// overlap. Throws Error where the wanted prediction cannot be had from this model.
inline constexpr auto predict = [](Prediction wanted, auto& model, const auto& x, const Call& call,
                                   auto& out) {
  using Scalar = typename std::decay_t<decltype(out)>::Scalar;
  const Conversion c = conversion(wanted, model.prediction, call.at);
  check(c.finite(), name(wanted), " cannot be had from a model that predicts ",
        name(model.prediction), " at t = ", call.at.t, " (scale ", call.at.scale, ", std ",
        call.at.std, ")");
  model(x, call, out);
  if (c.output != 1) out *= static_cast<Scalar>(c.output);
  if (c.state != 0) out += static_cast<Scalar>(c.state) * x;
};

}  // namespace tweedie
