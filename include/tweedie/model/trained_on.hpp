// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <utility>

#include "tweedie/model/wrapped.hpp"

namespace tweedie {

/// x and the levels of a process as another one has them: at equal sigma the two differ by a factor.
struct OtherProcess {
  AnyProcess own;
  std::array<Scratch, 1> memory = {};

  Output output(const Output& inner) const {
    if (inner.gives_both()) return inner;  // both are the same on all processes
    return Output(inner.name(), [inner, process = own](const Level& l) {
      return inner.row(process.at_sigma(l.sigma()));
    });
  }
  void operator()(auto& model, const auto& x, const Call& call, auto&... outs) {
    const Call seen = seen_at(call);
    const double factor = factor_at(call, seen);
    if (std::abs(factor - 1) < 1e-12) return verbs::ask(model, x, seen, outs...);
    verbs::ask(model, verbs::scaled(memory[0], x, factor), seen, outs...);
  }
  template <class Out>
  void vjp(auto& model, const auto& x, const Call& call, const auto& v, Out& out) {
    const Call seen = seen_at(call);
    const double factor = factor_at(call, seen);
    model.vjp(verbs::scaled(memory[0], x, factor), seen, v, out);
    out *= static_cast<typename Out::Scalar>(factor);
  }

 private:
  Call seen_at(const Call& call) const {
    Call seen = call;
    seen.level = own.at_sigma(call.level.sigma());
    seen.to = own.at_sigma(call.to.sigma());
    return seen;
  }
  static double factor_at(const Call& call, const Call& seen) {
    return call.level.sigma() > 1 ? seen.level.std / call.level.std
                                  : seen.level.scale / call.level.scale;
  }
};

namespace verbs {

/// A network that was trained on one process, used on another: exactly. It sees its own process's
/// state, level and time.
template <Predictor M>
Wrapped<OtherProcess, M> trained_on(const AnyProcess& process, M model) {
  OtherProcess idea{process};
  return verbs::wrapped(std::move(idea), std::move(model));
}

/// A network that takes an entry of a table: f(x, int k, out). It runs on the table's own process
/// and on any other.
template <class F>
auto discrete(Prediction prediction, const TabulatedVP& table, F f) {
  const auto network = [f = std::move(f)](const auto& x, double entry, auto& out) mutable {
    f(x, static_cast<int>(entry), out);
  };
  return verbs::trained_on(table, verbs::predicts(prediction, network, Label::entry(table)));
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
