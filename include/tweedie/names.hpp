// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "tweedie/error.hpp"

namespace tweedie {

/// Options by the names of the members that they set, for settings files and user interfaces:
/// {{"eta", 0.6}, {"s_noise", 1.1}}. Switches are 0 or 1.
using Options = std::vector<std::pair<std::string, double>>;

namespace verbs {

/// Upper and lower case are one.
inline std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& letter : lower)
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  return lower;
}

/// How many letters have to be put in, left out or changed to turn a into b.
inline std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j)
      diagonal = std::exchange(row[j + 1],
                               std::min({row[j] + 1, row[j + 1] + 1, diagonal + (a[i] != b[j])}));
  }
  return row[b.size()];
}

/// Throws the Error of a name that is none of the known ones, of which there are at least three.
inline void unknown_name(std::string_view kind, std::string_view name,
                         const std::vector<std::string_view>& known) {
  const std::string wanted = lower_case(name);
  std::vector<std::string_view> near = known;
  std::stable_sort(near.begin(), near.end(), [&](std::string_view a, std::string_view b) {
    return edits(lower_case(a), wanted) < edits(lower_case(b), wanted);
  });
  std::string all;
  for (const std::string_view one : known) all += (all.empty() ? "" : ", ") + std::string(one);
  check(false, "no ", kind, " is called \"", name, "\"; near to it are ", near[0], ", ", near[1],
        " and ", near[2], "; known are ", all);
}

/// Sets the options among the members that for_each(target, visit) visits, as visit(name, member).
/// Throws Error for an option that is not among them.
template <class T>
T with_options(T target, std::string_view name, const Options& options, auto for_each) {
  std::vector<std::string> given;
  for (const auto& entry : options) {
    const std::string option = lower_case(entry.first);
    const double value = entry.second;
    check(std::find(given.begin(), given.end(), option) == given.end(), name, ": the option ",
          option, " is given twice");
    given.push_back(option);
    bool known = false;
    std::string all;
    for_each(target, [&](std::string_view own, auto& member) {
      using Member = std::remove_cvref_t<decltype(member)>;
      all += (all.empty() ? "" : ", ") + std::string(own);
      if (known || lower_case(own) != option) return;
      known = true;
      if constexpr (std::same_as<Member, bool>)
        check(value == 0 || value == 1, name, ": ", option, " = ", value, " must be 0 or 1");
      else if constexpr (std::integral<Member>)
        check(value == std::nearbyint(value) && std::abs(value) < 2e9, name, ": ", option, " = ",
              value, " must be a whole number");
      member = static_cast<Member>(value);
    });
    check(known, name, " has no option \"", option, "\"; it has ", all.empty() ? "none" : all);
  }
  return target;
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
