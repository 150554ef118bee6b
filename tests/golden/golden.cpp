// SPDX-License-Identifier: MIT
// Replays runs of the reference implementations, recorded in double, and compares:
//
//     golden [case file | folder | pack]...
//
// prints a line a case, "match", "differ" or "unsupported", the largest absolute difference, peer
// and case, then totals. Exit status 1 if a case differs. Without an argument it takes the folder
// that the environment variable TWEEDIE_GOLDEN names, by default ../shared/golden beside the
// project; if there is none, it says so and skips. A pack is a file with one case a line.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "adaptive.hpp"
#include "deis.hpp"
#include "diffusers.hpp"
#include "dpm_solver.hpp"
#include "edm.hpp"
#include "k_diffusion.hpp"
#include "score_sde.hpp"

namespace {

constexpr double tolerance = 1e-10;

golden::Difference difference_of(const golden::Case& c) {
  const std::string peer = c["peer"];
  if (c.contains("peer_defect")) return {};
  const std::string name = golden::text(c, "function");
  const bool chosen =
      name.find("adaptive") != std::string::npos || c["kind"] == "likelihood" ||
      name.find("get_ode_sampler") != std::string::npos ||
      (c.contains("parameters") && golden::text(c["parameters"], "method") == "adaptive");
  if (chosen) return golden::adaptive(c);
  if (peer == "k-diffusion") return golden::k_diffusion(c);
  if (peer == "edm") return golden::edm(c);
  if (peer == "deis") return golden::deis(c);
  if (peer == "score_sde_pytorch") return golden::score_sde(c);
  if (peer == "diffusers") return golden::diffusers(c);
  if (peer == "dpm-solver" || peer == "UniPC") return golden::dpm_solver(c);
  return {};
}

struct Totals {
  int match = 0, differ = 0, unsupported = 0;
};

void judge(const golden::Case& c, std::map<std::string, Totals>& totals) {
  const std::string peer = c.at("peer"), name = c.at("case");
  Totals& total = totals[peer];
  golden::Difference difference;
  std::string error;
  try {
    difference = difference_of(c);
  } catch (const std::exception& e) {
    difference = std::numeric_limits<double>::infinity();
    error = std::string("  ") + e.what();
  }
  if (!difference) {
    ++total.unsupported;
    std::printf("unsupported          -  %-18s %s\n", peer.c_str(), name.c_str());
  } else if (*difference <= tolerance) {
    ++total.match;
    std::printf("match        %9.1e  %-18s %s\n", *difference, peer.c_str(), name.c_str());
  } else {
    ++total.differ;
    std::printf("differ       %9.1e  %-18s %s%s\n", *difference, peer.c_str(), name.c_str(),
                error.c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  namespace fs = std::filesystem;
  std::vector<fs::path> places(argv + 1, argv + argc);
  if (places.empty()) {
    const char* named = std::getenv("TWEEDIE_GOLDEN");
    const fs::path folder = named ? named : TWEEDIE_SOURCE "/../shared/golden";
    if (!fs::exists(folder)) {
      std::printf("skipped: %s does not exist; TWEEDIE_GOLDEN names another folder\n",
                  folder.c_str());
      return 0;
    }
    places.push_back(folder);
  }
  std::vector<fs::path> files;
  for (const fs::path& place : places) {
    if (!fs::exists(place)) {
      std::printf("%s does not exist\n", place.c_str());
      return 1;
    }
    if (!fs::is_directory(place))
      files.push_back(place);
    else
      for (const auto& entry : fs::recursive_directory_iterator(place))
        if (entry.path().extension() == ".json" || entry.path().extension() == ".jsonl")
          files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());

  std::map<std::string, Totals> totals;
  for (const fs::path& file : files) {
    std::ifstream in(file);
    if (file.extension() == ".jsonl")
      for (std::string line; std::getline(in, line);) judge(golden::Case::parse(line), totals);
    else
      judge(golden::Case::parse(in), totals);
  }
  Totals sum;
  for (const auto& [peer, t] : totals) {
    std::printf("%-18s %4d match, %d differ, %d unsupported\n", peer.c_str(), t.match, t.differ,
                t.unsupported);
    sum.match += t.match, sum.differ += t.differ, sum.unsupported += t.unsupported;
  }
  std::printf("total              %4d match, %d differ, %d unsupported\n", sum.match, sum.differ,
              sum.unsupported);
  if (sum.match + sum.differ + sum.unsupported == 0) std::printf("no case was found\n");
  return sum.differ > 0 || files.empty() ? 1 : 0;
}
