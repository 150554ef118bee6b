// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <cstddef>
#include <iterator>
#include <limits>

#include "tweedie/adaptive/options.hpp"
#include "tweedie/adaptive/trial.hpp"
#include "tweedie/run/step_iterator.hpp"

namespace tweedie {

/// A step of an adaptive run that was accepted. x is a view of the caller's state; who writes to it
/// says so, by changed() of the walk, before the next step.
template <class X>
struct AdaptiveStep {
  int index, evaluations, rejected;  ///< the last two so far
  Level from, to;
  double error;  ///< in units of the tolerance
  Eigen::Map<X> x;
};

/// The steps of such a run, made one by one as a range-for asks for them; run() says what was done
/// so far.
template <class X, Trial<typename X::Scalar> T>
class AdaptiveSteps {
 public:
  /// `runs` is how many the trial's owner began; this is one more.
  AdaptiveSteps(T& trial, int& runs, const AdaptiveOptions& options, Eigen::Map<X> x,
                const Level& from, const Level& to)
      : trial_(trial),
        runs_(runs),
        options_(options),
        x_(x),
        to_(to),
        controller_(options.control, trial.error_power()) {
    check(x.rows() == trial.rows() && x.cols() == trial.cols(), "adaptive: the state is ", x.rows(),
          " x ", x.cols(), ", the sampler was made for ", trial.rows(), " x ", trial.cols());
    check(trial.reaches(to), "adaptive: the run cannot be solved up to t = ", to.t,
          ", sigma = ", to.sigma(),
          "; give a range whose ends lie a little away from clean data and pure noise");
    const double span = trial.clock(to) - trial.clock(from);
    check(std::isfinite(span) && span != 0, "adaptive: the run goes from t = ", from.t, " to ",
          to.t, ", in the method's clock ", trial.clock(from), " to ", trial.clock(to),
          "; both must be finite, and not the same");
    const int least =
        trial.evaluations_to_begin() + trial.evaluations_of_a_step() + trial.evaluations_to_data();
    check(options.max_evaluations >= least, "adaptive: max_evaluations = ", options.max_evaluations,
          "; one step takes ", least);
    direction_ = span > 0 ? 1 : -1;
    run_.levels = {from};
    number_ = ++runs;
    trial.begin(x_.data(), from);
    h_ = options.first_step > 0 ? options.first_step : trial.first_step(x_.data(), from, to);
    run_.evaluations = trial.evaluations();
  }

  StepIterator<AdaptiveSteps> begin() {
    advance();
    return StepIterator(*this);
  }
  std::default_sentinel_t end() const { return {}; }

  const AdaptiveRun& run() const { return run_; }
  /// After x was written to: the next step begins with it.
  void changed() {
    trial_.renew(x_.data(), run_.levels.back());
    run_.evaluations = trial_.evaluations();
  }

 private:
  friend class StepIterator<AdaptiveSteps>;

  T& trial_;
  int& runs_;
  const AdaptiveOptions& options_;
  Eigen::Map<X> x_;
  Level to_;
  StepController controller_;
  AdaptiveRun run_;
  double h_ = 0, direction_ = 1, error_ = 0;
  int number_ = 0, nans_ = 0;
  bool done_ = false;

  void advance() {
    check(number_ == runs_,
          "adaptive: the sampler began another run in the meantime; make one sampler for each");
    if (run_.levels.back() == to_) return end_with(AdaptiveRun::Stop::done);
    for (;;) {
      run_.evaluations = trial_.evaluations();
      if (run_.evaluations + trial_.evaluations_of_a_step() + trial_.evaluations_to_data() >
          options_.max_evaluations)
        return end_with(AdaptiveRun::Stop::evaluations);
      const Level from = run_.levels.back();
      const double now = trial_.clock(from), left = std::abs(trial_.clock(to_) - now);
      check(
          nans_ < 5 && h_ > 10 * std::numeric_limits<double>::epsilon() * std::abs(now),
          "adaptive: the error stays above the tolerance at t = ", from.t,
          " however short the step; does the model return NaN, or jump there, or is atol 0 where x "
          "is?");
      const bool last = h_ >= left;
      const Level next = last ? to_ : trial_.level(now + direction_ * h_);
      error_ = trial_.attempt(x_.data(), from, next);
      nans_ = std::isnan(error_) ? nans_ + 1 : 0;
      const Verdict verdict = controller_.judge(error_);
      if (last && !options_.control.is_softened()) h_ = left;
      h_ *= verdict.factor;
      if (!verdict.accepted) {
        ++run_.rejected;
        continue;
      }
      trial_.accept(x_.data());
      ++run_.accepted;
      run_.levels.push_back(next);
      run_.evaluations = trial_.evaluations();
      return;
    }
  }
  void end_with(AdaptiveRun::Stop stop) {
    run_.stop = stop;
    done_ = true;
  }
  AdaptiveStep<X> current() const {
    const std::size_t last = run_.levels.size() - 1;
    return {run_.accepted - 1,
            run_.evaluations,
            run_.rejected,
            run_.levels[last - 1],
            run_.levels[last],
            error_,
            x_};
  }
};

}  // namespace tweedie
