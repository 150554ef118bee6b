// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "tweedie/error.hpp"

namespace tweedie {

/// How the error of a trial step decides on it and on the next one's length. With E the error in
/// units of the tolerance and k the power with which it shrinks, the length is multiplied by
///
///     safety (1/E)^((P + I + D)/k) (1/E')^(-(P + 2 D)/k) (1/E'')^(D/k),    E' and E'' accepted before,
///
/// within [least, most]. A rejected step is tried again at safety E^(-1/k), and the step after it
/// grows by most_after_rejection at most. Hairer, Norsett & Wanner 1993, section II.4; Gustafsson 1991.
struct StepControl {
  double P = 0, I = 1, D = 0;
  double safety = 0.9, least = 0.2, most = 10, most_after_rejection = 1;
  /// k-diffusion's rule: no safety and no limits, the factor softened to 1 + arctan(factor - 1), and
  /// a step accepted where it is at least `accepted_from`. 0 is the rule above, with E <= 1.
  ///
  /// If a last step that the run's end cut short is rejected, this rule goes on from the length that
  /// was wanted, and the one above, as scipy and dpm-solver, from the one that was left.
  double accepted_from = 0;
  bool is_softened() const { return accepted_from > 0; }

  static constexpr StepControl integral() { return {}; }
  /// Of the first kind, without limits: as dpm-solver.
  static constexpr StepControl unlimited() {
    return {.least = 0, .most = 1e300, .most_after_rejection = 1e300};
  }
  static constexpr StepControl proportional_integral() { return {.P = 0.4, .I = 0.3}; }
  /// As k-diffusion's sample_dpm_adaptive.
  static constexpr StepControl softened(double P = 0, double I = 1, double D = 0,
                                        double accepted_from = 0.81) {
    return {.P = P, .I = I, .D = D, .accepted_from = accepted_from};
  }
};

/// The verdict on a trial: whether it is accepted, and the factor on its length for the next.
struct Verdict {
  bool accepted;
  double factor;
};

/// A StepControl at work: it remembers the errors of the steps that were accepted.
class StepController {
 public:
  StepController(const StepControl& control, double k) : control_(control), k_(k) {
    const StepControl& c = control;
    check(std::isfinite(c.P) && std::isfinite(c.D) && c.I > 0 && std::isfinite(c.I),
          "StepControl: P = ", c.P, ", I = ", c.I, ", D = ", c.D,
          "; they must be finite, and I positive");
    check(c.safety > 0 && c.safety <= 1 && c.least >= 0 && c.least < 1 && c.most > 1 &&
              c.most_after_rejection >= 1 && c.accepted_from >= 0 && c.accepted_from <= 1,
          "StepControl: safety = ", c.safety, " must lie in (0, 1], least = ", c.least,
          " in [0, 1), most = ", c.most,
          " above 1, most_after_rejection = ", c.most_after_rejection,
          " at least 1, accepted_from = ", c.accepted_from, " in [0, 1]");
  }

  Verdict judge(double error) {
    if (control_.is_softened()) return judge_softened(error);
    if (!(error <= 1)) {  // NaN too
      rejected_ = true;
      const double factor = control_.safety * std::pow(error, -1 / k_);
      return {false, factor >= control_.least ? factor : control_.least};
    }
    double factor = control_.safety * combined(1 / std::max(error, tiny));
    factor = std::clamp(factor, control_.least,
                        rejected_ ? control_.most_after_rejection : control_.most);
    remember(1 / std::max(error, tiny));
    rejected_ = false;
    return {true, factor};
  }

 private:
  static constexpr double tiny = 1e-300;
  StepControl control_;
  double k_, last_ = 0, before_last_ = 0;  // of 1/E; 0: not yet
  bool rejected_ = false;

  /// The product of powers. For steps before the first, E' = 1; softened, E' = E.
  double combined(double inverse) const {
    const double unknown = control_.is_softened() ? inverse : 1;
    const double one = last_ > 0 ? last_ : unknown, two = before_last_ > 0 ? before_last_ : unknown;
    return std::pow(inverse, (control_.P + control_.I + control_.D) / k_) *
           std::pow(one, -(control_.P + 2 * control_.D) / k_) * std::pow(two, control_.D / k_);
  }
  void remember(double inverse) { before_last_ = last_, last_ = inverse; }

  Verdict judge_softened(double error) {
    const double inverse = 1 / (error + 1e-8);
    if (!(last_ > 0)) last_ = before_last_ = inverse;
    const double factor = 1 + std::atan(combined(inverse) - 1);
    const bool accepted = factor >= control_.accepted_from;
    if (accepted) remember(inverse);
    return {accepted, std::isnan(factor) ? 0.2 : factor};
  }
};

}  // namespace tweedie
