// SPDX-License-Identifier: MIT
#pragma once

#include <fstream>
#include <span>
#include <string>
#include <tweedie/model/guided.hpp>
#include <tweedie/parallel/blocked_sampler.hpp>
#include <tweedie/parallel/threads.hpp>
#include <tweedie/plan/plan_from.hpp>
#include <tweedie/tweedie.hpp>
#include <vector>

#include "network.hpp"

// The network as a model of the library, and samples of it.
namespace tw = tweedie;
using Eigen::MatrixXf;

inline const tw::EDM edm;
inline const std::string folder = DIGITS_FOLDER;
inline const tw::NoiseRange trained{.sigma_max = 40, .sigma_min = 0.01};

inline const DigitsNetwork& network() {
  static const DigitsNetwork one(folder + "/digits.weights");
  return one;
}

// Each sample has a class of its own, 10 for none.
inline auto of_classes(std::vector<int> classes) {
  const tw::EDMPreconditioning kind{.sigma_data = 0.5};
  return tw::preconditioned(kind, [=](const auto& x, const tw::Call& call, auto& out) {
    const std::vector<float> c_noise(std::size_t(x.cols()), float(kind.label(call.level.sigma())));
    const auto first = std::size_t(call.first_sample);
    MatrixXf image = x.template cast<float>(), result(784, x.cols());
    network()(image, c_noise, std::span(classes).subspan(first, std::size_t(x.cols())), result);
    out = result.template cast<typename std::decay_t<decltype(out)>::Scalar>();
  });
}
inline auto of_no_class(std::size_t count) {
  return of_classes(std::vector<int>(count, 10));
}
// The weight is a number, or a function of the call and the sample.
inline auto guided(std::vector<int> classes, auto weight) {
  return tw::guided(of_classes(classes), of_no_class(classes.size()), weight);
}

inline tw::Grid grid(int steps, bool to_zero = true) {
  tw::NoiseRange range = trained;
  range.to_zero = to_zero;
  return tw::karras(edm, steps, range);
}

// Plans of 5, 8 and 12 evaluations that were tuned for guidance from 1 to 2, by tuned.cpp.
inline tw::Plan tuned_plan(int evaluations) {
  std::ifstream in(folder + "/tuned_" + std::to_string(evaluations) + ".plan");
  return tw::plan_from(in, edm);
}

inline tw::Threads& threads() {
  static tw::Threads two(2);
  return two;
}

// Samples on two threads; a sample does not know how it was split.
inline MatrixXf sample(const auto& model, const tw::Plan& plan, Eigen::Index count,
                       std::uint64_t seed) {
  MatrixXf x(784, count);
  tw::prior(plan.from(), x, tw::Noise{.seed = seed});
  tw::BlockedSampler sampler(plan, model, x, {.columns = 5}, threads());
  sampler(x, tw::Noise{.seed = seed});
  return x;
}
inline MatrixXf sample(const auto& model, const tw::AnySolver& solver, const tw::Grid& levels,
                       Eigen::Index count, std::uint64_t seed) {
  return sample(model, tw::make_plan(edm, solver, levels), count, seed);
}
