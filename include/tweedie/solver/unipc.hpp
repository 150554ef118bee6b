// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "tweedie/error.hpp"
#include "tweedie/solver/exponential.hpp"
#include "tweedie/solver/history.hpp"

namespace tweedie {

/// What UniPC divides by: B = z (bh1) or expm1(z) (bh2), which matters where it sets a weight to
/// 1/2, in the predictor of order 2 and the corrector of order 1; `exact` solves those as well,
/// which is the paper's vary_coeff.
enum class UniPCVariant { bh1, bh2, exact };

/// UniPC-p, Zhao et al. 2023, arXiv:2302.04867, algorithms 5 to 8: an exponential predictor of
/// order p, corrected with the evaluation at its own result, which serves the next step as well:
/// one evaluation a step. Of order p + 1; by its own start, whose first step is of order 2, at most
/// 3. The last step is not corrected; to sigma = 0 it returns the model's data. What a program
/// writes into a state between the steps does not reach the evaluation that was kept.
template <Prediction on>
struct UniPCOn {
  int p = 2;
  UniPCVariant variant = UniPCVariant::bh2;
  LowerOrderFinal lower_order_final = {};

  template <class X>
  using Memory = History<X>;

  Facts facts() const {
    return {"UniPC-" + std::to_string(p) + (on == Prediction::data ? "" : " on epsilon"),
            lower_order_final.global(p + 1),
            1,
            false,
            0,
            p - 1};
  }

  template <class X>
  void observe(auto& c, const Interval& s, const X& x, Memory<X>& past) const {
    check(p >= 1 && p <= 8, "UniPC: p = ", p, " must lie from 1 to 8");
    if (past.size() == 0 || past.at[0] != s.t.lambda())
      past.push(c.predict(on, x, s.t), s.t.lambda(), p);
  }

  template <class X>
  X step(auto& c, const auto&, const Interval& s, const X& x,
         std::optional<Memory<X>>& past) const {
    if (!past) past.emplace();
    observe(c, s, x, *past);
    const ExponentialStep to_u(on, s.t, s.u);
    const X m = (*past)[0], base = to_u.state * x + to_u.weight(1) * m;
    if (s.u.std == 0) return base;

    const double h = s.u.lambda() - s.t.lambda();
    const int q = lower_order_final.limit(past->size(), s);
    std::vector<double> r;
    std::vector<X> slopes;
    for (int k = 1; k < q; ++k) {
      r.push_back((past->at[static_cast<std::size_t>(k)] - past->at[0]) / h);
      slopes.push_back(((*past)[k] - m) / r.back());
    }
    const auto corrected_by = [&](X y, const std::vector<double>& weights) {
      for (std::size_t k = 0; k < weights.size(); ++k) y = y + weights[k] * slopes[k];
      return y;
    };
    const X predicted = corrected_by(base, weights(to_u, r));
    if (s.last()) return predicted;
    const X m_u = c.predict(on, predicted, s.u);
    r.push_back(1);
    slopes.push_back(m_u - m);
    past->push(m_u, s.u.lambda(), p);
    return corrected_by(base, weights(to_u, r));
  }

 private:
  std::vector<double> weights(const ExponentialStep& to_u, const std::vector<double>& r) const {
    if (r.size() == 1 && variant != UniPCVariant::exact)
      return {to_u.gain * (variant == UniPCVariant::bh1 ? to_u.z : std::expm1(to_u.z)) / 2};
    std::vector<double> integrals;
    double factorial = 1;
    for (int k = 1; k <= static_cast<int>(r.size()); ++k)
      integrals.push_back((factorial *= k) * to_u.weight(k + 1));
    return weights_of_moments(r, std::move(integrals));
  }
};

using UniPC = UniPCOn<Prediction::data>;
using UniPCEpsilon = UniPCOn<Prediction::epsilon>;

}  // namespace tweedie
