// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <optional>

#include "tweedie/solver/context.hpp"
#include "tweedie/solver/facts.hpp"
#include "tweedie/solver/kit/history.hpp"
#include "tweedie/solver/option_check.hpp"

namespace tweedie {

// A solver is a struct with
//
//     Facts facts() const;
//     void validate(const OptionCheck& require) const;      if it has options that can be wrong
//     template <class X> X step(auto& c, const Interval& s, const X& x) const;
//
// X is a symbol (LinearForm) or an eager array, c the Context with its verbs. A multistep method
// has
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
  Value stored(const Value&);
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

// One that has a part of that, or in another form.
template <class S>
concept HasPoints = requires(const S& solver) {
  solver.points();
};
template <class S, class X = Signatures::Value>
concept HasValue = requires(const S& solver, Context<Signatures>& c, const X& x, const Level& l) {
  solver.value(c, x, l);
};
template <class S>
concept KeepsHalf = HasPoints<S> || HasValue<S>;

namespace verbs {

/// Throws Error if an option of a solver makes no sense, or if its facts contradict it.
template <Solver S>
void validate(const S& solver) {
  const Facts facts = solver.facts();
  if constexpr (requires(const OptionCheck& require) { solver.validate(require); })
    solver.validate(OptionCheck(facts.name));
  else
    static_assert(
        !requires { &S::validate; },
        "a solver checks its options in `void validate(const OptionCheck& require) const`");
  if constexpr (KeepsValues<S>)
    check(solver.points() <= 1 || facts.remembers > 0, facts.name, ": it keeps ", solver.points(),
          " values, but facts() says that it remembers none; give .remembers");
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
