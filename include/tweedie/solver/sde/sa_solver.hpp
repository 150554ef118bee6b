// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <limits>

#include "tweedie/solver/kit/brownian.hpp"
#include "tweedie/solver/kit/exponential.hpp"
#include "tweedie/solver/solver.hpp"

namespace tweedie {

/// SA-Solver, Xue et al. 2023, arXiv:2309.05019, algorithm 1: an exponential Adams-Bashforth
/// predictor and Adams-Moulton corrector on the SDE of eta = tau^2, tau between tau_min and tau_max
/// in sigma and 0 elsewhere. Predictor and corrector share the step's noise. The corrector takes
/// the evaluation at the predicted state, which also serves the next step (PEC), or is made again
/// at the corrected one (PECE). With tau = 0 of the corrector's order, which is at most one more
/// than the predictor's, of weak order 2 otherwise. The last step is not corrected; to sigma = 0 it
/// returns the model's data. What a program writes into a state between the steps reaches PECE
/// only.
struct SASolver {
  double tau = 1, tau_min = 0, tau_max = std::numeric_limits<double>::infinity();
  int predictor = 3, corrector = 4;  ///< orders; a corrector of order 0 is none
  bool pece = false;
  double s_noise = 1;
  LowerOrder lower_order = {};  ///< the corrector's order falls with the predictor's

  static void options(auto& its, auto&& visit) {
    visit("tau", its.tau);
    visit("tau_min", its.tau_min);
    visit("tau_max", its.tau_max);
    visit("predictor", its.predictor);
    visit("corrector", its.corrector);
    visit("pece", its.pece);
    visit("s_noise", its.s_noise);
    LowerOrder::options(its.lower_order, visit);
  }
  Facts facts() const {
    const int order =
        lower_order.global(corrector == 0 ? predictor : std::min(corrector, predictor + 1));
    return {.name = sentence({"SA-Solver P", predictor, "C", corrector, ", tau = ", tau}),
            .order = tau == 0 ? order : std::min(order, 2),
            .evaluations = pece ? 2 : 1,
            .extra_evaluations = pece ? -1 : 0,  // the last step is not corrected
            .draws = tau != 0,
            .remembers = std::max(predictor, corrector - 1) - (corrector == 0 || pece ? 1 : 0),
            .at_zero = AtZero::predicted_data,
            .starts_from_noise = true};
  }
  void validate(const OptionCheck& require) const {
    require.at_least_0("tau", tau);
    require.at_least_0("s_noise", s_noise);
    require(tau_min <= tau_max, "tau_min = ", tau_min, " lies above tau_max = ", tau_max);
    require(corrector > 0 || !pece, "pece without a corrector; give corrector an order above 0");
    require(predictor >= 1 && predictor <= 4 && corrector >= 0 && corrector <= 5,
            "predictor = ", predictor, " and corrector = ", corrector,
            " must be orders from 1 to 4 and from 0 to 5; higher ones are not stable");
    lower_order.validate(require);
  }

  /// For PEC at least 2, so that a history of one value says that it is of x itself.
  int points() const {
    const int used = std::max(predictor, corrector - 1);
    return corrector == 0 || pece ? used : std::max(used, 2);
  }
  template <class X>
  X value(auto& c, const X& x, const Level& l) const {
    return c.data(x, l);
  }

  template <class X>
  X step(auto& c, const Interval& s, const X& x, History<X>& D) const {
    const Level &t = s.from, &u = s.to;
    if (u.is_clean_data()) return u.scale * D[0];
    const double eta = tau_min <= t.sigma() && t.sigma() <= tau_max ? tau * tau : 0;
    const ExponentialStep w(Prediction::data, t, u, eta);

    X base = pece || D.size() == 1 ? w.first_order(c, x) : w.first_order_by(D[0], x);
    if (eta > 0) base = base + s_noise * w.noise * verbs::brownian_increment(c, t, u, eta);
    if (u.is_pure_noise()) return base;
    const int q = w.points(D, predictor, lower_order, s);
    const X predicted = w.correction(D, q, base);
    if (corrector == 0 || s.last()) return predicted;
    const X D_u = c.data(predicted, u);
    const History<X> with_u = D.with(D_u, u);
    if (!pece) D.push(D_u, u, points());
    const int most = q < predictor ? std::min(corrector, q + 1) : corrector;
    return w.correction(with_u, w.corrector_points(with_u, most, lower_order), base);
  }
};

}  // namespace tweedie
