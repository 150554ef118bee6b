// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <optional>

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
  void begin(const Interval& s, DrawRange draws) {
    call_.step = s.index;
    next_draw_ = draws.first;
  }

  Value predict(Prediction wanted, const Value& x, const Level& level) {
    call_.level = level;
    const Conversion c = verbs::checked_conversion(wanted, model_.prediction, level);
    const Eigen::MatrixXd in = x.array.matrix();
    Eigen::MatrixXd out(in.rows(), in.cols());
    const Eigen::Map<const Eigen::MatrixXd> in_map(in.data(), in.rows(), in.cols());
    Eigen::Map<Eigen::MatrixXd> out_map(out.data(), out.rows(), out.cols());
    model_(in_map, call_, out_map);
    ++call_.evaluation;
    if (c.state == 0) return {c.output * out.array()};
    return {c.state * in.array() + c.output * out.array()};
  }
  Value normal(std::optional<ClockSpan>) {
    Eigen::MatrixXd z(x_.rows(), x_.cols());
    noise_.fill(next_draw_++, z);
    return {z.array()};
  }
  Value store(const Value& x, Role) { return x; }
  Value langevin(const Value& x, const Level& level, const LangevinOptions& options) {
    const Value score = predict(Prediction::score, x, level), z = normal({});
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
  int next_draw_ = 1;
};

namespace verbs {

/// Runs a solver eagerly from x and returns the final state.
template <Solver S, class M, class Source>
Eigen::MatrixXd run_eagerly(const AnyProcess& process, const S& solver, const Intervals& all,
                            M model, const Eigen::MatrixXd& x, Source noise) {
  verbs::validate(solver);
  Eager<M, Source> backend(model, noise, x);
  Context<Eager<M, Source>> context(backend, process);
  const auto step = [&solver](auto& c, const Interval& s, const auto& state, auto& past) {
    return verbs::step_of(solver, c, s, state, past);
  };
  return verbs::solve(context, all, backend.start(), solver.facts().draws, step).array.matrix();
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
