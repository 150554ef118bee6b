// SPDX-License-Identifier: MIT
// Classifier-free guidance: a conditional network, one without its condition, and a weight w. It is
// said to sample from p(x) p(class | x)^w. Does it? Two classes in one dimension, of which
// everything is known. With a file's name it draws both densities.
#include <cstdio>
#include <tweedie/distribution/mixture.hpp>
#include <tweedie/tweedie.hpp>

#include "svg.hpp"
namespace tw = tweedie;
using Eigen::ArrayXd;

const tw::VP vp;

tw::Gaussian around(double centre) {
  return tw::Gaussian(Eigen::VectorXd::Constant(1, centre), Eigen::MatrixXd::Constant(1, 1, 0.3));
}
const tw::Mixture one_class({1}, {around(1)}), all({0.5, 0.5}, {around(1), around(-1)});

ArrayXd samples(const auto& model) {
  return tw::sample(vp, model, "dpmpp_2m", tw::karras(vp, 40),
                    {.dim = 1, .count = 20000, .noise = {.seed = 3}})
      .row(0)
      .transpose();
}

// p(x) p(class | x)^w on a line of points, of integral 1.
const ArrayXd axis = ArrayXd::LinSpaced(801, -4, 6);
ArrayXd sharpened(double w) {
  ArrayXd density(axis.size());
  for (Eigen::Index k = 0; k < axis.size(); ++k) {
    const Eigen::VectorXd x = Eigen::VectorXd::Constant(1, axis[k]);
    const double of_all = all.log_density(vp.at(0), x)[0],
                 of_class = one_class.log_density(vp.at(0), x)[0];
    density[k] = std::exp(w * of_class + (1 - w) * of_all);
  }
  return density / (density.sum() * (axis[1] - axis[0]));
}

int main(int argc, char** argv) {
  Svg drawing(900, 230);
  drawing.text(20, 20,
               "Samples with guidance of weight w (grey), and the density that it is said to "
               "have, p(x) p(class | x)^w (blue)");
  std::puts(
      "                      samples            p(x) p(class | x)^w\n"
      "                    mean  deviation     mean  deviation");
  const auto print = [](const char* name, const ArrayXd& x) {
    std::printf("%-17s %6.2f %10.2f", name, x.mean(), std::sqrt((x - x.mean()).square().mean()));
  };
  int place = 0;
  for (const double w : {0.0, 1.0, 2.0, 4.0, 8.0}) {
    const ArrayXd x = samples(tw::guided(one_class, all, w)), density = sharpened(w);
    const double step = axis[1] - axis[0], mean = (density * axis).sum() * step;
    print(("weight " + std::to_string(int(w))).c_str(), x);
    std::printf(" %8.2f %10.2f\n", mean,
                std::sqrt((density * (axis - mean).square()).sum() * step));

    const Panel panel{20 + 176.0 * place++, 40, 160, 160, -4, 6, 0, 1.4};
    const double width = 0.2;
    for (double left = -4; left < 6; left += width) {
      const double part =
          double((x >= left && x < left + width).count()) / double(x.size()) / width;
      if (part > 0)
        drawing.path(
            {panel.at(left + width / 2, 0), panel.at(left + width / 2, std::min(part, 1.4))},
            "#c8c8c8", 3);
    }
    std::vector<Svg::Point> curve;
    for (Eigen::Index k = 0; k < axis.size(); ++k) curve.push_back(panel.at(axis[k], density[k]));
    drawing.path(curve, "#2a7de1", 2);
    drawing.text(panel.left + 80, 222, "w = " + std::to_string(int(w)), 13, "middle");
  }

  // One idea each, in any combination: where it acts, how strong, what is legal.
  const auto show = [&](const char* name, const auto& model) {
    print(name, samples(model));
    std::puts("");
  };
  show("8 for sigma .2-2", tw::guided(one_class, all, tw::on_interval(8, 0.2, 2)));
  show("CFG++ 0.6", tw::guided(one_class, all, tw::cfg_plus_plus(0.6)));
  show("8, clipped to 2", tw::clipped(tw::guided(one_class, all, 8.0), -2, 2));
  if (argc > 1) drawing.save(argv[1]);
}
