// SPDX-License-Identifier: MIT
#include "registry.hpp"

#include <tweedie/plan/eager.hpp>

#include "predicting.hpp"

namespace tw = tweedie;

template tw::AnySolver tweedie::verbs::solver_named(const std::string_view&);
template tw::AnySolver tweedie::verbs::solver_named(const std::string_view&, const tw::Options&);

const std::vector<NamedSolver>& all_solvers() {
  static const std::vector<NamedSolver> all = [] {
    std::vector<NamedSolver> list;
    tw::for_each_solver([&](std::string_view name, const auto& solver) {
      NamedSolver entry{.name = std::string(name), .solver = solver};
      if constexpr (requires { solver.s_noise; }) {
        auto quiet = solver;
        quiet.s_noise = 0;
        entry.without_noise = quiet;
      }
      auto its = solver;
      tw::for_each_option(its, [&](std::string_view option, const auto& member) {
        entry.options.emplace_back(option, static_cast<double>(member));
      });
      if constexpr (requires { solver.points(); }) entry.points = solver.points();
      entry.run_eagerly = [solver](const tw::AnyProcess& process, const tw::Intervals& intervals,
                                   const Eigen::MatrixXd& x, const tw::RecordedNoise& noise) {
        return tw::run_eagerly(process, solver, intervals, Predicting{}, x, noise);
      };
      list.push_back(std::move(entry));
    });
    return list;
  }();
  return all;
}
