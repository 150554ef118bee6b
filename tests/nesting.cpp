// SPDX-License-Identifier: MIT
// Every model of models around every other one: what it predicts by a formula, its vjp by differences
// of that, no allocation in a run, the same bytes in blocks and on threads. The program makes the
// pairs; a new one is an entry of for_each_wrapper.
#define EIGEN_RUNTIME_NO_MALLOC
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <tweedie/grid/spacing.hpp>
#include <tweedie/inverse/dps.hpp>
#include <tweedie/inverse/posterior.hpp>
#include <tweedie/model/checked.hpp>
#include <tweedie/model/classifier_guided.hpp>
#include <tweedie/model/clipped.hpp>
#include <tweedie/model/guided.hpp>
#include <tweedie/model/guided_batched.hpp>
#include <tweedie/model/in_float.hpp>
#include <tweedie/model/preconditioned.hpp>
#include <tweedie/model/trained_on.hpp>
#include <tweedie/parallel/blocked_sampler.hpp>
#include <tweedie/parallel/in_batches.hpp>
#include <tweedie/parallel/threads.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/run/sampler.hpp>

#include "support/allocations.hpp"
#include "support/any_model.hpp"
#include "support/predicting.hpp"
#include "support/registry.hpp"

namespace tw = tweedie;
using Eigen::MatrixXd, Eigen::VectorXd;
using tw::Call, tw::Level;

namespace {

constexpr int dim = 3;

/// What a model predicts, as a formula of x and the call.
struct Both {
  MatrixXd data, epsilon;
};
struct Formula {
  std::function<Both(const MatrixXd& x, const Call&)> of;
  bool gives_both = false;

