// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <fstream>
#include <locale>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

/// A drawing in SVG, in pixels from the upper left corner: as much as the examples need.
class Svg {
 public:
  struct Point {
    double x, y;
  };

  Svg(double width, double height) {
    body_.imbue(std::locale::classic());  // SVG has decimal points wherever it is drawn
    body_ << "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 " << width << " " << height
          << "' font-family='Helvetica,Arial,sans-serif'>\n"
          << "<rect width='100%' height='100%' fill='white'/>\n";
  }

  void path(const std::vector<Point>& points, std::string_view colour, double width = 1.5,
            std::string_view dash = "") {
    body_ << "<path fill='none' stroke='" << colour << "' stroke-width='" << width
          << "' stroke-dasharray='" << dash << "' d='";
    for (std::size_t k = 0; k < points.size(); ++k)
      body_ << (k == 0 ? "M" : "L") << tenth(points[k].x) << " " << tenth(points[k].y);
    body_ << "'/>\n";
  }
  void dot(Point centre, double radius, std::string_view colour, double opacity = 1) {
    body_ << "<circle cx='" << centre.x << "' cy='" << centre.y << "' r='" << radius << "' fill='"
          << colour << "' fill-opacity='" << opacity << "'/>\n";
  }
  /// anchor: start, middle or end.
  void text(double x, double y, std::string_view words, double size = 12,
            std::string_view anchor = "start", std::string_view colour = "#222") {
    body_ << "<text x='" << x << "' y='" << y << "' font-size='" << size << "' text-anchor='"
          << anchor << "' fill='" << colour << "'>" << words << "</text>\n";
  }
  void save(const std::string& path) const { std::ofstream(path) << body_.str() << "</svg>\n"; }

 private:
  static double tenth(double value) {
    return std::round(value * 10) / 10;
  }  // of a pixel: short files

  std::ostringstream body_;
};

/// A rectangle of a drawing with its own coordinates, linear or logarithmic.
struct Panel {
  double left, top, width, height;
  double x_low, x_high, y_low, y_high;
  bool logarithmic = false;

  bool contains(double x, double y) const {
    return x_low <= x && x <= x_high && y_low <= y && y <= y_high;
  }
  Svg::Point at(double x, double y) const {
    const auto part = [&](double value, double low, double high) {
      return logarithmic ? std::log(value / low) / std::log(high / low)
                         : (value - low) / (high - low);
    };
    return {left + width * part(x, x_low, x_high), top + height * (1 - part(y, y_low, y_high))};
  }
};
