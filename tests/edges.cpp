// SPDX-License-Identifier: MIT
// A run near the ends of a process, against the methods' text in more digits than double has.
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include <tweedie/distribution/gaussian.hpp>
#include <tweedie/process/flow.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/solver/ode/dpm_solver_multistep.hpp>

#include "support/predicting.hpp"
#include "support/registry.hpp"

namespace tw = tweedie;
using tw::Prediction;

namespace {

#ifdef __SIZEOF_FLOAT128__
__extension__ typedef __float128 Quad;  // 113 bits
#else
using Quad = long double;
#endif

constexpr double mean = 0.7, variance = 0.25;

/// v of the exact model for N(mean, variance), in any scalar.
template <class T>
T v_of(T x, const tw::Level& l) {
  const T scale = T(l.scale), std = T(l.std), total = T(variance) * scale * scale + std * std;
  const T from_mean = x - scale * T(mean);
  const T data = T(mean) + T(variance) * scale / total * from_mean;
  return scale * std / total * from_mean - std * data;
}
struct VNetwork {
  static constexpr Prediction prediction = Prediction::v;
  void operator()(const auto& x, const tw::Call& call, auto& out) const {
    for (Eigen::Index k = 0; k < x.size(); ++k) out(k) = v_of(x(k), call.level);
  }
};

/// What a method's text needs, in Quad: levels, the network's epsilon and data, lambda.
struct Text {
  std::vector<tw::Level> l;

  Quad sigma(int k) const { return Quad(at(k).std) / Quad(at(k).scale); }
  // In 64 bits, which is enough: lambda enters by differences of at least 0.3.
  Quad lambda(int k) const {
    return Quad(std::log((long double)(at(k).scale) / (long double)(at(k).std)));
  }
  Quad data(Quad x, int k) const {
    const Quad s = at(k).scale, d = at(k).std;
    return (s * x - d * v_of(x, at(k))) / (s * s + d * d);
  }
  Quad epsilon(Quad x, int k) const {
    const Quad s = at(k).scale, d = at(k).std;
    return (d * x + s * v_of(x, at(k))) / (s * s + d * d);
  }
  const tw::Level& at(int k) const { return tw::math::element(l, k); }
  int steps() const { return static_cast<int>(l.size()) - 1; }
};

/// y = x / scale over sigma, each step by the older slopes: `slope(k, epsilons)`.
Quad over_sigma(const Text& text, Quad x, auto&& increment) {
  Quad y = x / Quad(text.at(0).scale);
  std::vector<Quad> e;
  for (int k = 0; k < text.steps(); ++k) {
    e.push_back(text.epsilon(y * Quad(text.at(k).scale), k));
    y += increment(k, e);
  }
  return y * Quad(text.at(text.steps()).scale);
}

/// Lu et al., DPM-Solver++(2M): D = (1 + 1/2r) D_k - 1/2r D_{k-1}, r = h_{k-1} / h_k.
Quad dpmpp_2m(const Text& text, Quad x) {
  Quad before = 0;
  for (int k = 0; k < text.steps(); ++k) {
    const Quad now = text.data(x, k);
    Quad D = now;
    if (k > 0) {
      const Quad r = (text.lambda(k) - text.lambda(k - 1)) / (text.lambda(k + 1) - text.lambda(k));
      D += (now - before) / (2 * r);
    }
    const Quad kept = Quad(text.at(k + 1).std) / Quad(text.at(k).std);
    x = kept * x + (Quad(text.at(k + 1).scale) - kept * Quad(text.at(k).scale)) * D;
    before = now;
  }
  return x;
}

struct Method {
  std::string name;
  tw::AnySolver solver;
  std::function<Quad(const Text&, Quad)> text;
};

std::vector<Method> methods() {
  const auto never = tw::LowerOrder::never();
  const auto h = [](const Text& text, int k) { return text.sigma(k + 1) - text.sigma(k); };
  const auto euler = [h](const Text& text, Quad x) {
    return over_sigma(text, x, [&](int k, const auto& e) { return h(text, k) * e.back(); });
  };
  const auto last = [](const std::vector<Quad>& e, std::size_t age) {
    return e[e.size() - 1 - age];
  };
  const auto two_step = [h, last](Quad newest) {
    return [h, last, newest](const Text& text, Quad x) {
      return over_sigma(text, x, [&](int k, const auto& e) {
        const Quad slope = k == 0 ? e[0] : newest * last(e, 0) + (1 - newest) * last(e, 1);
        return h(text, k) * slope;
      });
    };
  };
  const auto lms2 = [h, last](const Text& text, Quad x) {
    return over_sigma(text, x, [&](int k, const auto& e) -> Quad {
      if (k == 0) return h(text, 0) * e[0];
      // Integral of the line through the last two epsilons.
      const Quad a = text.sigma(k), b = text.sigma(k + 1), c = text.sigma(k - 1);
      return (b - a) * last(e, 0) + (b - a) * (b - a) / 2 * (last(e, 0) - last(e, 1)) / (a - c);
    });
  };
  return {{"euler", tw::Euler<tw::InSigma>{}, euler},
          {"ddim", tw::DDIM{}, euler},
          {"lms", tw::LMS{2, never}, lms2},
          {"ipndm", tw::IPNDM{2, never}, two_step(Quad(3) / 2)},
          {"gradient estimation", tw::GradientEstimation{}, two_step(2)},
          {"dpmpp_2m", tw::DPMSolverPP2M{.lower_order = never}, dpmpp_2m}};
}

}  // namespace

