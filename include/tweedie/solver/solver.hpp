// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tweedie/solver/context.hpp"
#include "tweedie/solver/kit/history.hpp"

namespace tweedie {

/// What a step depends on: the sigmas of its levels alone, so that x / scale comes out the same on
/// every process, or their times as well.
enum class Clock { sigma, time };

/// What a step to sigma = 0 returns: the model's data at the state before it; the data at a state
/// that the method predicted; or what the method's own formula gives.
enum class AtZero { data, predicted_data, own };

/// What a solver declares of itself; it may depend on the solver's options. Tests measure all of it.
struct Facts {
  std::string name;           ///< as in the literature, with the options that matter
  int order = 1;              ///< global order in the step, warm-started; weak order if stochastic
  int evaluations = 1;        ///< of the model per step (NFE); a step to sigma = 0 takes one
  int extra_evaluations = 0;  ///< of a run beyond that, as its first steps may take
  int draws = 0;              ///< of noise per step, at most; each step numbers as many
  int remembers = 0;          ///< evaluations of earlier steps that a step uses
  Clock clock = Clock::sigma;
  AtZero at_zero = AtZero::data;
  bool starts_from_noise = false;  ///< whether it can start at sigma = infinity, as Flow's t = 1

  bool stochastic() const { return draws > 0; }
};

/// Checks a solver's options, in sentences that begin with its name.
class OptionCheck {
 public:
  explicit OptionCheck(std::string solver) : solver_(std::move(solver)) {}

  template <class... Words>
  void operator()(bool ok, const Words&... words) const {
    check(ok, solver_, ": ", words...);
  }
  void at_least_0(std::string_view option, double value) const {
    (*this)(value >= 0, option, " = ", value, " must be at least 0");
  }

 private:
  std::string solver_;
};

// A solver is a struct with
//
//     Facts facts() const;
//     void validate(const OptionCheck& require) const;      if it has options that can be wrong
//     template <class X> X step(auto& c, const Interval& s, const X& x) const;
//
// X is a symbol (LinearForm) or an eager array, c the Context with its verbs. A multistep method has
//
//     int points() const;                                                  how many values it keeps
//     template <class X> X value(auto& c, const X& x, const Level& l) const;      what it remembers
//     template <class X> X step(auto& c, const Interval& s, const X& x, History<X>& m) const;
//
// The loop puts the value at the step's start into the history, m[0], before it calls step. After a
// renoise interval the history is empty.

/// A backend of which there are only the signatures, with which the concepts are checked.
struct Signatures {
  struct Value {
    friend Value operator+(const Value&, const Value&);
    friend Value operator-(const Value&, const Value&);
    friend Value operator-(const Value&);
    friend Value operator*(double, const Value&);
    friend Value operator*(const Value&, double);
    friend Value operator/(const Value&, double);
  };
  Value predict(Prediction, const Value&, const Level&);
  Value normal(std::optional<ClockSpan>);
  Value langevin(const Value&, const Level&, const LangevinOptions&);
  Value store(const Value&, Role);
  void begin(const Interval&, DrawRange);
};

template <class S>
concept Declares = requires(const S& solver) {
  { solver.facts() } -> std::same_as<Facts>;
};
template <class S, class X = Signatures::Value>
concept SingleStep = requires(const S& solver, Context<Signatures>& c, const Interval& s,
                              const X& x) {
  { solver.step(c, s, x) } -> std::same_as<X>;
};
template <class S, class X = Signatures::Value>
concept Multistep = requires(const S& solver, Context<Signatures>& c, const Interval& s, const X& x,
                             History<X>& m) {
  { solver.step(c, s, x, m) } -> std::same_as<X>;
};
template <class S>
concept MakesSteps = SingleStep<S> || Multistep<S>;
/// The concept asks for the signatures only; a mistake in the body is reported at the author's own
/// line.
template <class S>
concept Solver = Declares<S> && MakesSteps<S>;

/// A solver whose values the loop puts into the history; a wrapper leaves that to its inner solver.
template <class S, class X = Signatures::Value>
concept KeepsValues = requires(const S& solver, Context<Signatures>& c, const X& x,
                               const Level& l) {
  { solver.points() } -> std::same_as<int>;
  { solver.value(c, x, l) } -> std::same_as<X>;
};

namespace verbs {

/// Throws Error if an option of a solver makes no sense.
template <Solver S>
void validate(const S& solver) {
  if constexpr (requires(const OptionCheck& require) { solver.validate(require); })
    solver.validate(OptionCheck(solver.facts().name));
}

/// Puts the solver's value at level l into the history, unless it is there already.
template <class S, class X>
void observe(const S& solver, auto& c, const X& x, const Level& l, History<X>& past) {
  if constexpr (KeepsValues<S>)
    if (past.size() == 0 || past.level(0) != l)
      past.push(solver.value(c, x, l), l, solver.points());
}

/// One step of any solver, with or without a history.
template <class S, class X>
X step_of(const S& solver, auto& c, const Interval& s, const X& x, History<X>& past) {
  verbs::observe(solver, c, x, s.from, past);
  if constexpr (Multistep<S>)
    return solver.step(c, s, x, past);
  else
    return solver.step(c, s, x);
}

/// The exact forward transition from level t up to level u: u.scale / t.scale and fresh noise.
template <class X>
X renoise(auto& c, const X& x, const Level& t, const Level& u, double s_noise = 1) {
  const double ratio = u.scale / t.scale, kept = t.std * ratio;
  return ratio * x + s_noise * std::sqrt((u.std - kept) * (u.std + kept)) * c.normal();
}

/// The loop over the intervals: the only one. Returns the final state.
template <class S, class X>
X solve(const S& solver, auto& c, const Intervals& all, X x) {
  const int draws = solver.facts().draws;
  History<X> past;
  for (int draw = 1 + all.draws_before(draws); const Interval& s : all) {
    const DrawRange of_step{draw, s.renoises() ? 1 : draws};
    draw += of_step.count;
    c.begin(s, of_step);
    if (s.renoises()) {
      x = c.commit(verbs::renoise(c, x, s.from, s.to, s.s_noise));
      past = {};
    } else {
      x = c.commit(verbs::step_of(solver, c, s, x, past));
    }
  }
  return x;
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
