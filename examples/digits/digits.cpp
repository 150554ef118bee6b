// SPDX-License-Identifier: MIT
// Draws digits with a network of 245,000 parameters (train.cpp), without any runtime but Eigen.
//
//     digits [--what classes|solvers|guidance|inpainting|between|likelihood|quality|speed] [--out FILE.png]
//
// quality also draws its table, as SVG, if --out says where. Without --what it draws all pictures into the folder --folder, by default the current one.
#include <chrono>
#include <cstdio>
#include <map>
#include <string>
#include <tweedie/inverse/replacement.hpp>
#include <tweedie/inversion/reversible_sampler.hpp>
#include <tweedie/likelihood/log_likelihood.hpp>
#include <vector>

#include "../error_chart.hpp"
#include "frechet.hpp"
#include "idx.hpp"
#include "models.hpp"
#include "png.hpp"

void classes(const std::string& path) {
  std::vector<int> all;
  for (int k = 0; k < 100; ++k) all.push_back(k / 10);
  const MatrixXf x = sample(guided(all, 1.5), tuned_plan(12), 100, 1);
  Sheet sheet(10, 10);
  for (int k = 0; k < 100; ++k) sheet.put(k / 10, k % 10, x.col(k));
  sheet.save(path);
}

// The same noise by six solvers, five digits each at 5, 10, 20 and 50 evaluations.
void solvers(const std::string& path) {
  const std::vector<int> five{3, 5, 8, 2, 9};
  Sheet sheet(6, 20);
  int row = 0;
  for (const char* name :
       {"euler", "heun", "dpmpp_2m", "unipc", "euler_ancestral", "dpmpp_2m_sde"}) {
    int column = 0;
    for (const int evaluations : {5, 10, 20, 50}) {
      int steps = evaluations;
      while (tw::make_plan(edm, name, grid(steps)).nfe() > evaluations) --steps;
      const MatrixXf x = sample(of_classes(five), name, grid(steps), 5, 7);
      for (int k = 0; k < 5; ++k) sheet.put(row, column++, x.col(k));
    }
    ++row;
  }
  sheet.save(path);
}

// Weights 0 to 4, one a row.
void guidance(const std::string& path) {
  std::vector<int> each;
  for (int k = 0; k < 20; ++k) each.push_back(k % 10);
  Sheet sheet(5, 20);
  for (int weight = 0; weight < 5; ++weight) {
    const MatrixXf x = sample(guided(each, weight), "dpmpp_2m", grid(18), 20, 3);
    for (int k = 0; k < 20; ++k) sheet.put(weight, k, x.col(k));
  }
  sheet.save(path);
}

// Held-out digits, their upper halves, and eight completions of each that do not know the class.
void inpainting(const std::string& path) {
  const MatrixXf real = read_images(folder + "/held_out.images");
  Eigen::ArrayXd upper = Eigen::ArrayXd::Zero(784);
  upper.head(14 * 28) = 1;
  Sheet sheet(5, 10);
  for (int row = 0; row < 5; ++row) {
    const auto digit = real.col(2 * row + 1);
    Eigen::VectorXf half = digit;
    half.tail(14 * 28).setConstant(-0.6f);
    sheet.put(row, 0, digit);
    sheet.put(row, 1, half);
    const tw::Plan plan = tw::make_plan(edm, "ddpm", tw::repaint(grid(25), 4));
    MatrixXf x(784, 8);
    const tw::Noise noise{.seed = std::uint64_t(row)};
    tw::prior(plan.from(), x, noise);
    tw::Replacement known(tw::Mask(upper), MatrixXf(digit.replicate(1, 8)));
    tw::Sampler sampler(plan, of_no_class(8), x);
    for (auto step : sampler.steps(x, noise)) known(step, noise);
    for (int k = 0; k < 8; ++k) sheet.put(row, 2 + k, x.col(k));
  }
  sheet.save(path);
}

// Real digits encoded and decoded, and what lies between two of them.
void between(const std::string& path) {
  const MatrixXf real = read_images(folder + "/held_out.images");
  const std::pair<int, int> pairs[] = {{0, 6}, {1, 7}, {3, 8}, {4, 9}};
  Sheet sheet(4, 11);
  int row = 0;
  for (const auto& [a, b] : pairs) {
    MatrixXf x(784, 2);
    x << real.col(a), real.col(b);
    const tw::Grid levels = grid(30, false);
    tw::ReversibleSampler sampler(levels, of_no_class(9), x);
    MatrixXf second = sampler.encode(x);
    MatrixXf way(784, 9);
    for (int k = 0; k < 9; ++k) tw::slerp(x.col(0), x.col(1), k / 8.0, way.col(k));
    tw::ReversibleSampler decoder(levels, of_no_class(9), way);
    decoder.decode(way);
    sampler.decode(x, second);
    std::printf("encoded and decoded: off by %.1e at most\n",
                double(std::max((x.col(0) - real.col(a)).cwiseAbs().maxCoeff(),
                                (x.col(1) - real.col(b)).cwiseAbs().maxCoeff())));
    sheet.put(row, 0, real.col(a));
    for (int k = 0; k < 9; ++k) sheet.put(row, 1 + k, way.col(k));
    sheet.put(row++, 10, real.col(b));
  }
  sheet.save(path);
}