TEST_CASE("edge: a start a hair below pure noise, scale 1e-17 to 1e-3, against 113 bits") {
  for (double scale : {1e-17, 1e-14, 1e-10, 1e-6, 1e-3}) {
    // VP whose integral of beta at t = 1 makes this scale.
    const tw::VP process{.beta_min = 0.1, .beta_max = -4 * std::log(scale) - 0.1};
    std::vector<tw::Level> levels{process.at(1)};
    for (double sigma : {30., 8., 3., 1., 0.4, 0.1})
      levels.push_back(process.at(process.time_of_sigma(sigma)));
    const tw::Grid grid(levels);
    CHECK(grid.front().scale == Approx(scale).epsilon(1e-9));
    for (const Method& method : methods()) {
      const tw::Plan plan = tw::make_plan(process, method.solver, grid);
      const Eigen::RowVector3d start(-1, 0.2, 2);
      Eigen::MatrixXd x = start;
      Eigen::MatrixXf y = start.cast<float>();
      tw::Sampler(plan, VNetwork{}, x)(x, tw::Noise{});
      tw::Sampler(plan, VNetwork{}, y)(y, tw::Noise{});
      for (Eigen::Index k = 0; k < 3; ++k) {
        const double exact = double(method.text(Text{levels}, Quad(start[k])));
        INFO(method.name << ", scale " << scale << ": " << x(k) << " and " << y(k) << " for "
                         << exact);
        CHECK(std::abs(x(k) - exact) < 1e-13 * (1 + std::abs(exact)));
        CHECK(std::abs(double(y(k)) - exact) < 1e-5 * (1 + std::abs(exact)));
      }
    }
  }
}

TEST_CASE("edge: at pure noise itself it is the limit, whatever the process that reaches it") {
  const tw::AnyProcess flow = tw::Flow{};
  for (const Method& method : methods()) {
    std::vector<tw::Level> near{flow.at(1 - 1e-12)}, there{flow.at(1)};
    for (double t : {0.9, 0.7, 0.4, 0.2, 0.1})
      near.push_back(flow.at(t)), there.push_back(flow.at(t));
    const tw::Plan plan = tw::make_plan(flow, method.solver, tw::Grid(there));
    const Eigen::RowVector3d start(-1, 0.2, 2);
    Eigen::MatrixXd x = start;
    const auto network = tw::predicts_velocity([](const auto& in, const tw::Call& call, auto& out) {
      const tw::Level& l = call.level;
      const double size = l.scale * l.scale + l.std * l.std;
      for (Eigen::Index k = 0; k < in.size(); ++k) {
        const double v = v_of(in(k), l);
        out(k) = ((l.std * in(k) + l.scale * v) - (l.scale * in(k)-l.std * v)) / size;
      }
    });
    tw::Sampler(plan, network, x)(x, tw::Noise{});
    if (method.name == "dpmpp_2m") continue;  // tends to it like 1 / lambda only
    for (Eigen::Index k = 0; k < 3; ++k) {
      INFO(method.name);
      CHECK(x(k) == Approx(double(method.text(Text{near}, Quad(start[k])))).margin(1e-10));
    }
  }
}

TEST_CASE("edge: encoding from clean data, and from a hair above it, for a network of epsilon") {
  // DDIM upwards by its text, epsilon at the level that is left; at sigma = 0 it is 0.
  const tw::AnyProcess vp = tw::VP{};
  for (double first : {0.0, 1e-17, 1e-10, 1e-4}) {
    std::vector<double> sigmas{first};
    for (int k = 0; k <= 24; ++k) sigmas.push_back(0.02 * std::pow(1000, k / 24.));
    std::vector<tw::Level> levels;
    for (double sigma : sigmas) levels.push_back(vp.at_sigma(sigma));
    const tw::Grid up(levels, tw::Grid::Direction::rising);
    double y = 1.9 / levels[0].scale;
    for (std::size_t k = 0; k + 1 < sigmas.size(); ++k)
      y +=
          (sigmas[k + 1] - sigmas[k]) * sigmas[k] / (variance + sigmas[k] * sigmas[k]) * (y - mean);
    const auto network = tw::predicts_epsilon([](const auto& x, const tw::Call& call, auto& out) {
      const tw::Level& l = call.level;
      out = (l.std / (variance * l.scale * l.scale + l.std * l.std) * (x.array() - l.scale * mean))
                .matrix();
    });
    const tw::Level &from = levels.front(), &to = levels.back();
    const double exact = to.scale * mean + (1.9 - from.scale * mean) *
                                               std::hypot(to.scale * 0.5, to.std) /
                                               std::hypot(from.scale * 0.5, from.std);
    for (const char* name : {"ddim", "euler", "dpmpp_2m", "dpm_2m", "unipc", "unipc_epsilon",
                             "exponential_ab", "lms", "dpm_2"}) {
      const tw::Plan plan = tw::make_plan(vp, name, up);
      const double x = run(plan, network, Eigen::MatrixXd::Constant(1, 1, 1.9), tw::Noise{})(0, 0);
      INFO(name << " from sigma = " << first);
      const std::string method = name;
      if (method == "ddim" || method == "euler")
        CHECK(x == Approx(y * to.scale).epsilon(1e-12));
      else
        CHECK(x == Approx(exact).epsilon(0.1));
    }
  }
}
