// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include "tweedie/plan/amplification.hpp"

namespace tweedie::executor {

/// A weight in the state's scalar. Throws Error beyond its numbers.
template <class T>
T rounded(double weight) {
  const T result = static_cast<T>(weight);
  check(std::isfinite(result), "Sampler: a coefficient of ", weight,
        " lies beyond the numbers of the state's scalar; take double");
  return result;
}

/// The terms of a row, each with a weight for the state's scalar. In float a weight near 1 becomes
/// two, 1 and the rest: each of many small steps would otherwise lose the same rounding of 1, and
/// together drift many times as far as x += h * slope does. The 1 stands first, where it is added
/// last.
template <class T>
std::vector<Term> split(std::vector<Term> terms) {
  if constexpr (std::is_same_v<T, float>)
    for (std::size_t k = 0; k < terms.size(); ++k) {
      const Term term = terms[k];
      if (!term.operand.is_value() || !(term.weight > 0.9 && term.weight < 1.1) || term.weight == 1)
        continue;
      terms[k].weight = term.weight - 1;
      terms.insert(terms.begin(), {term.operand, 1});
      ++k;
    }
  return terms;
}

/// Throws Error where the roundings of the state's scalar would be what a run returns.
template <class T>
void check_rounding(const std::vector<Row>& rows, const Plan& plan) {
  const double unit = std::numeric_limits<T>::epsilon() / 2;
  const double times = lowering::rounding(rows, plan.intervals());
  check(!std::isinf(times), "Sampler: ", plan.solver(),
        " would ask for a prediction that is infinite at an end of this grid; begin or end a "
        "little away from there, or take a model of another prediction");
  if constexpr (std::is_same_v<T, float>)
    check(times * unit < 6e-4, "Sampler: ", plan.solver(), " multiplies the roundings of float by ",
          times, " on this grid, to errors of ", times * unit,
          " of x; take double states, more steps, another grid, or a solver such as "
          "dpmpp_2m");
  else
    check(times * unit < 6e-4, "Sampler: ", plan.solver(),
          " multiplies the roundings of double by ", times, " on this grid, to errors of ",
          times * unit, " of x; take more steps, another grid, or a solver such as dpmpp_2m");
}

}  // namespace tweedie::executor
