// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "svg.hpp"

/// Errors of up to eight methods by number of evaluations: a table, and a chart with both axes
/// logarithmic.
class ErrorChart {
 public:
  void table(std::string title, std::vector<int> evaluations) {
    tables_.push_back({std::move(title), std::move(evaluations), {}});
  }
  /// In the order of the panel's evaluations.
  void add(const std::string& name, double error) {
    for (Line& line : tables_.back().lines)
      if (line.name == name) return line.errors.push_back(error);
    tables_.back().lines.push_back({name, {error}});
  }

  void print() const {
    for (const Table& table : tables_) {
      std::printf("%-40s", table.title.c_str());
      for (const int n : table.evaluations) std::printf("%8d", n);
      for (const Line& line : table.lines) {
        std::printf("\n%-40s", line.name.c_str());
        for (const double error : line.errors) std::printf(" %.1e", error);
      }
      std::puts("\n");
    }
  }

  void draw(const std::string& path, const std::string& quantity) const {
    const char* const colours[] = {"#bbb",    "#999",    "#777",    "#9db4cc",
                                   "#6f8fb3", "#1b6ca8", "#d98b2b", "#c0392b"};
    const double width = 460, height = 270, top = 40;
    Svg svg(width * double(tables_.size()), height + 130);
    for (std::size_t p = 0; p < tables_.size(); ++p) {
      const Table& table = tables_[p];
      double low = 1e300, high = 0;
      for (const Line& line : table.lines)
        for (const double error : line.errors)
          low = std::min(low, error), high = std::max(high, error);
      const double left = double(p) * width + 60, n_low = table.evaluations.front(),
                   n_high = table.evaluations.back();
      low = std::pow(10, std::floor(std::log10(low)));
      const Panel panel{left, top, width - 80, height - top, n_low, n_high, low, high * 1.2, true};
      svg.text(left, 22, table.title + ": " + quantity, 14);
      for (double e = low; e <= high; e *= 10) {
        svg.path({panel.at(n_low, e), panel.at(n_high, e)}, "#eee");
        char label[16];
        std::snprintf(label, sizeof label, "%.0e", e);
        svg.text(left - 6, panel.at(n_low, e).y + 4, label, 11, "end");
      }
      for (const int n : table.evaluations)
        svg.text(panel.at(n, low).x, height + 16, std::to_string(n), 11, "middle");
      svg.text(left + panel.width / 2, height + 34, "evaluations of the network", 12, "middle");
      for (std::size_t k = 0; k < table.lines.size(); ++k) {
        std::vector<Svg::Point> points;
        for (std::size_t j = 0; j < table.evaluations.size(); ++j)
          points.push_back(panel.at(table.evaluations[j], table.lines[k].errors[j]));
        const double thick = k < 5 ? 1.5 : 3;
        svg.path(points, colours[k], thick);
        for (const Svg::Point& point : points) svg.dot(point, thick, colours[k]);
        if (p > 0) continue;  // the legend stands once
        const double x = left + 300 * double(k / 3), y = height + 66 + 20 * double(k % 3);
        svg.path({{x, y - 4}, {x + 16, y - 4}}, colours[k], 3);
        svg.text(x + 22, y, table.lines[k].name);
      }
    }
    svg.save(path);
  }

 private:
  struct Line {
    std::string name;
    std::vector<double> errors;
  };
  struct Table {
    std::string title;
    std::vector<int> evaluations;
    std::vector<Line> lines;
  };
  std::vector<Table> tables_;
};
