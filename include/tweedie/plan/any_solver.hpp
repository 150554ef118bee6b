// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <functional>
#include <string_view>
#include <type_traits>

#include "tweedie/plan/tracer.hpp"
#include "tweedie/solver/solve.hpp"

namespace tweedie {

class AnySolver;
namespace verbs {
template <class Name>
AnySolver solver_named(const Name& name);
}

template <class T>
concept Text = std::convertible_to<T, std::string_view>;
template <class S>
concept NotText = OtherThan<S, AnySolver> && std::is_class_v<S> && !Text<S>;

/// Any solver, chosen at run time. Throws Error if an option of it makes no sense.
class AnySolver {
 public:
  /// The solver of that name; needs plan/by_name.hpp, which knows them all.
  template <Text Name>
  AnySolver(const Name& name) : AnySolver(verbs::solver_named(text_of(name))) {}

  template <NotText S>
  AnySolver(S solver) {
    static_assert(Declares<S>, "a solver declares its facts: Facts facts() const");
    static_assert(MakesSteps<S>,
                  "a solver has `template <class X> X step(auto& c, const Interval& s, const X& x) "
                  "const`; a multistep method takes `History<X>& m` as well");
    static_assert(KeepsValues<S> || !KeepsHalf<S>,
                  "a multistep method has both `int points() const` and `template <class X> X "
                  "value(auto& c, const X& x, const Level& l) const`");
    if constexpr (Solver<S>) {  // otherwise the sentences above are enough
      verbs::validate(solver);
      facts_ = solver.facts();
      step_ = [solver](Context<Tracer>& c, const Interval& s, const LinearForm& x,
                       History<LinearForm>& past) { return verbs::step_of(solver, c, s, x, past); };
    }
  }

  const Facts& facts() const { return facts_; }
  void trace(Tracer& tracer, const AnyProcess& process, const Intervals& all) const {
    Context<Tracer> context(tracer, process);
    verbs::solve(context, all, tracer.start(), facts_.draws, step_);
  }

 private:
  static std::string_view text_of(const auto& name) {
    if constexpr (std::is_pointer_v<std::remove_cvref_t<decltype(name)>>)
      check(name != nullptr, "solver: its name is a null pointer");
    return name;
  }

  Facts facts_;
  std::function<LinearForm(Context<Tracer>&, const Interval&, const LinearForm&,
                           History<LinearForm>&)>
      step_;
};

}  // namespace tweedie
