// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

#include "tweedie/adaptive/embedded_tableau.hpp"
#include "tweedie/adaptive/error_norm.hpp"
#include "tweedie/adaptive/frame_slope.hpp"
#include "tweedie/model/model.hpp"
#include "tweedie/run/workspace.hpp"

namespace tweedie {

/// Trial steps of a Runge-Kutta pair on the probability-flow ODE, in one of the frames of
/// solver/kit/frame.hpp: y = x / unit, dy/dclock = slope, which is linear in x and in what the
/// network predicts. The state stays x; units and conversions are in the coefficients.
template <class X, class M, class Frame>
class RungeKuttaTrial {
 public:
  using T = typename X::Scalar;
  using Index = Eigen::Index;

  RungeKuttaTrial(AnyProcess process, M model, const EmbeddedTableau& method, Index dim,
                  Index count, const AdaptiveOptions& options)
      : process_(std::move(process)),
        model_(std::move(model)),
        method_(method),
        dim_(dim),
        count_(count),
        options_(options),
        stride_(executor::padded(dim * count)),
        memory_(stride_ * (method.stages + 2)) {
    verbs::reserve<X>(model_, dim, count);
  }

  double clock(const Level& l) const { return Frame::of(l); }
  Level level(double clock) const { return Frame::level(Levels{process_}, clock); }
  double error_power() const { return method_.order; }  // a local error of order p shrinks by p
  int evaluations() const { return evaluations_; }
  int evaluations_of_a_step() const { return method_.stages - 1; }
  int evaluations_to_begin() const { return 2; }  // and for the first step's length
  int evaluations_to_data() const { return 0; }
  bool reaches(const Level& l) const {
    const Conversion c = slope_weights<Frame>(model_.prediction, l, false);
    return c.finite() && std::isfinite(clock(l));
  }
  Index rows() const { return dim_; }
  Index cols() const { return count_; }

  void begin(const T* x, const Level& from) {
    evaluations_ = steps_ = 0;
    renew(x, from);
  }
  void renew(const T* x, const Level& l) { slope(l, x, k(0), l); }
  double attempt(const T* x, const Level& t, const Level& u) {
    const double h = clock(u) - clock(t), unit = unit_of(t);
    std::array<executor::Weighted<T>, 8> terms;
    for (int i = 1; i < method_.stages; ++i) {
      const double c = method_.c[std::size_t(i)];
      const Level l = c == 1 ? u : level(clock(t) + c * h);
      const double here = unit_of(l);
      std::size_t used = 0;
      terms[used++] = {x, static_cast<T>(here / unit)};
      for (int j = 0; j < i; ++j)
        if (const double a = method_.a[std::size_t(i)][std::size_t(j)]; a != 0)
          terms[used++] = {k(j), static_cast<T>(here * h * a)};
      executor::combine<T>(stage(), size(),
                           std::span<const executor::Weighted<T>>(terms.data(), used));
      slope(l, stage(), k(i), u);
    }
    std::size_t used = 0;
    for (int j = 0; j < method_.stages; ++j)
      if (const double e = method_.e[std::size_t(j)]; e != 0)
        terms[used++] = {k(j), static_cast<T>(unit_of(u) * h * e)};
    executor::combine<T>(error(), size(),
                         std::span<const executor::Weighted<T>>(terms.data(), used));
    return norm(x, stage(), error());
  }
  /// The trial's end becomes the state, its last slope the next step's first.
  void accept(T* x) {
    std::copy(stage(), stage() + size(), x);
    std::copy(k(method_.stages - 1), k(method_.stages - 1) + size(), k(0));
    ++steps_;
  }
  /// The clean data that the last evaluation predicts: of x at level l, where a step ended.
  void to_data(T* x, const Level& l) const {
    const Conversion slope = slope_of(l),
                     data = verbs::checked_conversion(Prediction::data, model_.prediction, l);
    const double of_slope = data.output / slope.output;
    const executor::Weighted<T> terms[] = {{x, static_cast<T>(data.state - of_slope * slope.state)},
                                           {k(0), static_cast<T>(of_slope)}};
    executor::combine<T>(x, size(), terms);
  }
  /// The length of the first step towards u, by two slopes: Hairer, Norsett & Wanner 1993, II.4.
  double first_step(const T* x, const Level& t, const Level& u) {
    const double unit = unit_of(t), span = clock(u) - clock(t);
    const double d0 = norm(x, x, x), d1 = norm(x, x, k(0), unit);
    if (!std::isfinite(d0 + d1)) return 0;
    double h0 = d0 < 1e-5 || d1 < 1e-5 ? 1e-6 : 0.01 * d0 / d1;
    h0 = std::min(h0, std::abs(span));
    const double signed_h0 = std::copysign(h0, span);
    const Level l = level(clock(t) + signed_h0);
    const executor::Weighted<T> moved[] = {{x, static_cast<T>(unit_of(l) / unit)},
                                           {k(0), static_cast<T>(unit_of(l) * signed_h0)}};
    executor::combine<T>(stage(), size(), moved);
    slope(l, stage(), k(1), u);
    const executor::Weighted<T> change[] = {{k(1), T(1)}, {k(0), T(-1)}};
    executor::combine<T>(error(), size(), change);
    const double d2 = norm(x, x, error(), unit / h0);
    const double h1 = std::max(d1, d2) <= 1e-15
                          ? std::max(1e-6, h0 * 1e-3)
                          : std::pow(0.01 / std::max(d1, d2), 1.0 / method_.order);
    return std::min({100 * h0, h1, std::abs(span)});
  }

 private:
  /// What a frame asks of a solver's context.
  struct Levels {
    const AnyProcess& process;
    Level level_at_time(double t) const { return process.at(t); }
    Level level_at_sigma(double sigma) const { return process.at_sigma(sigma); }
  };

  AnyProcess process_;
  M model_;
  EmbeddedTableau method_;
  Index dim_, count_;
  AdaptiveOptions options_;
  Index stride_;
  Eigen::Array<T, Eigen::Dynamic, 1> memory_;  // slopes, the stage, the error
  int evaluations_ = 0, steps_ = 0;            // so far

  Index size() const { return dim_ * count_; }
  T* part(int index) const { return const_cast<T*>(memory_.data()) + stride_ * index; }
  T* k(int stage) const { return part(stage); }
  T* stage() const { return part(method_.stages); }
  T* error() const { return part(method_.stages + 1); }
  double norm(const T* x, const T* x_new, const T* error, double factor = 1) const {
    return verbs::error_norm(options_.norm, options_.atol, options_.rtol, x, x_new, error, dim_,
                             count_, factor);
  }
  static double unit_of(const Level& l) { return Frame::from(1.0, l); }

  Conversion slope_of(const Level& l) const { return slope_weights<Frame>(model_.prediction, l); }
  void slope(const Level& l, const T* x, T* out, const Level& to) {
    const Eigen::Map<const X> in(x, dim_, count_);
    Eigen::Map<X> result(out, dim_, count_);
    const Call call{.level = l,
                    .step = steps_,
                    .evaluation = evaluations_++,
                    .first_sample = options_.noise.first_sample,
                    .to = to};
    model_(in, call, result);
    const Conversion c = slope_of(l);
    if (c.state == 0 && c.output == 1) return;
    const executor::Weighted<T> terms[] = {{out, static_cast<T>(c.output)},
                                           {x, static_cast<T>(c.state)}};
    executor::combine<T>(out, size(), std::span(terms, c.state == 0 ? 1 : 2));
  }
};

}  // namespace tweedie
