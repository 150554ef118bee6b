// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <cmath>
#include <limits>
#include <span>

#include <tweedie/grid/grid.hpp>
#include <tweedie/model/checked.hpp>
#include <tweedie/noise/noise.hpp>
#include <tweedie/plan/eager.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/flow.hpp>
#include <tweedie/process/sub_vp.hpp>
#include <tweedie/process/ve.hpp>
#include <tweedie/process/vp.hpp>

namespace tw = tweedie;
using tw::Prediction;

namespace {

constexpr Prediction all[] = {Prediction::epsilon, Prediction::data, Prediction::score,
                              Prediction::v, Prediction::velocity};

// The tables of the papers, written from data and epsilon.
double predicted(Prediction p, const tw::Level& l, double data, double epsilon) {
  switch (p) {
    case Prediction::epsilon: return epsilon;
    case Prediction::data: return data;
    case Prediction::score: return -epsilon / l.std;
    case Prediction::v: return l.scale * epsilon - l.std * data;
    default: return l.scale_rate * data + l.std_rate * epsilon;
  }
}

}  // namespace

TEST_CASE("prediction: every conversion is right, there and back") {
  const double data = 0.7, epsilon = -1.3;
  for (const tw::AnyProcess& p :
       {tw::AnyProcess(tw::VP{}), tw::AnyProcess(tw::VE{}), tw::AnyProcess(tw::SubVP{}),
        tw::AnyProcess(tw::EDM{}), tw::AnyProcess(tw::Flow{.t_max = 0.98})})
    for (double part : {0.01, 0.4, 1.0}) {
      const tw::Level l = p.at(p.t_min + part * (p.t_max - p.t_min));
      const double x = l.scale * data + l.std * epsilon;
      for (Prediction given : all)
        for (Prediction wanted : all) {
          INFO(tw::name_of(wanted) << " from " << tw::name_of(given) << " at t = " << l.t);
          const tw::Conversion c = tw::conversion(wanted, given, l);
          const double expected = predicted(wanted, l, data, epsilon);
          const double output = predicted(given, l, data, epsilon);
          // Where scale or std is small the solve loses digits in proportion.
          const double size = std::abs(c.state * x) + std::abs(c.output * output);
          CHECK(std::abs(c.state * x + c.output * output - expected) < 1e-13 * (size + 1));
          const tw::Conversion back = tw::conversion(given, wanted, l);
          const double there = back.state * x + back.output * expected;
          CHECK(std::abs(there - output) <
                1e-13 * (std::abs(back.state * x) + std::abs(back.output * expected) + 1));
        }
      // dx/dt of the probability-flow ODE: f x - g^2/2 score.
      const double score = -epsilon / l.std;
      CHECK(predicted(Prediction::velocity, l, data, epsilon) ==
            Approx(l.f() * x - l.g2 / 2 * score).epsilon(1e-9));
    }
}

TEST_CASE("prediction: the ends of a process have limits or say no") {
  const tw::Level data_end = tw::VP{}.at(0), noise_end = tw::Flow{}.at(1);
  // Clean data: everything but the data model gives the data, which is x.
  for (Prediction given : {Prediction::epsilon, Prediction::score, Prediction::v}) {
    const tw::Conversion c = tw::conversion(Prediction::data, given, data_end);
    CHECK(c.state == 1);
    CHECK(c.output == 0);
  }
  CHECK_FALSE(tw::conversion(Prediction::epsilon, Prediction::data, data_end).finite());
  // Pure noise: x says nothing of the data.
  CHECK_FALSE(tw::conversion(Prediction::data, Prediction::epsilon, noise_end).finite());
  CHECK_FALSE(tw::conversion(Prediction::data, Prediction::score, noise_end).finite());
  const tw::Conversion velocity = tw::conversion(Prediction::data, Prediction::velocity, noise_end);
  CHECK(velocity.state == 1);
  CHECK(velocity.output == -1);
  const tw::Conversion epsilon = tw::conversion(Prediction::epsilon, Prediction::data, noise_end);
  CHECK(epsilon.state == 1);
  CHECK(epsilon.output == 0);
}

