// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tweedie/noise/recorded.hpp>
#include <tweedie/plan/by_name.hpp>

/// A solver of the library's list, with what can only be had from its type.
struct NamedSolver {
  std::string name;
  tweedie::AnySolver solver;
  /// The same with s_noise = 0, where it has that option.
  std::optional<tweedie::AnySolver> without_noise = {};
  /// Its options, with their defaults.
  tweedie::Options options = {};
  /// How many values it keeps, if it is a multistep method.
  std::optional<int> points = {};
  /// The eager reference from x, with a model of the order target's data.
  std::function<Eigen::MatrixXd(const tweedie::AnyProcess&, const tweedie::Intervals&,
                                const Eigen::MatrixXd& x, const tweedie::RecordedNoise&)>
      run_eagerly = {};

  const tweedie::Facts& facts() const { return solver.facts(); }
};

/// The library's list of solvers. It is compiled here, once, for all programs of the tests.
const std::vector<NamedSolver>& all_solvers();

// So is the choice by name: `AnySolver solver = "heun"` finds this one.
extern template tweedie::AnySolver tweedie::verbs::solver_named(const std::string_view&);
extern template tweedie::AnySolver tweedie::verbs::solver_named(const std::string_view&,
                                                                const tweedie::Options&);
