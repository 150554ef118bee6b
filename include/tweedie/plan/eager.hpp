// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <optional>
#include <vector>

#include "tweedie/model/model.hpp"
#include "tweedie/plan/make_plan.hpp"

namespace tweedie {

/// The backend of a Context that computes at once, in double, with an array for every value: the
/// readable reference that plan and executor are tested against.
template <class M, class Source>
class Eager {
 public:
  struct Value {
    Eigen::ArrayXXd array;

    friend Value operator+(const Value& a, const Value& b) { return {a.array + b.array}; }
    friend Value operator-(const Value& a, const Value& b) { return {a.array - b.array}; }
    friend Value operator-(const Value& a) { return {-a.array}; }
    friend Value operator*(double factor, const Value& a) { return {factor * a.array}; }
    friend Value operator*(const Value& a, double factor) { return {factor * a.array}; }
    friend Value operator/(const Value& a, double divisor) { return {a.array / divisor}; }
  };

  Eager(M& model, Source& noise, const Eigen::MatrixXd& x) : model_(model), noise_(noise), x_(x) {}

  Value start() const { return {x_.array()}; }
  void begin(const Interval& s) { call_.step = s.index; }

  Value predict(Prediction wanted, const Value& x, const Level& at) {
    call_.at = at;
    Eigen::MatrixXd in = x.array.matrix(), out(in.rows(), in.cols());
    tweedie::predict(wanted, model_, in, call_, out);
    ++call_.evaluation;
    return {out.array()};
  }
  Value normal(std::optional<ClockSpan>) {
    Eigen::MatrixXd z(x_.rows(), x_.cols());
    noise_.fill(++draw_, z);
    return {z.array()};
  }
  Value store(const Value& x, Role) { return x; }
  Value langevin(const Value& x, const Level& at, const LangevinOptions& options) {
    const Value score = predict(Prediction::score, x, at), z = normal({});
    Eigen::RowVectorXd g = score.array.matrix().colwise().norm(),
                       n = z.array.matrix().colwise().norm();
    if (options.norms == LangevinNorms::batch_mean)
      g.setConstant(g.mean()), n.setConstant(n.mean());
    Value result = x;
    for (Eigen::Index k = 0; k < g.size(); ++k) {
      const double a = 2 * options.alpha * std::pow(options.snr * n[k] / g[k], 2);
      result.array.col(k) += a * score.array.col(k) + std::sqrt(2 * a) * z.array.col(k);
    }
    return result;
  }

 private:
  M& model_;
  Source& noise_;
  const Eigen::MatrixXd& x_;
  Call call_;
  int draw_ = 0;
};

/// Runs a solver eagerly from x and returns the final state.
inline constexpr auto run_eagerly = [](const AnyProcess& process, const auto& solver,
                                       const std::vector<Interval>& all, auto model,
                                       const Eigen::MatrixXd& x, auto noise) {
  using Backend = Eager<decltype(model), decltype(noise)>;
  using Value = typename Backend::Value;
  Backend backend(model, noise, x);
  Context<Backend> context(backend);
  return Eigen::MatrixXd(
      solve<std::decay_t<decltype(solver)>, Value>(solver, context, process, all, backend.start())
          .array.matrix());
};

}  // namespace tweedie
