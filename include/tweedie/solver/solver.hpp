// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tweedie/grid/grid.hpp"

namespace tweedie {

/// One step of a run: number `index` of `count`, from level t to level u. A `renoise` interval is
/// the exact forward transition and rises; on a `solve` interval the solver acts, usually
/// downwards.
struct Interval {
  enum class Kind { solve, renoise };

  Level t, u;
  int index = 0, count = 1;
  Kind kind = Kind::solve;
  double s_noise = 1;  ///< factor of the noise of a renoise interval

  bool last() const { return index == count - 1; }
  friend bool operator==(const Interval&, const Interval&) = default;
};

/// What a solver declares of itself; it may depend on the solver's options.
struct Facts {
  std::string name;         ///< as in the literature, with the options that matter
  int order = 1;            ///< global order in the step, warm-started; weak order if stochastic
  int evaluations = 1;      ///< of the model per step (NFE); a step to sigma = 0 takes one
  bool stochastic = false;  ///< whether it draws noise
  int extra = 0;            ///< evaluations of a run beyond that, as its first steps may take
  int remembers = 0;        ///< evaluations of earlier steps that a multistep method uses
};

/// Throws Error if an option of a solver is negative, or not a number.
inline void check_not_negative(std::string_view solver, std::string_view option, double value) {
  check(value >= 0, solver, ": ", option, " = ", value, " must be at least 0");
}

/// The intervals of a grid, in order.
inline constexpr auto intervals = [](const Grid& grid) {
  std::vector<Interval> all;
  for (std::size_t k = 1; k < grid.levels().size(); ++k)
    all.push_back({grid[k - 1], grid[k], static_cast<int>(k) - 1, grid.steps()});
  return all;
};

// A solver is a struct with
//
//     Facts facts() const;
//     template <class X> X step(auto& c, const auto& process, const Interval& s, const X& x) const;
//
// X is a symbol (LinearForm) or an eager array, c the Context with its verbs. A multistep solver
// has a `template <class X> struct Memory` and takes a last argument std::optional<Memory<X>>&
// past, empty before the first step and after a renoise interval.

template <class S, class X>
concept HasMemory = requires {
  typename S::template Memory<X>;
};

template <class S, class X>
struct PastOf {
  using type = std::monostate;
};
template <class S, class X>
requires HasMemory<S, X>
struct PastOf<S, X> {
  using type = std::optional<typename S::template Memory<X>>;
};

/// What a solver remembers from step to step; a solver that wraps another holds the inner one's.
template <class S, class X>
using Past = typename PastOf<S, X>::type;

/// One step of any solver, with or without memory.
inline constexpr auto take_step = []<class S, class X>(const S& solver, auto& c,
                                                       const auto& process, const Interval& s,
                                                       const X& x, Past<S, X>& past) -> X {
  if constexpr (HasMemory<S, X>)
    return solver.step(c, process, s, x, past);
  else
    return solver.step(c, process, s, x);
};

/// The exact forward transition from level t up to level u: u.scale / t.scale and fresh noise.
inline constexpr auto renoise = []<class X>(auto& c, const X& x, const Level& t, const Level& u,
                                            double s_noise = 1) -> X {
  const double ratio = u.scale / t.scale, kept = t.std * ratio;
  return ratio * x + s_noise * std::sqrt((u.std - kept) * (u.std + kept)) * c.normal();
};

/// The loop over the intervals: the only one. Returns the final state.
template <class S, class X>
X solve(const S& solver, auto& c, const auto& process, std::span<const Interval> all, X x) {
  Past<S, X> past{};
  for (const Interval& s : all) {
    c.begin(s);
    if (s.kind == Interval::Kind::renoise) {
      x = c.commit(renoise(c, x, s.t, s.u, s.s_noise));
      past = {};
    } else {
      x = c.commit(take_step(solver, c, process, s, x, past));
    }
  }
  return x;
}

}  // namespace tweedie