  MatrixXd data(const MatrixXd& x, const Call& call) const { return of(x, call).data; }
  /// d data along v.
  MatrixXd along(const MatrixXd& x, const Call& call, const MatrixXd& v) const {
    const double h = 1e-6;
    return (data(x + h * v, call) - data(x - h * v, call)) / (2 * h);
  }
};
MatrixXd epsilon_of(const MatrixXd& x, const Level& l, const MatrixXd& data) {
  return (x - l.scale * data) / l.std;
}
/// A formula of the data alone, to which epsilon belongs.
Formula of_data(std::function<MatrixXd(const MatrixXd&, const Call&)> data) {
  return {[=](const MatrixXd& x, const Call& call) {
    const MatrixXd D = data(x, call);
    return Both{D, epsilon_of(x, call.level, D)};
  }};
}
/// The same change of both outputs of another formula, or of the data of one output.
Formula changed(
    const Formula& inner,
    std::function<MatrixXd(const MatrixXd& value, const MatrixXd& x, const Call&, bool)> change) {
  if (!inner.gives_both)
    return of_data([=](const MatrixXd& x, const Call& call) {
      return change(inner.data(x, call), x, call, true);
    });
  return {[=](const MatrixXd& x, const Call& call) {
            const Both both = inner.of(x, call);
            return Both{change(both.data, x, call, true), change(both.epsilon, x, call, false)};
          },
          true};
}

/// The exact model of N(mean, variance), of what is predicted on every process.
MatrixXd gaussian(double mean, double variance, const MatrixXd& x, const Level& l) {
  const double gain = variance * l.scale / (variance * l.scale * l.scale + l.std * l.std);
  return (mean + gain * (x.array() - l.scale * mean)).matrix();
}
struct Network {
  double mean, variance;
  void operator()(const auto& x, const Call& call, auto& out) const {
    using T = typename std::decay_t<decltype(out)>::Scalar;
    const double v = variance, s = call.level.scale,
                 total = v * s * s + std::pow(call.level.std, 2);
    for (Eigen::Index i = 0; i < x.size(); ++i)
      out(i) = static_cast<T>(mean + v * s / total * (double(x(i)) - s * mean));
  }
  void vjp(const auto&, const Call& call, const auto& v, auto& out) const {
    using T = typename std::decay_t<decltype(out)>::Scalar;
    const double s = call.level.scale, total = variance * s * s + std::pow(call.level.std, 2);
    out = static_cast<T>(variance * s / total) * v;
  }
};
const auto base = tw::predicts_data(Network{-0.5, 0.8});
MatrixXd base_data(const MatrixXd& x, const Level& l) {
  return gaussian(-0.5, 0.8, x, l);
}

/// grad log p(y | x), which is 1 / scale times one of x / scale.
struct Gradient {
  void operator()(const auto& x, const Call& call, auto& out) const {
    using T = typename std::decay_t<decltype(out)>::Scalar;
    const double s = call.level.scale, sigma = call.level.sigma(),
                 f = 1 / (s * (1 + sigma * sigma));
    for (Eigen::Index i = 0; i < x.size(); ++i) out(i) = static_cast<T>(f * (1 - double(x(i)) / s));
  }
  void vjp(const auto&, const Call& call, const auto& v, auto& out) const {
    using T = typename std::decay_t<decltype(out)>::Scalar;
    const double s = call.level.scale, sigma = call.level.sigma();
    out = static_cast<T>(-1 / (s * s * (1 + sigma * sigma))) * v;
  }
};

const tw::Mask mask(Eigen::Array3d(1, 0, 1));
const MatrixXd y = Eigen::Vector2d(0.7, -0.2);
MatrixXd back(const MatrixXd& residual) {  // A^T
  MatrixXd x = MatrixXd::Zero(dim, residual.cols());
  x.row(0) = residual.row(0), x.row(2) = residual.row(1);
  return x;
}
MatrixXd residual(const MatrixXd& data) {
  MatrixXd r(2, data.cols());
  r.row(0) = y(0) - data.row(0).array(), r.row(1) = y(1) - data.row(2).array();
  return r;
}

template <class Make, bool of_doubles>
struct Wrapper {
  std::string name;
  Make make;
  std::function<Formula(const Formula&)> formula;
  bool takes_both = true;
  double tolerance = 1e-10;
};
tw::Threads threads(2);

void for_each_wrapper(auto&& visit) {
  const auto same = [](const Formula& f) { return f; };
  const auto add = [&]<class Make, bool of_doubles = true>(
      std::string name, Make make, std::function<Formula(const Formula&)> formula,
      bool takes_both = true, double tolerance = 1e-10, std::bool_constant<of_doubles> = {}) {
    visit(Wrapper<Make, of_doubles>{std::move(name), make, std::move(formula), takes_both,
                                    tolerance});
  };
  add(
      "checked", [](auto m) { return tw::checked(m); }, same);
  add(
      "classifier_guided", [](auto m) { return tw::classifier_guided(m, Gradient{}, 0.7); },
      [](const Formula& f) {
        return changed(f,
                       [](const MatrixXd& value, const MatrixXd& x, const Call& call, bool data) {
                         const double s = call.level.scale, sigma = call.level.sigma();
                         const MatrixXd g = ((1 - x.array() / s) / (1 + sigma * sigma)).matrix();
                         return MatrixXd(value + 0.7 * (data ? sigma * sigma : -sigma) * g);
                       });
      });
  add(
      "clipped", [](auto m) { return tw::clipped(m, -0.4, 0.6); },
      [](const Formula& f) {
        return of_data([=](const MatrixXd& x, const Call& call) {
          return MatrixXd(f.data(x, call).cwiseMax(-0.4).cwiseMin(0.6));
        });
      });
  add(
      "clipped, epsilon of the network",
      [](auto m) { return tw::clipped(m, -0.4, 0.6, tw::ClippedEpsilon::of_network); },
      [](const Formula& f) {
        return Formula{[=](const MatrixXd& x, const Call& call) {
                         Both both = f.of(x, call);
                         both.data = both.data.cwiseMax(-0.4).cwiseMin(0.6);
                         return both;
                       },
                       true};
      });
  add(
      "thresholded", [](auto m) { return tw::thresholded(m, 1, 0.5); },
      [](const Formula& f) {
        return of_data([=](const MatrixXd& x, const Call& call) {
          MatrixXd D = f.data(x, call);
          for (auto column : D.colwise())
            column *= 0.5 / std::max(0.5, column.cwiseAbs().maxCoeff());
          return D;
        });
      });
  const auto guided = [](double w) {
    return [=](const Formula& f) {
      return changed(f, [=](const MatrixXd& value, const MatrixXd& x, const Call& call, bool data) {
        const MatrixXd D = base_data(x, call.level);
        const MatrixXd other = data ? D : epsilon_of(x, call.level, D);
        return MatrixXd(other + w * (value - other));
      });
    };
  };
  add(
      "guided", [](auto m) { return tw::guided(m, base, 2.5); }, guided(2.5));
  add(
      "guided with a rescale", [](auto m) { return tw::guided(m, base, 2.5, {.rescale = 0.5}); },
      [](const Formula& f) {
        return changed(
            f, [](const MatrixXd& value, const MatrixXd& x, const Call& call, bool data) {
              const MatrixXd D = base_data(x, call.level);
              const MatrixXd other = data ? D : epsilon_of(x, call.level, D);
              MatrixXd out = other + 2.5 * (value - other);
              const auto deviation = [](const VectorXd& v) {
                return std::sqrt((v.array() - v.mean()).square().mean());
              };
              for (Eigen::Index k = 0; k < out.cols(); ++k)
                out.col(k) *= 0.5 + 0.5 * deviation(value.col(k)) / deviation(out.col(k));
              return out;
            });
      });
  add(
      "CFG++", [](auto m) { return tw::guided(m, base, tw::cfg_plus_plus(0.6)); },
      [](const Formula& f) {
        return Formula{[=](const MatrixXd& x, const Call& call) {
                         const MatrixXd D = base_data(x, call.level);
                         return Both{D + 0.6 * (f.data(x, call) - D), epsilon_of(x, call.level, D)};
                       },
                       true};
      });
  // Columns are treated alike here, so that the two halves agree.
  add(
      "guided_batched", [](auto m) { return tw::guided_batched(m, 1.7); }, same);
  add(
      "trained_on", [](auto m) { return tw::trained_on(tw::EDM{}, m); },
      [](const Formula& f) {
        return Formula{[=](const MatrixXd& x, const Call& call) {
                         Call seen = call;
                         seen.level = tw::EDM{}.at(call.level.sigma());
                         seen.to = tw::EDM{}.at(call.to.sigma());
                         return f.of(x / call.level.scale, seen);
                       },
                       f.gives_both};
      });
  add(
      "in_float", [](auto m) { return tw::in_float(m); }, same, true, 2e-5, std::false_type());
  add(
      "in_batches", [](auto m) { return tw::in_batches(m, 2); }, same);
  add(
      "projected", [](auto m) { return tw::projected(m, mask, y); },
      [](const Formula& f) {
        return of_data([=](const MatrixXd& x, const Call& call) {
          const MatrixXd D = f.data(x, call);
          return MatrixXd(D + back(residual(D)));
        });
      },
      false);
  add(
      "pseudo_inverse_guided",
      [](auto m) { return tw::pseudo_inverse_guided(m, mask, y, {.noise = 0.3}); },
      [](const Formula& f) {
        return of_data([=](const MatrixXd& x, const Call& call) {
          const MatrixXd D = f.data(x, call);
          const double v = std::pow(call.level.sigma(), 2), r = v / (v + 1);
          const MatrixXd back_projected = back(residual(D)) / (r + 0.09);
          return MatrixXd(D + v * call.level.scale * f.along(x, call, back_projected));
        });
      },
      false, 1e-6);
  add(
      "dps", [](auto m) { return tw::dps(m, mask, y, 0.4); },
      [](const Formula& f) {
        return of_data([=](const MatrixXd& x, const Call& call) {
          const MatrixXd D = f.data(x, call);
          const Level &l = call.level, &to = call.to;
          MatrixXd r = residual(D);
          for (auto column : r.colwise())
            if (column.norm() > 0)
              column *=
                  2 * 0.4 / (l.scale * column.norm() * to.scale * (1 - to.sigma() / l.sigma()));
          return MatrixXd(D + l.scale * f.along(x, call, back(r)));
        });
      },
      false, 1e-6);
}

const tw::AnyProcess vp = tw::VP{};

void check_values(auto& model, const Formula& formula, double tolerance) {
  MatrixXd x(dim, 5), v(dim, 5), out(dim, 5), epsilon(dim, 5);
  tw::Noise{.seed = 6}.fill(1, v);
  for (double sigma : {0.3, 1.0, 4.0}) {
    const Call call{.level = vp.at_sigma(sigma), .to = vp.at_sigma(sigma / 2)};
    tw::Noise{.seed = 5}.fill(0, x);
    x *= std::hypot(call.level.scale, call.level.std);
    const Eigen::Map<const MatrixXd> in(x.data(), dim, 5), direction(v.data(), dim, 5);
    Eigen::Map<MatrixXd> to(out.data(), dim, 5), second(epsilon.data(), dim, 5);
    const Both expected = formula.of(x, call);
    const double size = 1 + largest(expected.data) + largest(expected.epsilon);
    tw::predict(model, tw::Prediction::data, in, call, to);
    CHECK(largest(out - expected.data) < tolerance * size);
    tw::predict_both(model, in, call, to, second);
    CHECK(largest(out - expected.data) < tolerance * size);
    CHECK(largest(epsilon - expected.epsilon) < tolerance * size * (1 + 1 / sigma));
    if constexpr (tw::OffersVJP<std::decay_t<decltype(model)>, decltype(in), decltype(direction),
                                decltype(to)>) {
      // Where it is offered every coordinate depends on itself alone, so J^T v is J v.
      if (error_of([&] {
            tw::predict_vjp(model, tw::Prediction::data, in, call, direction, to);
          }).empty())
        CHECK(largest(out - formula.along(x, call, v)) < std::max(tolerance, 1e-7) * 10 * size);
    }
  }
}

/// Runs on type-erased models: no allocation, the same bytes in blocks and on threads.
void check_runs(const auto& model, const char* solver) {
  const tw::Plan plan = tw::make_plan(vp, solver, tw::karras(vp, 4));
  MatrixXd x = start(plan, dim, 7), z = x;
  tw::Sampler sampler(plan, model, x);
  const tw::Noise noise{.seed = 7};
  const long before = allocations;
  Eigen::internal::set_is_malloc_allowed(false);
  sampler(x, noise);
  Eigen::internal::set_is_malloc_allowed(true);
  CHECK(allocations == before);
  tw::BlockedSampler blocked(plan, model, z, {.columns = 3}, threads);
  blocked(z, noise);
  CHECK(x == z);
}

}  // namespace

