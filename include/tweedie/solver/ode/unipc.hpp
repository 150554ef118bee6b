// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "tweedie/solver/kit/exponential.hpp"
#include "tweedie/solver/kit/lower_order_final.hpp"
#include "tweedie/solver/solver.hpp"

namespace tweedie {

/// B, by which UniPC scales its weights: z (bh1) or expm1(z) (bh2). It matters with two points, in
/// the predictor of order 2 and the corrector of order 1, where the difference gets the weight B/2;
/// `exact` solves for that too, which is the paper's vary_coeff.
enum class UniPCVariant { bh1, bh2, exact };

/// UniPC-p, Zhao et al. 2023, arXiv:2302.04867, algorithms 5 to 8: an exponential predictor of
/// order p, corrected with the evaluation at its own result, which serves the next step as well:
/// one evaluation a step. Of order p + 1; by its own start, whose first step is of order 2, at most
/// 3. The last step is not corrected, nor one from pure noise; to sigma = 0 it returns the model's
/// data. What a program writes into a state between the steps does not reach the evaluation that
/// was kept.
template <Prediction on>
struct BasicUniPC {
  static_assert(is_exponential<on>, "an exponential method is on epsilon or on data");

  int p = 2;
  UniPCVariant variant = UniPCVariant::bh2;
  LowerOrderFinal lower_order_final = {};

  Facts facts() const {
    return {.name = sentence({"UniPC-", p, on == Prediction::data ? "" : " on epsilon"}),
            .order = lower_order_final.global(p + 1),
            .remembers = p,
            .at_zero = on == Prediction::data ? AtZero::predicted_data : AtZero::own,
            .starts_from_noise = on == Prediction::data};
  }
  void validate(const OptionCheck& require) const {
    require(p >= 1 && p <= 8, "p = ", p, " must lie from 1 to 8");
  }

  int points() const { return p; }
  template <class X>
  X value(auto& c, const X& x, const Level& l) const {
    return c.predict(on, x, l);
  }

  template <class X>
  X step(auto& c, const Interval& s, const X& x, History<X>& m) const {
    const Level &t = s.from, &u = s.to;
    const ExponentialStep w(on, t, u);
    const X m_t = m[0], linear = w.state * x;
    if (u.is_clean_data() || t.is_pure_noise()) return linear + w(1) * m_t;

    const int q = lower_order_final.limit(m.finite(), s);
    const X predicted = linear + integral(w, m_t, m, q);  // UniP-q
    if (s.last()) return predicted;
    const X m_u = c.predict(on, predicted, u);
    const History<X> with_u = m.with(m_u, u);
    m.push(m_u, u, p);                                // serves the next step as well
    return linear + integral(w, m_t, with_u, q + 1);  // UniC-q
  }

 private:
  template <class X>  // of two points, bh1 and bh2 set the difference's weight to B/2
  X integral(const ExponentialStep& w, const X& m_t, const History<X>& m, int points) const {
    if (points != 2 || variant == UniPCVariant::exact) return w.integral(m, points);
    const double B = variant == UniPCVariant::bh1 ? w.z : std::expm1(w.z);
    return w(1) * m_t + w.factor * B / 2 * w.h * m.first_difference();
  }
};

using UniPC = BasicUniPC<Prediction::data>;
using UniPCEpsilon = BasicUniPC<Prediction::epsilon>;

}  // namespace tweedie
