// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "tweedie/solver/kit/exponential.hpp"
#include "tweedie/solver/solver.hpp"

namespace tweedie {

/// B, by which UniPC scales its weights: z (bh1) or expm1(z) (bh2). It matters with two points, in
/// the predictor of order 2 and the corrector of order 1, where the difference gets the weight B/2;
/// `exact` solves for that too, which is the paper's vary_coeff.
enum class UniPCVariant { bh1, bh2, exact };

/// UniPC-p, Zhao et al. 2023, arXiv:2302.04867, algorithms 5 to 8: an exponential predictor of
/// order p, corrected with the evaluation at its own result, which serves the next step as well:
/// one evaluation a step. Of order p + 1; by its own start, whose first step is of order 2, at most
/// 3. The last step is not corrected; to sigma = 0 it returns the model's data. What a program
/// writes into a state between the steps does not reach the evaluation that was kept.
template <Prediction on>
struct BasicUniPC {
  static_assert(is_exponential<on>, "an exponential method is on epsilon or on data");

  int order = 2;  ///< the paper's p
  UniPCVariant variant = UniPCVariant::bh2;
  LowerOrder lower_order = {};

  static void options(auto& its, auto&& visit) {
    visit("order", its.order);
    LowerOrder::options(its.lower_order, visit);
  }
  Facts facts() const {
    return {.name = sentence({"UniPC-", order, on == Prediction::data ? "" : " on epsilon"}),
            .order = lower_order.global(order + 1),
            .remembers = order,
            .at_zero = on == Prediction::data ? AtZero::predicted_data : AtZero::own,
            .starts_from_noise = true};
  }
  void validate(const OptionCheck& require) const {
    require.order(order, on == Prediction::data || !lower_order.where_unstable ? 4 : 3);
    lower_order.validate(require);
  }

  /// At least 2, so that a history of one value says that it is of x itself.
  int points() const { return std::max(order, 2); }
  template <class X>
  X value(auto& c, const X& x, const Level& l) const {
    return c.predict(on, x, l);
  }

  template <class X>
  X step(auto& c, const Interval& s, const X& x, History<X>& m) const {
    const ExponentialStep w(on, s.from, s.to);
    const X base = m.size() == 1 ? w.first_order(c, x) : w.first_order_by(m[0], x);
    if (s.to.is_clean_data() || s.to.is_pure_noise()) return base;

    const int q = w.points(m, order, lower_order, s);
    const X predicted = corrected(w, m, q, base);  // UniP-q
    if (s.last()) return predicted;
    const X m_u = c.predict(on, predicted, s.to);
    const History<X> with_u = m.with(m_u, s.to);
    m.push(m_u, s.to, points());  // serves the next step as well
    return corrected(w, with_u, w.corrector_points(with_u, q + 1, lower_order), base);  // UniC-q
  }

 private:
  template <class X>
  X corrected(const ExponentialStep& w, const History<X>& m, int points, const X& y) const {
    if (points != 2 || variant == UniPCVariant::exact) return w.correction(m, points, y);
    // Of two points, bh1 and bh2 set the difference's weight to B/2.
    const double B = variant == UniPCVariant::bh1 ? w.z : std::expm1(w.z);
    const double weight = w.factor * B / 2 / (w.place(m.level(0)) - w.place(m.level(1)));
    return std::isfinite(weight) ? y + weight * (m[0] - m[1]) : y;
  }
};

using UniPC = BasicUniPC<Prediction::data>;
using UniPCEpsilon = BasicUniPC<Prediction::epsilon>;

}  // namespace tweedie
