// SPDX-License-Identifier: MIT
// What the README says is what the library does.
#include "catch.hpp"

#include <fstream>
#include <sstream>
#include <string>

#include <tweedie/plan/named.hpp>

namespace {

std::string file(const std::string& name) {
  std::ifstream in(std::string(TWEEDIE_SOURCE) + "/" + name);
  REQUIRE(in);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("docs: the README's first program is examples/hello.cpp") {
  CHECK_THAT(file("README.md"), Contains("```cpp\n" + file("examples/hello.cpp") + "```"));
}

TEST_CASE("docs: the README's table of solvers is the list of solvers, with their facts") {
  const std::string readme = file("README.md");
  for (const std::string& name : tweedie::solver_names()) {
    const tweedie::Facts facts = tweedie::solver_named(name).facts();
    const auto row = readme.find("| `" + name + "` |");
    INFO(name);
    REQUIRE(row != std::string::npos);
    const std::string text = readme.substr(row, readme.find('\n', row) - row);
    CHECK_THAT(text,
               Contains("| " + std::to_string(facts.order) + (facts.stochastic ? " weak" : "") +
                        " | " + std::to_string(facts.evaluations) + " |"));
  }
}

TEST_CASE("docs: the tables of the peers' names are those of the programs that replay them") {
  const std::string page = file("docs/peers.md");
  int rows = 0;
  for (const char* peer : {"k_diffusion", "edm", "deis", "score_sde", "diffusers", "dpm_solver"}) {
    std::istringstream lines(file(std::string("tests/golden/") + peer + ".hpp"));
    for (std::string line; std::getline(lines, line);) {
      if (line.rfind("// |", 0) != 0) continue;
      std::string row;
      for (char letter : line.substr(3)) row += letter == '<' ? "\\<" : std::string(1, letter);
      INFO(peer);
      CHECK_THAT(page, Contains(row));
      ++rows;
    }
  }
  CHECK(rows > 40);
}