TEST_CASE("model: all five forms of a callable") {
  const Eigen::MatrixXd x = Eigen::MatrixXd::Random(3, 4);
  const tw::Call call{tw::VP{}.at(0.5), 2, 3, 4};
  Eigen::MatrixXd out(3, 4);
  const auto check = [&](auto model, double factor) {
    out.setConstant(std::nan(""));
    model(x, call, out);
    CHECK(out.isApprox(factor * x));
  };
  check(tw::predicts_epsilon([](const auto& in, double t, auto& o) { o = t * in; }), 0.5);
  check(
      tw::predicts_data([](const auto& in, const tw::Call& c, auto& o) { o = c.evaluation * in; }),
      3);
  check(tw::predicts_v([](const auto& in, double t) { return t * in; }), 0.5);
  check(tw::predicts_score([](const auto& in, const tw::Call& c) { return c.step * in; }), 2);
  check(tw::predicts_velocity([](const Eigen::Ref<const Eigen::MatrixXd>& in, double t,
                                 Eigen::Ref<Eigen::MatrixXd> o) { o = t * in; }),
        0.5);
  check(tw::predicts_data([](const auto& in, std::span<const double> labels, auto& o) {
          REQUIRE(labels.size() == 4);
          o = in * Eigen::Map<const Eigen::VectorXd>(labels.data(), 4).asDiagonal();
        }),
        0.5);
  CHECK(tw::predicts_v([](const auto& in, double) { return 1 * in; }).prediction == Prediction::v);
  static_assert(tw::Model<decltype(tw::predicts_v([](const auto& in, double) { return 1 * in; }))>);
}

TEST_CASE("model: an output of another shape is refused") {
  auto model =
      tw::predicts_data([](const auto& in, double) -> Eigen::MatrixXd { return in.topRows(1); });
  const Eigen::MatrixXd x = Eigen::MatrixXd::Zero(3, 4);
  Eigen::MatrixXd out(3, 4);
  CHECK_THAT(error_of([&] { model(x, tw::Call{}, out); }), Contains("1 x 4") && Contains("3 x 4"));
}

namespace {

/// A solver whose step is what it asks the model for.
struct Asks {
  Prediction wanted;
  tw::Facts facts() const { return {.name = "asks"}; }
  template <class X>
  X step(auto& c, const tw::Interval& s, const X& x) const {
    return c.predict(wanted, x, s.from);
  }
};

}  // namespace

TEST_CASE("model: what it predicts is converted to what a solver asks for") {
  const tw::AnyProcess vp = tw::VP{}, flow = tw::Flow{};
  const tw::Level l = vp.at(0.3);
  const Eigen::MatrixXd data = Eigen::MatrixXd::Random(3, 4),
                        epsilon = Eigen::MatrixXd::Random(3, 4);
  const Eigen::MatrixXd x = l.scale * data + l.std * epsilon;
  const auto model = tw::predicts_v(
      [&](const auto&, double) { return (l.scale * epsilon - l.std * data).eval(); });
  const auto asked = [&](Prediction wanted) {
    return tw::run_eagerly(vp, Asks{wanted}, tw::from_times(vp, {0.3, 0.2}), model, x, tw::Noise{});
  };
  CHECK(asked(Prediction::data).isApprox(data, 1e-12));
  CHECK(asked(Prediction::score).isApprox(-epsilon / l.std, 1e-12));
  const auto blind = tw::predicts_epsilon([&](const auto& in, double) { return 1 * in; });
  CHECK_THAT(error_of([&] {
               tw::run_eagerly(flow, Asks{Prediction::data}, tw::from_times(flow, {1, 0.5}), blind,
                               x, tw::Noise{});
             }),
             Contains("data cannot be had from a model that predicts epsilon at t = 1"));
  CHECK_THAT(error_of([&] {
               tw::checked_conversion(Prediction::data, Prediction::epsilon, tw::Flow{}.at(1));
             }),
             Contains("data cannot be had from a model that predicts epsilon at t = 1"));
}

TEST_CASE("model: checked names where a network breaks") {
  for (double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    auto model = tw::checked(tw::predicts_epsilon([&](const auto& in, double, auto& out) {
      out = in;
      out(1, 2) = static_cast<std::decay_t<decltype(out(0, 0))>>(bad);
    }));
    const Eigen::MatrixXf x = Eigen::MatrixXf::Ones(3, 4);
    Eigen::MatrixXf out(3, 4);
    CHECK_THAT(error_of([&] {
                 model(x, tw::Call{tw::VP{}.at(0.25), 5, 9, 100}, out);
               }),
               Contains("epsilon is") &&
                   Contains("step 5, t = 0.25, evaluation 9, sample 102, coordinate 1"));
  }
  auto fine = tw::checked(tw::predicts_v([](const auto& in, double) { return 2 * in; }));
  CHECK(fine.prediction == Prediction::v);
  const Eigen::MatrixXd x = Eigen::MatrixXd::Ones(2, 2);
  Eigen::MatrixXd out(2, 2);
  fine(x, tw::Call{}, out);
  CHECK(out == 2 * x);
}

TEST_CASE("model: it is a callable, not a prediction alone") {
  struct Named {
    Prediction prediction = Prediction::data;
  };
  static_assert(tw::Predictor<Named> && !tw::Model<Named>);
  const auto network = tw::predicts_v([](const auto& x, double) { return 1 * x; });
  static_assert(tw::Model<decltype(tw::checked(network))>);
  CHECK(tw::name_of(Prediction::velocity) == "velocity");
}
