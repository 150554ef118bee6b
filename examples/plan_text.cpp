// SPDX-License-Identifier: MIT
// A plan as text, and back: in a file, beside the network that it belongs to.
#include <iostream>
#include <sstream>
#include <tweedie/plan/plan_from.hpp>
#include <tweedie/plan/text.hpp>
#include <tweedie/tweedie.hpp>
namespace tw = tweedie;

int main() {
  const tw::EDM process;
  const tw::Plan plan =
      tw::make_plan(process, "heun", tw::from_sigmas(process, {8, 2}, {.to_zero = true}));

  std::stringstream file;  // a std::ofstream, and elsewhere a std::ifstream
  file << tw::text(plan, "for a test\nof two steps");
  std::cout << file.str() << "\n";

  const tw::Plan same = tw::plan_from(file, process);
  std::cout << "read again it is " << (same == plan ? "the same" : "another") << "\n";
}
