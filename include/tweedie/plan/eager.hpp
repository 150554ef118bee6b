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

  Eager(M& model, Source& noise, const Samples<double>& x) : model_(model), noise_(noise), x_(x) {}

  Value start() const { return {x_.array()}; }
  void begin(const Interval& s, DrawRange draws) {
    call_.step = s.index;
    call_.to = s.to;
    next_draw_ = draws.first;
    evaluated_.clear();
  }

  Value predict(Prediction wanted, const Value& x, const Level& level) {
    const Conversion c = verbs::checked_conversion(wanted, model_.prediction, level);
    const Eigen::ArrayXXd& out = evaluate(x.array, level);
    if (c.state == 0) return {c.output * out};
    return {c.state * x.array + c.output * out};
  }
  Value normal(std::optional<ClockSpan>) {
    Samples<double> z(x_.rows(), x_.cols());
    noise_.fill(next_draw_++, z);
    return {z.array()};
  }
  Value store(const Value& x, Role) { return x; }
  Value stored(const Value& x) { return x; }
  Value langevin(const Value& x, const Level& level, const LangevinOptions& options) {
    const Value score = predict(Prediction::score, x, level), z = normal({});
    const double a = options.step(z.array.matrix().colwise().norm().mean(),
                                  score.array.matrix().colwise().norm().mean());
    return x + a * score + std::sqrt(2 * a) * z;
  }

 private:
  M& model_;
  Source& noise_;
  const Samples<double>& x_;
  Call call_;
  int next_draw_ = 1;

  struct Evaluated {
    Eigen::ArrayXXd x;
    Level level;
    Eigen::ArrayXXd out;
  };
  std::vector<Evaluated> evaluated_;  // in this step, in which none is repeated

  const Eigen::ArrayXXd& evaluate(const Eigen::ArrayXXd& x, const Level& level) {
    for (const Evaluated& known : evaluated_)
      if (known.level == level && (known.x == x).all()) return known.out;
    call_.level = level;
    const Samples<double> in = x.matrix();
    Samples<double> out(in.rows(), in.cols());
    const Eigen::Map<const Samples<double>> in_map(in.data(), in.rows(), in.cols());
    Eigen::Map<Samples<double>> out_map(out.data(), out.rows(), out.cols());
    model_(in_map, call_, out_map);
    ++call_.evaluation;
    evaluated_.push_back({x, level, out.array()});
    return evaluated_.back().out;
  }
};

namespace verbs {

/// Runs a solver eagerly from x and returns the final state.
template <Solver S, class M, class Source>
Samples<double> run_eagerly(const AnyProcess& process, const S& solver, const Intervals& all,
                            M model, const Samples<double>& x, Source noise) {
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