// Held-out digits in bits per dimension, with uniform noise of one grey level added.
void likelihood() {
  Eigen::MatrixXd x = read_images(folder + "/held_out.images").leftCols(10).cast<double>();
  Eigen::MatrixXd noise(x.rows(), x.cols());
  tw::Noise{.seed = 1}.fill(0, noise);
  x.array() +=
      (1 - noise.array().unaryExpr([](double z) { return std::erfc(z / std::sqrt(2.0)) / 2; })) /
      127.5;
  const auto p = tw::log_likelihood(edm, of_no_class(10), x,
                                    {.rtol = 1e-3,
                                     .atol = 1e-3,
                                     .probes = 2,
                                     .range = {.sigma_max = 40, .sigma_min = 0.01},
                                     .network_epsilon = 1e-6});
  const Eigen::VectorXd bits = p.bits_per_dim(7);
  std::printf("bits per dimension of ten held-out digits: %.2f +- %.2f, by %d evaluations\n",
              bits.mean(), p.standard_error.norm() / 10 / 784 / std::log(2.0), p.evaluations);
}

// How like held-out digits the samples of solvers are: Frechet distances in the features of a classifier,
// of 500 samples of all classes, and half their difference over two halves.
void quality(const std::string& path) {
  ErrorChart chart;
  chart.table("500 samples against held-out digits", {5, 10, 20});
  const DigitsClassifier classifier(folder + "/classifier.weights");
  const FeatureMoments held_out = FeatureMoments::read(folder + "/classifier.held_out");
  std::vector<int> each;
  for (int k = 0; k < 500; ++k) each.push_back(k % 10);
  std::puts("Frechet distance    evaluations 5           10           20");
  const auto row = [&](const char* name, const char* solver, const auto& model) {
    std::printf("%-22s", name);
    for (const int evaluations : {5, 10, 20}) {
      int steps = evaluations;
      while (tw::make_plan(edm, solver, grid(steps)).nfe() > evaluations) --steps;
      const Eigen::MatrixXf f = classifier.features(sample(model, solver, grid(steps), 500, 11));
      const double a = held_out.distance(moments_of(f.leftCols(250))),
                   b = held_out.distance(moments_of(f.rightCols(250)));
      chart.add(name, held_out.distance(moments_of(f)));
      std::printf("%7.1f +- %-3.1f", held_out.distance(moments_of(f)), std::abs(a - b) / 2);
    }
    std::puts("");
  };
  for (const char* solver :
       {"euler", "heun", "dpmpp_2m", "unipc", "euler_ancestral", "dpmpp_2m_sde"})
    row(solver, solver, of_classes(each));
  row("unipc, guidance 1.5", "unipc", guided(each, 1.5));
  row("unipc, guidance 2.5", "unipc", guided(each, 2.5));
  if (!path.empty()) chart.draw(path, "Frechet distance");
}

// Samples a second, and what share of the time is not the network's.
void speed() {
  using Clock = std::chrono::steady_clock;
  const tw::Plan plan = tw::make_plan(edm, "dpmpp_2m", grid(20));
  const std::vector<int> each(40, 3);
  std::chrono::duration<double> in_network{0};
  auto model = of_classes(each);
  const auto timed =
      tw::predicts(model.prediction, [&](const auto& x, const tw::Call& call, auto& out) {
        const auto start = Clock::now();
        model(x, call, out);
        in_network += Clock::now() - start;
      });
  MatrixXf x(784, 40);
  tw::prior(plan.from(), x, tw::Noise{});
  tw::Sampler sampler(plan, timed, x);
  const auto start = Clock::now();
  sampler(x, tw::Noise{});
  const std::chrono::duration<double> one = Clock::now() - start;
  const auto again = Clock::now();
  sample(model, "dpmpp_2m", grid(20), 40, 1);
  const std::chrono::duration<double> two = Clock::now() - again;
  std::printf(
      "20 evaluations: %.1f samples a second on one core, %.1f on two; outside the network "
      "%.2f %% of the time\n",
      40 / one.count(), 40 / two.count(), 100 * (1 - in_network / one));
}

int main(int argc, char** argv) {
  std::map<std::string, std::string> options{{"--what", ""}, {"--out", ""}, {"--folder", "."}};
  for (int k = 1; k + 1 < argc; k += 2) options[argv[k]] = argv[k + 1];
  const std::pair<const char*, void (*)(const std::string&)> pictures[] = {
      {"classes", classes},
      {"solvers", solvers},
      {"guidance", guidance},
      {"inpainting", inpainting},
      {"between", between}};
  for (const auto& [name, draw] : pictures) {
    if (!options["--what"].empty() && options["--what"] != name) continue;
    const std::string path = options["--out"].empty()
                                 ? options["--folder"] + "/digits_" + name + ".png"
                                 : options["--out"];
    const auto start = std::chrono::steady_clock::now();
    draw(path);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::printf("%s, %.1f s\n", path.c_str(), took.count());
  }
  if (options["--what"] == "likelihood") likelihood();
  if (options["--what"] == "quality") quality(options["--out"]);
  if (options["--what"] == "speed") speed();
}