TEST_CASE("nesting: every model of models around every other") {
  int pairs = 0;
  for_each_wrapper([&]<class Outer, bool of_doubles>(const Wrapper<Outer, of_doubles>& outer) {
    for_each_wrapper([&](const auto& inner) {
      INFO(outer.name << " around " << inner.name);
      const Formula exact = of_data(
          [](const MatrixXd& x, const Call& call) { return gaussian(0.3, 0.5, x, call.level); });
      const Formula within = inner.formula(exact);
      const auto nested = [&] {
        // The inner model behind a type of its own, but where it is asked for floats.
        auto own = inner.make(tw::predicts_data(Network{0.3, 0.5}));
        if constexpr (of_doubles)
          return erased(outer.make(erased(std::move(own))));
        else
          return erased(outer.make(std::move(own)));
      };
      if (within.gives_both && !outer.takes_both) {
        CHECK_THAT(error_of(nested), Contains("the model gives two outputs"));
        return;
      }
      const Formula formula = outer.formula(within);
      auto model = nested();
      // Measured models ask a network that offers a vjp for it, which rescaled guidance has not.
      if (!outer.takes_both && inner.name == "guided with a rescale" && outer.name != "projected") {
        MatrixXd x = MatrixXd::Ones(dim, 5), out = x;
        const Call call{.level = vp.at_sigma(1), .to = vp.at_sigma(0.5)};
        Eigen::Map<MatrixXd> to(out.data(), dim, 5);
        CHECK_THAT(error_of([&] { model(tw::view_of(x), call, to); }), Contains("there is no vjp"));
        return;
      }
      CHECK(tw::Output(model.prediction).gives_both() == formula.gives_both);
      const double loss = outer.tolerance > 1e-7 || inner.tolerance > 1e-7 ? 2e-3 : 1e-8;
      check_values(model, formula, loss);
      check_runs(model, "dpmpp_2m");
      ++pairs;
    });
  });
  CHECK(pairs > 170);
}
