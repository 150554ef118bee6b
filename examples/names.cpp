// SPDX-License-Identifier: MIT
// Process, grid and solver by their names, as a settings file has them.
#include <iostream>
#include <tweedie/tweedie.hpp>
namespace tw = tweedie;

int main() {
  const tw::AnyProcess process = tw::process_named("vp", {{"beta_max", 12}});
  const tw::Grid grid = tw::grid_named(process, "karras", 8, {{"rho", 5}, {"sigma_min", 0.02}});
  const tw::AnySolver solver = tw::solver_named("euler_ancestral", {{"eta", 0.6}});
  std::cout << tw::make_plan(process, solver, grid).facts().name << ", sigma";
  for (const tw::Level& level : grid.levels()) std::cout << " " << level.sigma();

  // A published list of noise levels for 10 steps (Align Your Steps, Stable Diffusion 1.5), for 8.
  const tw::Grid ays = tw::resampled(
      process, {14.615, 6.475, 3.861, 2.697, 1.886, 1.396, 0.963, 0.652, 0.399, 0.152, 0.029}, 8);
  std::cout << "\nAlign Your Steps, sigma";
  for (const tw::Level& level : ays.levels()) std::cout << " " << level.sigma();
  try {
    tw::grid_named(process, "karas", 8);
  } catch (const tw::Error& error) {
    std::cout << "\n" << error.what() << "\n";
  }
}
