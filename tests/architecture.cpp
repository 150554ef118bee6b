// SPDX-License-Identifier: MIT
// The arrows between the rooms are those of the table in CONTRIBUTING.md, and run one way.
#include "support/catch.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

const fs::path source = TWEEDIE_SOURCE;

std::string text_of(const fs::path& path) {
  std::ifstream in(path);
  REQUIRE(in);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

/// "run" for run/sampler.hpp, "error" for error.hpp.
std::string room_of(const std::string& header) {
  return header.substr(0, header.find_first_of("/."));
}

/// All words between backquotes.
Names quoted(const std::string& text) {
  Names names;
  for (std::size_t begin = 0; (begin = text.find('`', begin)) != std::string::npos;) {
    const std::size_t end = text.find('`', begin + 1);
    names.insert(text.substr(begin + 1, end - begin - 1));
    begin = end + 1;
  }
  return names;
}

/// What each room may include, by the table.
std::map<std::string, Names> allowed() {
  std::map<std::string, Names> table;
  std::istringstream lines(text_of(source / "CONTRIBUTING.md"));
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("| `", 0) != 0 || std::count(line.begin(), line.end(), '|') != 4) continue;
    const std::size_t last = line.rfind('|', line.size() - 2);
    table[line.substr(3, line.find('`', 3) - 3)] = quoted(line.substr(last));
  }
  return table;
}

/// The headers that each header includes.
std::map<std::string, Names> includes() {
  const fs::path folder = source / "include" / "tweedie";
  const std::regex include("#include \"tweedie/([^\"]+)\"");
  std::map<std::string, Names> all;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".hpp") continue;
    const std::string text = text_of(entry.path());
    Names& own = all[fs::relative(entry.path(), folder).generic_string()];
    for (std::sregex_iterator match(text.begin(), text.end(), include), end; match != end; ++match)
      own.insert((*match)[1]);
  }
  return all;
}

}  // namespace

TEST_CASE("architecture: a header includes its own room and those that CONTRIBUTING allows") {
  const auto rooms = allowed();
  const auto headers = includes();
  REQUIRE(rooms.size() > 10);
  REQUIRE(headers.size() > 80);
  for (const auto& [header, included] : headers) {
    if (header == "tweedie.hpp") continue;
    const std::string room = room_of(header);
    INFO(header);
    REQUIRE(rooms.count(room) == 1);
    for (const std::string& other : included) {
      INFO("includes " << other);
      CHECK(headers.count(other) == 1);
      CHECK((room_of(other) == room || rooms.at(room).count(room_of(other)) == 1));
    }
  }
}

TEST_CASE("architecture: the table has no arrow that goes back") {
  // Rooms whose every target is placed are placed next; what remains is a circle.
  auto rooms = allowed();
  Names placed;
  for (bool progress = true; std::exchange(progress, false);)
    for (auto room = rooms.begin(); room != rooms.end();) {
      if (std::includes(placed.begin(), placed.end(), room->second.begin(), room->second.end())) {
        placed.insert(room->first);
        room = rooms.erase(room);
        progress = true;
      } else {
        ++room;
      }
    }
  for (const auto& room : rooms) FAIL_CHECK(room.first << " is part of a circle");
}

TEST_CASE("architecture: README lists the headers that tweedie.hpp leaves out") {
  const auto headers = includes();
  const auto reached = [&](Names from) {
    for (Names next = from; !next.empty();) {
      Names more;
      for (const std::string& header : next)
        for (const std::string& other : headers.at(header))
          if (from.insert(other).second) more.insert(other);
      next = more;
    }
    return from;
  };
  const Names within = reached({"tweedie.hpp"});
  Names listed;
  for (const std::string& name : quoted(text_of(source / "README.md"))) {
    if (name.rfind("tweedie/", 0) != 0) continue;
    const std::size_t open = name.find('{'), close = name.find('}');
    const std::string folder = name.substr(8, open == std::string::npos ? open : open - 8);
    std::istringstream files(open == std::string::npos ? ""
                                                       : name.substr(open + 1, close - open - 1));
    if (open == std::string::npos) listed.insert(folder);
    for (std::string file; std::getline(files, file, ',');) listed.insert(folder + file + ".hpp");
  }
  REQUIRE(listed.size() > 15);
  for (const std::string& header : listed) {
    INFO(header);
    REQUIRE(headers.count(header) == 1);
    CHECK(within.count(header) == 0);
  }
  Names all = reached(listed);
  all.insert(within.begin(), within.end());
  for (const auto& [header, included] : headers) {
    INFO(header << " is neither in tweedie.hpp nor reached from README's list");
    CHECK((all.count(header) == 1 || header == "plan/eager.hpp"));
  }
}

TEST_CASE("architecture: a solver's kit includes no solver") {
  for (const auto& [header, included] : includes())
    if (header.rfind("solver/kit/", 0) == 0)
      for (const std::string& other : included)
        for (const char* texts : {"solver/ode/", "solver/sde/", "solver/wrap/", "solver/pair/"}) {
          INFO(header << " includes " << other);
          CHECK(other.rfind(texts, 0) != 0);
        }
}

TEST_CASE("architecture: headers are short, and what is banned is absent") {
  for (const auto& header : includes()) {
    const std::string text = text_of(source / "include" / "tweedie" / header.first);
    INFO(header.first);
    CHECK(std::count(text.begin(), text.end(), '\n') < 200);
    CHECK(text.rfind("// SPDX-License-Identifier: MIT\n#pragma once\n", 0) == 0);
    CHECK(text.find("namespace detail") == std::string::npos);
    CHECK(text.find("namespace Eigen") == std::string::npos);
    CHECK((text.find("#define") == std::string::npos || header.first == "error.hpp" ||
           header.first == "version.hpp"));
  }
}
