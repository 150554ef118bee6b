// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "tweedie/plan/tracer.hpp"

namespace tweedie {

/// A solver: see solver/solver.hpp. The concept asks for the signatures only; a mistake in the
/// body is reported at the author's own line.
template <class S>
concept Solver = requires(const S& solver) {
  { solver.facts() } -> std::same_as<Facts>;
}
&&(
    requires(const S& solver, Context<Tracer>& c, const AnyProcess& process, const Interval& s,
             const LinearForm& x) {
      { solver.step(c, process, s, x) } -> std::same_as<LinearForm>;
    } ||
    requires(const S& solver, Context<Tracer>& c, const AnyProcess& process, const Interval& s,
             const LinearForm& x, Past<S, LinearForm>& past) {
      { solver.step(c, process, s, x, past) } -> std::same_as<LinearForm>;
    });

class AnySolver;
template <class Name>
AnySolver solver_named(const Name& name);

/// Any solver, chosen at run time.
class AnySolver {
 public:
  /// The solver of that name; needs plan/named.hpp, which knows them all.
  template <class Name>
  requires std::convertible_to<Name, std::string_view> AnySolver(const Name& name)
      : AnySolver(solver_named(std::string_view(name))) {}

  template <class S>
  requires requires(const S& solver) {
    solver.facts();
  } &&(!std::same_as<S, AnySolver>)AnySolver(S solver)
      : facts_(solver.facts()),
        trace_(
            [solver](Tracer& tracer, const AnyProcess& process, const std::vector<Interval>& all) {
              Context<Tracer> context(tracer);
              solve<S, LinearForm>(solver, context, process, all, tracer.start());
            }) {
    static_assert(Solver<S>, "a solver has facts() -> Facts and step(c, process, interval, x)");
  }

  const Facts& facts() const { return facts_; }
  void trace(Tracer& tracer, const AnyProcess& process, const std::vector<Interval>& all) const {
    trace_(tracer, process, all);
  }

 private:
  Facts facts_;
  std::function<void(Tracer&, const AnyProcess&, const std::vector<Interval>&)> trace_;
};

struct MakePlan {
  /// The plan of a solver on a list of intervals. They need not join: a peer's step that is not the
  /// distance of its grid points is such a list. Throws Error if the list is empty or if a step
  /// cannot be made.
  Plan operator()(const AnyProcess& process, const AnySolver& solver,
                  std::vector<Interval> all) const {
    check(!all.empty(), "make_plan: no intervals");
    for (std::size_t k = 0; k < all.size(); ++k) {
      check(all[k].kind == Interval::Kind::solve || all[k].u.sigma() > all[k].t.sigma(),
            "make_plan: interval ", k, " adds noise, but its sigma falls");
      check(!solver.facts().stochastic || all[k].kind == Interval::Kind::renoise ||
                all[k].u.sigma() <= all[k].t.sigma(),
            "make_plan: ", solver.facts().name, " draws noise, and cannot encode, but interval ", k,
            " rises");
      all[k].index = static_cast<int>(k);
      all[k].count = static_cast<int>(all.size());
    }
    Tracer tracer;
    solver.trace(tracer, process, all);
    return tracer.finish(solver.facts(), std::move(all));
  }
  /// The same on a grid, which must have been made for this process.
  Plan operator()(const AnyProcess& process, const AnySolver& solver, const Grid& grid) const {
    const Level &front = grid.front(), known = process.at(front.t);
    check(front.scale == known.scale && front.std == known.std,
          "make_plan: the grid starts at t = ", front.t, ", sigma = ", front.sigma(),
          ", but this process has sigma = ", known.sigma(),
          " there; was the grid made for another process?");
    return (*this)(process, solver, intervals(grid));
  }
};
inline constexpr MakePlan make_plan{};

}  // namespace tweedie
