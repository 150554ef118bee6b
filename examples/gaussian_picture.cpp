// SPDX-License-Identifier: MIT
#include "gaussian.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "svg.hpp"

namespace {

const std::vector<std::pair<std::string, std::string>> drawn{
    {"euler_maruyama", "#d62728"}, {"ddpm", "#ff9f40"}, {"ddim", "#7f7f7f"}, {"heun", "#2ca02c"},
    {"dpmpp_2m", "#1f77b4"},       {"rk4", "#9467bd"},  {"deis", "#000000"}};

constexpr double lowest = 3e-4, highest = 6;  // of the errors drawn

std::string shown(double number) {
  char text[16];
  return {text, std::to_chars(text, text + sizeof text, number, std::chars_format::general, 3).ptr};
}

void draw(Svg& svg, const Cloud& cloud, double left) {
  const Panel panel{left, 50, 250, 250, -2.6, 3.6, -3.35, 2.85};
  for (Eigen::Index k = 0; k < cloud.samples.cols(); ++k)
    if (const double x = cloud.samples(0, k), y = cloud.samples(1, k); panel.contains(x, y))
      svg.dot(panel.at(x, y), 1.6, "#1f77b4", 0.45);
  std::vector<Svg::Point> ellipse;
  for (Eigen::Index k = 0; k < cloud.ellipse.cols(); ++k)
    ellipse.push_back(panel.at(cloud.ellipse(0, k), cloud.ellipse(1, k)));
  svg.path(ellipse, "#d62728", 2);
  svg.text(left + 4, panel.top + 16, cloud.solver, 14);
  svg.text(left + 4, panel.top + 34, "error " + shown(cloud.error), 12, "start", "#666");
}

void draw(Svg& svg, const Study& study, const std::vector<int>& budgets, double left, bool first) {
  const Panel panel{left, 386, 215, 245, 10, 115, lowest, highest, true};
  for (double error : {1e-3, 1e-2, 1e-1, 1.0}) {
    const auto [x, y] = panel.at(panel.x_low, error);
    svg.path({{x, y}, {x + panel.width, y}}, "#ddd", 1);
    if (first) svg.text(x - 6, y + 4, shown(error), 11, "end");
  }
  for (int nfe : budgets) {
    const auto [x, y] = panel.at(nfe, lowest);
    svg.text(x, y + 16, std::to_string(nfe), 11, "middle");
  }
  svg.text(left, panel.top - 6, study.process, 14);
  const auto [x, y] = panel.at(panel.x_low, std::max(study.floor, lowest));
  svg.path({{x, y}, {x + panel.width, y}}, "#999", 1, "3,3");
  if (first) svg.text(x + 2, y + 13, "error of the prior alone", 10, "start", "#777");
  for (const auto& [solver, colour] : drawn) {
    std::vector<Svg::Point> line;
    for (const Result& r : study.results) {
      if (r.solver != solver) continue;
      const auto on = [&](double error) {
        return panel.at(r.nfe, std::clamp(error, lowest, highest));
      };
      line.push_back(on(r.exact));
      if (r.lowest < lowest) continue;  // nothing that samples could tell from no error
      svg.path({on(r.lowest), on(r.highest)}, colour, 1);
      svg.dot(on(r.sampled), 2.6, colour);
    }
    svg.path(line, colour);
  }
}

}  // namespace

void draw(const std::vector<Cloud>& clouds, const std::vector<Study>& studies,
          const std::vector<int>& budgets, const std::string& path) {
  Svg svg(1180, 720);
  svg.text(30, 34,
           "Twelve network evaluations on VP: samples of four solvers, and the ellipse that holds "
           "86 % of the data",
           16);
  for (std::size_t k = 0; k < clouds.size(); ++k) draw(svg, clouds[k], 30 + 290 * double(k));
  svg.text(30, 350,
           "Error (2-Wasserstein) against network evaluations: lines by exact recursion, dots and "
           "bars from samples",
           16);
  for (std::size_t k = 0; k < studies.size(); ++k)
    draw(svg, studies[k], budgets, 60 + 290 * double(k), k == 0);
  for (std::size_t k = 0; k < drawn.size(); ++k) {
    const double x = 60 + 155 * double(k);
    svg.path({{x, 680}, {x + 24, 680}}, drawn[k].second, 3);
    svg.text(x + 30, 684, drawn[k].first, 13);
  }
  svg.save(path);
}
