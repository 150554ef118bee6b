// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <cmath>
#include <sstream>
#include <vector>

#include <tweedie/distribution/mixture.hpp>
#include <tweedie/plan/plan_from.hpp>
#include <tweedie/plan/text.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/flow.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/tuning/tune.hpp>

#include "support/processes.hpp"

namespace tw = tweedie;
using Eigen::MatrixXd;

namespace {

tw::Mixture three_blobs(double moved = 0) {
  MatrixXd C(3, 3);
  C << 0.6, 0.2, 0, 0.2, 0.4, 0.1, 0, 0.1, 0.5;
  const auto at = [=](double x, double y, double z, const MatrixXd& covariance) {
    return tw::Gaussian(Eigen::Vector3d(x + moved, y + moved, z + moved), covariance);
  };
  const MatrixXd I = MatrixXd::Identity(3, 3);
  return tw::Mixture({0.4, 0.3, 0.3},
                     {at(1, -1, 0, C), at(-1, 0.5, 0.3, 0.3 * I), at(0, 0.5, -1, 0.1 * I)});
}
double best_untuned(const tw::Tuned& tuned) {
  double best = 1e300;
  for (const tw::JudgedPlan& one : tuned.judged)
    if (one.name.find("fitted") == std::string::npos) best = std::min(best, one.rms);
  return best;
}

}  // namespace

TEST_CASE("tune: fitted rows beat the best untuned plan, on starts that they were not fitted to") {
  const tw::Mixture data = three_blobs();
  for (const tw::AnyProcess& process : {tw::AnyProcess(tw::EDM{}), tw::AnyProcess(tw::VP{}),
                                        tw::AnyProcess(tw::Flow{.t_min = 1e-3, .t_max = 0.99})})
    for (const auto& [nfe, gain] : std::vector<std::pair<int, double>>{{5, 3}, {10, 6}, {20, 8}}) {
      const tw::Tuned tuned = tw::tune(process, data, {.nfe = nfe, .dim = 3});
      INFO(nfe << "\n" << tuned);
      CHECK(best_untuned(tuned) > gain * tuned.judged.front().rms);
      CHECK(tuned.gain() == Approx(best_untuned(tuned) / tuned.judged.front().rms));
      CHECK(tuned.plan().nfe() == nfe);
      // Against another judge: Dormand-Prince's solution is what the fine run says it is, and the plan
      // a Plan like any other, also as text and in float.
      std::istringstream in(tw::text(tuned.plan(), "tuned for three blobs"));
      CHECK(tw::plan_from(in) == tuned.plan());
      Eigen::MatrixXf x(3, 20);
      MatrixXd y(3, 20);
      tw::prior(tuned.plan().from(), x, tw::Noise{.seed = 77, .as_float = true});
      tw::prior(tuned.plan().from(), y, tw::Noise{.seed = 77, .as_float = true});
      tw::Sampler(tuned.plan(), data, x)(x, tw::Noise{});
      tw::Sampler(tuned.plan(), data, y)(y, tw::Noise{});
      CHECK((x.cast<double>() - y).cwiseAbs().maxCoeff() < 1e-3);
    }
}

TEST_CASE("tune: never worse than its rivals on the checks, and a noisy network is found out") {
  const tw::Mixture data = three_blobs();
  // White noise in the state and the label, a fifth of the data's size.
  auto noisy = tw::predicts_data([&](const auto& x, const tw::Call& call, auto& out) {
    data(x, call, out);
    out.array() += 0.2 * (1e4 * x.array() + 1e5 * call.level.lambda()).sin();
  });
  std::vector<std::string> told;
  const tw::Tuned tuned = tw::tune(
      tw::EDM{}, noisy,
      {.nfe = 8, .dim = 3, .pilots = 32, .checks = 32, .progress = [&](const std::string& what) {
         told.push_back(what);
       }});
  INFO(tuned);
  CHECK(tuned.judged.front().rms <= best_untuned(tuned));
  CHECK(tuned.gain() < 2);  // none is to be had
  std::ostringstream text;
  text << tuned;
  CHECK_THAT(text.str(), Contains("fitting does not help this network much"));
  CHECK(told.size() == 5);  // three fine runs, the rows, the rivals
}

TEST_CASE("focused: Cauchy in log sigma, and its focus follows the data") {
  const tw::EDM edm;
  const tw::Grid grid = tw::focused(edm, 21, {.centre = 1, .width = 1.5});
  for (int k = 1; k < 19; ++k) {
    const auto place = [&](int j) { return std::atan(std::log(1 / grid[j].sigma()) / 1.5); };
    CHECK(place(k + 1) - place(k) == Approx(place(k) - place(k - 1)).epsilon(1e-9));
  }
  CHECK(grid.back().is_clean_data());
  MatrixXd x(4, 4000);
  tw::Noise{.seed = 1}.fill(0, x);
  CHECK(tw::focus_of(x).centre == Approx(0.75).epsilon(0.05));  // e = s = 1
  CHECK(tw::focus_of(x).width == Approx(1.1).margin(0.05));
  CHECK(tw::focus_of(3 * x).centre == Approx(2.25).epsilon(0.05));
  x.row(0) *= 10;  // e^2 = (100^2 + 3) / 103
  CHECK(tw::focus_of(x).centre == Approx(0.75 * std::sqrt(10003. / 103)).epsilon(0.05));
}

TEST_CASE("tune: each pilot keeps the condition of its sample") {
  // Samples with an even number belong to one class, the others to another.
  auto conditional = tw::predicts_data([](const auto& x, const tw::Call& call, auto& out) {
    const double gain =
        0.2 * call.level.scale /
        (0.2 * call.level.scale * call.level.scale + call.level.std * call.level.std);
    for (Eigen::Index k = 0; k < x.cols(); ++k) {
      const double centre = (call.first_sample + k) % 2 == 0 ? 1 : -2;
      out.col(k).array() = centre + gain * (x.col(k).array() - call.level.scale * centre);
    }
  });
  // Gaussians of one variance: fitted rows are exact, if the classes are the same in both.
  for (const std::int64_t first : {0, 1}) {
    const tw::Tuned tuned =
        tw::tune(tw::EDM{}, conditional,
                 {.nfe = 6, .dim = 2, .pilots = 33, .noise = {.first_sample = first}});
    INFO(tuned);
    CHECK(tuned.gain() > 3);
  }
}

TEST_CASE("fit_rows: with the shift condition a plan serves data of another mean") {
  const tw::EDM edm;
  const tw::Grid grid = tw::focused(edm, 8);
  const tw::Noise noise{.seed = 1}, other{.seed = 2};
  const tw::Pilots pilots = tw::fine_run(edm, three_blobs(), grid, 3, 64, noise, 20);
  const auto rms = [&](double shift, double moved) {
    const tw::Mixture data = three_blobs(moved);
    const tw::Plan plan = tw::fit_rows(edm, three_blobs(), grid, pilots, {.shift = shift});
    const tw::Pilots truth = tw::fine_run(edm, data, grid, 3, 64, other, 20);
    return tw::judge("", true, plan, data, truth.front(), truth.back(), other).rms;
  };
  CHECK(rms(1, 3) < 1.2 * rms(1, 0));
  CHECK(rms(0, 3) > 1.5 * rms(0, 0));
}
