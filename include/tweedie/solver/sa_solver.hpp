// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tweedie/error.hpp"
#include "tweedie/solver/exponential.hpp"
#include "tweedie/solver/history.hpp"
#include "tweedie/solver/path.hpp"

namespace tweedie {

/// SA-Solver, Xue et al. 2023, arXiv:2309.05019, algorithm 1: an exponential Adams-Bashforth
/// predictor and Adams-Moulton corrector on the SDE of eta = tau^2, tau between tau_min and tau_max
/// in sigma and 0 elsewhere. Predictor and corrector share the step's noise. The corrector takes
/// the evaluation at the predicted state, which also serves the next step (PEC), or is made again
/// at the corrected one (PECE). With tau = 0 of the corrector's order, which is at most
/// one more than the predictor's, of weak order 2 otherwise. The last step is not corrected; to
/// sigma = 0 it returns the model's data. What a program writes into a state between the steps
/// reaches PECE only.
struct SASolver {
  double tau = 1, tau_min = 0, tau_max = std::numeric_limits<double>::infinity();
  int predictor = 3, corrector = 4;  ///< orders; a corrector of order 0 is none
  bool pece = false;
  double s_noise = 1;

  template <class X>
  using Memory = History<X>;

  Facts facts() const {
    const int order = corrector == 0 ? predictor : std::min(corrector, predictor + 1);
    const int not_corrected = pece ? -1 : 0;  // the last step
    return {"SA-Solver P" + std::to_string(predictor) + "C" + std::to_string(corrector) +
                ", tau = " + to_text(tau),
            tau == 0 ? order : std::min(order, 2),
            pece ? 2 : 1,
            tau != 0,
            not_corrected,
            std::max(predictor, corrector - 1) - 1};
  }

  template <class X>
  void observe(auto& c, const Interval& s, const X& x, Memory<X>& past) const {
    check(predictor >= 1 && predictor <= 8 && corrector >= 0 && corrector <= 8,
          "SASolver: predictor = ", predictor, " and corrector = ", corrector,
          " must be orders up to 8, the predictor's at least 1");
    if (past.size() == 0 || past.at[0] != s.t.lambda())
      past.push(c.data(x, s.t), s.t.lambda(), std::max(predictor, corrector - 1));
  }

  template <class X>
  X step(auto& c, const auto&, const Interval& s, const X& x,
         std::optional<Memory<X>>& past) const {
    check_not_negative("SASolver", "tau", tau);
    check_not_negative("SASolver", "s_noise", s_noise);
    check(tau_min <= tau_max, "SASolver: tau_min = ", tau_min, " lies above tau_max = ", tau_max);
    check(corrector > 0 || !pece, "SASolver: pece without a corrector");
    const Level &t = s.t, &u = s.u;
    if (!past) past.emplace();
    observe(c, s, x, *past);
    if (u.std == 0) return u.scale * (*past)[0];

    const double eta = tau_min <= t.sigma() && t.sigma() <= tau_max ? tau * tau : 0;
    const ExponentialStep to_u(Prediction::data, t, u, eta);
    X base = to_u.state * x;
    const bool corrects = corrector > 0 && !s.last();
    if (eta > 0 && s_noise > 0) {
      const X z = normal_over(c, t, u, eta);
      base = base + s_noise * to_u.noise * (corrects ? c.keep(z) : z);
    }
    const auto with = [&](const History<X>& nodes, int order) -> X {
      X y = base;
      const int points = std::min(order, nodes.size());
      for (int j = 0; j < points; ++j)
        y = y + u.scale * weight(nodes, points, j, t, u, 1 + eta) * nodes[j];
      return y;
    };
    const X predicted = with(*past, predictor);
    if (!corrects) return predicted;
    History<X> nodes = *past;
    nodes.push(c.data(predicted, u), u.lambda(), nodes.size() + 1);
    if (!pece) past->push(nodes[0], u.lambda(), std::max(predictor, corrector - 1));
    return with(nodes, corrector);
  }

 private:
  /// The integral over the step of kappa e^(kappa (lambda - lambda_u)) times the j-th Lagrange
  /// polynomial over the newest `points` nodes.
  template <class X>
  static double weight(const History<X>& nodes, int points, int j, const Level& t, const Level& u,
                       double kappa) {
    const double end = u.lambda();
    if (points == 1) return -std::expm1(kappa * (t.lambda() - end));
    const std::span at(nodes.at.data(), static_cast<std::size_t>(points));
    return integrate(t.lambda(), end, [&](double lambda) {
      return kappa * std::exp(kappa * (lambda - end)) * lagrange(at, std::size_t(j), lambda);
    });
  }
};

}  // namespace tweedie
