// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tweedie/error.hpp"

namespace tweedie {

/// The members of a JSON object by name, each with what stands for a missing one or a null. Throws
/// Error for a value of another type, and knows which members nobody asked for.
class JsonReader {
 public:
  explicit JsonReader(nlohmann::json object) : object_(std::move(object)) {
    check(object_.is_object(), "scheduler config: it is no JSON object but ", object_.type_name());
  }

  double number(const char* name, double otherwise) {
    const nlohmann::json* value = find(name);
    if (!value) return otherwise;
    check(value->is_number(), "scheduler config: ", name, " = ", value->dump(),
          " must be a number");
    return value->get<double>();
  }
  int whole(const char* name, int otherwise, int least, int most) {
    const double value = number(name, otherwise);
    check(value == std::nearbyint(value) && value >= least && value <= most,
          "scheduler config: ", name, " = ", value, " must be a whole number from ", least, " to ",
          most);
    return static_cast<int>(value);
  }
  /// For members of which one value is supported: it, null, or nothing.
  void only(const char* name, const nlohmann::json& supported) {
    const nlohmann::json* value = find(name);
    check(!value || *value == supported, "scheduler config: ", name, " = ",
          value ? value->dump() : "", " is not supported; only ", supported.dump(), " is");
  }
  bool flag(const char* name, bool otherwise) {
    const nlohmann::json* value = find(name);
    if (!value) return otherwise;
    check(value->is_boolean(), "scheduler config: ", name, " = ", value->dump(),
          " must be true or false");
    return value->get<bool>();
  }
  std::string text(const char* name, const char* otherwise) {
    const nlohmann::json* value = find(name);
    if (!value) return otherwise;
    check(value->is_string(), "scheduler config: ", name, " = ", value->dump(), " must be a text");
    return value->get<std::string>();
  }
  std::vector<double> numbers(const char* name) {
    const nlohmann::json* value = find(name);
    if (!value) return {};
    check(value->is_array(), "scheduler config: ", name, " must be a list of numbers");
    std::vector<double> all;
    for (const auto& one : *value) {
      check(one.is_number(), "scheduler config: ", name, " holds ", one.dump(),
            "; it must be a list of numbers");
      all.push_back(one.get<double>());
    }
    return all;
  }

  /// Those that nobody asked for, but for remarks, which begin with an underscore.
  std::vector<std::string> left_over() const {
    std::vector<std::string> names;
    for (const auto& member : object_.items())
      if (!asked_.count(member.key()) && member.key().rfind('_', 0) != 0)
        names.push_back(member.key());
    return names;
  }

 private:
  nlohmann::json object_;
  std::set<std::string> asked_;

  const nlohmann::json* find(const char* name) {
    asked_.insert(name);
    const auto found = object_.find(name);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }
};

}  // namespace tweedie
