// SPDX-License-Identifier: MIT
#pragma once

#include "tweedie/model/output.hpp"
#include "tweedie/solver/kit/frame.hpp"

namespace tweedie {

/// A backend for the text of a frame's slope: it gives the slope's weights of the state and of what
/// the network predicts.
struct SlopeWeights {
  struct Form {
    double state, output;
    friend Form operator*(double factor, const Form& f) {
      return {factor * f.state, factor * f.output};
    }
  };
  const Output& given;
  bool checked = true;

  Form epsilon(const Form&, const Level& level) const { return of(Prediction::epsilon, level); }
  Form velocity(const Form&, const Level& level) const { return of(Prediction::velocity, level); }

 private:
  Form of(Prediction wanted, const Level& level) const {
    const Conversion c = checked ? verbs::checked_conversion(wanted, given, level)
                                 : conversion(wanted, given, level);
    return {c.state, c.output};
  }
};

/// dy/dclock of a frame as state * x + output * (what the network predicts). Throws Error where it
/// cannot be had, unless told not to.
template <class Frame>
Conversion slope_weights(const Output& given, const Level& level, bool checked = true) {
  SlopeWeights weights{given, checked};
  const SlopeWeights::Form form = Frame::slope(weights, SlopeWeights::Form{1, 0}, level);
  return {form.state, form.output};
}

}  // namespace tweedie
