// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <tweedie/forward/diffuse.hpp>
#include <tweedie/model/guided.hpp>
#include <tweedie/model/in_float.hpp>
#include <tweedie/parallel/in_batches.hpp>
#include <tweedie/parallel/threads.hpp>
#include <tweedie/plan/plan_from.hpp>
#include <tweedie/process/edm.hpp>
#include <tweedie/process/flow.hpp>
#include <tweedie/process/vp.hpp>
#include <tweedie/solver/ode/runge_kutta.hpp>
#include <tweedie/tuning/tune.hpp>

#include "support/predicting.hpp"
#include "support/processes.hpp"
#include "support/targets.hpp"

namespace tw = tweedie;
using Eigen::MatrixXd;

namespace {

struct Errors {
  double rms, median;
};
/// The errors of a plan on starts that nothing was tuned on, against the exact ODE.
template <class M>
Errors errors_of(const tw::Plan& plan, const tw::Mixture& data, const M& network, double sigma_min,
                 const MatrixXd& start) {
  static std::vector<std::pair<MatrixXd, MatrixXd>> known;  // the exact ends are what takes long
  MatrixXd exact;
  const MatrixXd key =
      start + MatrixXd::Constant(start.rows(), start.cols(),
                                 data.components()[0].mean()[0] + sigma_min + plan.from().std);
  for (const auto& [of, end] : known)
    if (of.rows() == key.rows() && of.cols() == key.cols() && of == key) exact = end;
  if (exact.size() == 0) {
    exact = targets::exact_ends(data, plan.from(), start, sigma_min);
    known.emplace_back(key, exact);
  }
  const tw::JudgedPlan judged = tw::judged({"", plan}, network, start, exact, tw::Noise{});
  return {judged.rms, judged.median};
}
Errors errors_of(const tw::Plan& plan, const tw::Mixture& data, double sigma_min,
                 const MatrixXd& start) {
  return errors_of(plan, data, data, sigma_min, start);
}
MatrixXd fresh(const tw::Plan& plan, Eigen::Index dim, Eigen::Index count = 512) {
  MatrixXd x(dim, count);
  tw::prior(plan.from(), x, tw::Noise{.seed = 12345});
  return x;
}
/// The eight starts from which the peers' runs on the golden mixture were recorded, of deviation 1.
MatrixXd golden_starts() {
  std::ifstream lines(TWEEDIE_SOURCE "/tests/golden/selection.jsonl");
  for (std::string line; std::getline(lines, line);) {
    if (line.find("\"dpmpp_2m_gmm_karras_n5\"") == std::string::npos) continue;
    const auto one = nlohmann::json::parse(line);
    MatrixXd x(3, 8);
    for (Eigen::Index k = 0; k < 8; ++k)
      for (Eigen::Index i = 0; i < 3; ++i)
        x(i, k) = one["x_init"][std::size_t(k)][std::size_t(i)].get<double>() / 80;
    return x;
  }
  return {};
}
double lowest(const tw::AnyProcess& process) {
  return std::max(process.at(process.t_min).sigma(), 1e-5);
}

const tw::EDM edm;

}  // namespace

TEST_CASE("bar: the golden mixture, on VP, EDM and a flow, for three seeds") {
  const tw::Mixture data = targets::golden();
  const MatrixXd eight = golden_starts();
  REQUIRE(eight.cols() == 8);
  for (const tw::AnyProcess& process :
       {tw::AnyProcess(edm), tw::AnyProcess(tw::VP{}), tw::AnyProcess(tw::Flow{})})
    for (const std::uint64_t seed : {1u, 2u, 3u})
      for (const auto& [nfe, on_fresh, on_golden] : std::vector<std::tuple<int, double, double>>{
               {5, 8e-3, 7e-3}, {10, 8e-4, 8e-4}, {20, 8e-5, 4e-5}}) {
        const tw::Tuned tuned =
            tw::tune(process, data, {.nfe = nfe, .dim = 3, .noise = {.seed = seed}});
        const tw::Plan& plan = tuned.plan();
        INFO(plan.from().sigma() << ", seed " << seed << "\n" << tuned);
        const Errors errors = errors_of(plan, data, lowest(process), fresh(plan, 3));
        // From pure noise the first evaluation says nothing but the data's mean.
        CHECK(errors.rms <= (plan.from().is_pure_noise() ? 1.1 : 1.0) * on_fresh);
        CHECK(tuned.judged.front().median < 1.5 * errors.median);
        CHECK(errors.median < 1.5 * tuned.judged.front().median);
        CHECK(errors_of(plan, data, lowest(process), plan.from().std * eight).rms <= on_golden);
      }
}

TEST_CASE("bar: narrow clusters and data like pictures, against the best untuned plan") {
  const tw::Mixture clusters = targets::sharp(), pictures = targets::like_pictures(64);
  for (const int nfe : {5, 10, 20}) {
    const tw::Tuned of_clusters = tw::tune(edm, clusters, {.nfe = nfe, .dim = 3});
    const tw::Tuned of_pictures = tw::tune(
        edm, pictures, {.nfe = nfe, .dim = 64, .pilots = 32, .checks = 32, .noise = {.seed = 2}});
    const auto errors = [&](const tw::Tuned& tuned, const tw::Mixture& data, tw::PlanKind kind) {
      const tw::Plan& plan = tuned.best(kind)->plan;
      return errors_of(plan, data, 0.002, fresh(plan, data.dim(), data.dim() == 3 ? 512 : 128));
    };
    INFO(of_clusters << of_pictures);
    const Errors fitted = errors(of_clusters, clusters, tw::PlanKind::fitted),
                 untuned = errors(of_clusters, clusters, tw::PlanKind::untuned);
    CHECK(fitted.median < untuned.median / 4);
    CHECK(fitted.rms < 1.3 * untuned.rms);
    CHECK(errors(of_pictures, pictures, tw::PlanKind::fitted).rms <
          errors(of_pictures, pictures, tw::PlanKind::untuned).rms / 2);
    // What is returned is not worse than the best rival, where nothing was tuned or chosen.
    for (const auto* tuned : {&of_clusters, &of_pictures}) {
      const tw::Mixture& data = tuned == &of_clusters ? clusters : pictures;
      CHECK(errors(*tuned, data, tuned->judged.front().kind).rms <
            1.1 * errors(*tuned, data, tw::PlanKind::untuned).rms);
    }
    // The universal plan knows the data's deviation and nothing else.
    CHECK(errors(of_pictures, pictures, tw::PlanKind::universal).rms <
          errors(of_pictures, pictures, tw::PlanKind::untuned).rms / 2);
  }
}

TEST_CASE("bar: data that are moved, and a network with errors") {
  const tw::Mixture data = targets::golden(), moved = targets::golden(3);
  for (const int nfe : {5, 10, 20}) {
    const tw::Tuned tuned = tw::tune(edm, data, {.nfe = nfe, .dim = 3});
    const MatrixXd start = fresh(tuned.plan(), 3);
    INFO(tuned);
    CHECK(errors_of(tuned.plan(), moved, 0.002, start).rms <
          1.5 * errors_of(tuned.plan(), data, 0.002, start).rms);
  }
  auto noisy = tw::predicts_data([&](const auto& x, const tw::Call& call, auto& out) {
    data(x, call, out);
    MatrixXd z(x.rows(), x.cols());
    tw::Noise{.seed = 9}.fill(call.evaluation, z);
    out.matrix() += 1e-3 * z;
  });
  const tw::Tuned tuned =
      tw::tune(edm, data, {.nfe = 10, .dim = 3, .fits = tw::with_ridges({.model_noise = 1e-3})});
  CHECK(errors_of(tuned.plan(), data, noisy, 0.002, fresh(tuned.plan(), 3)).rms < 3e-3);
}

TEST_CASE("bar: a plan for any data of one deviation, without a network") {
  // Errors on the golden mixture at half, once and twice its size, against the best of nine untuned
  // plans, chosen with hindsight.
  for (const double scale : {0.5, 1.0, 2.0}) {
    const tw::Mixture data = targets::golden(0, scale);
    MatrixXd samples(3, 2000);
    data.sample(samples, tw::Noise{.seed = 5});
    for (const auto& [nfe, better] :
         std::vector<std::pair<int, double>>{{5, 3}, {10, 5}, {20, 5}}) {
      const tw::Plan plan = tw::universal(edm, nfe, {.data = tw::deviations(samples)});
      const MatrixXd start = fresh(plan, 3);
      double best = HUGE_VAL;
      for (const tw::NamedPlan& rival : tw::untuned_rivals(edm, tw::focused(edm, nfe), {}))
        best = std::min(best, errors_of(rival.plan, data, 0.002, start).rms);
      const double rms = errors_of(plan, data, 0.002, start).rms;
      INFO("scale " << scale << ", " << nfe << " evaluations: " << rms << ", untuned " << best);
      CHECK(rms * better < best);
    }
  }
}

TEST_CASE("tune: never worse than its rivals on the checks, and a noisy network is found out") {
  const tw::Mixture data = targets::golden();
  // White noise in the state and the label, a fifth of the data's size.
  auto noisy = tw::predicts_data([&](const auto& x, const tw::Call& call, auto& out) {
    data(x, call, out);
    out.array() += 0.2 * (1e4 * x.array() + 1e5 * call.level.lambda()).sin();
  });
  std::vector<std::string> told;
  double last = 0;
  std::int64_t counted = 0;
  auto counting = tw::predicts_data([&](const auto& x, const tw::Call& call, auto& out) {
    counted += x.cols();
    noisy(x, call, out);
  });
  const tw::Tuned tuned = tw::tune(edm, counting,
                                   {.nfe = 8,
                                    .dim = 3,
                                    .pilots = 32,
                                    .checks = 30,
                                    .progress = [&](const std::string& what, double part) {
                                      if (told.empty() || told.back() != what) told.push_back(what);
                                      CHECK(part >= last);
                                      last = part;
                                    }});
  INFO(tuned);
  for (const tw::JudgedPlan& one : tuned.judged) CHECK(tuned.judged.front().rms <= one.rms);
  CHECK(tuned.gain_over_euler < 2);
  CHECK(tuned.evaluations == counted);
  CHECK(last == Approx(1).margin(0.05));
  std::ostringstream text;
  text << tuned;
  CHECK_THAT(text.str(), Contains("noisy in its label"));
  CHECK(told.size() == 6);  // where the levels belong, pilots, checks, rows, judging
  // On other starts the plan that was chosen is not far behind the best untuned one.
  const Errors chosen = errors_of(tuned.plan(), data, noisy, 0.002, fresh(tuned.plan(), 3)),
               untuned = errors_of(tuned.best(tw::PlanKind::untuned)->plan, data, noisy, 0.002,
                                   fresh(tuned.plan(), 3));
  CHECK(chosen.rms < 1.1 * untuned.rms);
}

TEST_CASE("tune: the same for every prediction, in float, in batches and on threads") {
  const tw::TuneOptions options{.nfe = 6, .dim = 3, .pilots = 21, .checks = 10};
  const tw::Tuned of_data = tw::tune(tw::VP{}, targets::golden(), options);
  for (const tw::Prediction prediction : {tw::Prediction::epsilon, tw::Prediction::score,
                                          tw::Prediction::v, tw::Prediction::velocity}) {
    const Predicting model{prediction};
    INFO(tw::name_of(prediction));
    CHECK(tw::tune(tw::VP{}, model, options).judged.front().rms ==
          Approx(of_data.judged.front().rms).epsilon(1e-3));
  }
  tw::Threads threads(2);
  const tw::Tuned in_batches =
      tw::tune(tw::VP{}, tw::in_batches(targets::golden(), 4, threads), options);
  CHECK(in_batches.judged.front().rms == Approx(of_data.judged.front().rms).epsilon(1e-6));
  auto single = tw::predicts_data([](const Eigen::Map<const Eigen::MatrixXf>& x,
                                     const tw::Call& call, Eigen::Map<Eigen::MatrixXf>& out) {
    MatrixXd state = x.cast<double>(), data(x.rows(), x.cols());
    targets::golden()(state, call, data);
    out = data.cast<float>();
  });
  CHECK(tw::tune(tw::VP{}, tw::in_float(single), options).judged.front().rms ==
        Approx(of_data.judged.front().rms).epsilon(0.01));
}

TEST_CASE("tune: ends at t_min, starts of one's own, and other plans compete") {
  const tw::Mixture data = targets::golden();
  const tw::TuneOptions options{.nfe = 8, .dim = 3, .range = {.sigma_max = 2, .to_zero = false}};
  tw::TuneOptions from_images = options;
  // Image to image: starts are noised data.
  from_images.starts = [&](const tw::Level& level, tw::Samples<double>& x, const tw::Noise& noise) {
    MatrixXd images(x.rows(), x.cols());
    data.sample(images, noise.stream("images"));
    tw::diffuse(level, images, noise, x);
  };
  const tw::Plan known =
      tw::make_plan(edm, tw::Heun<tw::InSigma>{}, tw::karras(edm, 4, options.range));
  from_images.rivals = {{"heun in 4 steps", known}};
  const tw::Tuned tuned = tw::tune(edm, data, from_images);
  INFO(tuned);
  CHECK(tuned.plan().to() == edm.at(edm.t_min));
  CHECK(tuned.gain() > 3);
  CHECK(tuned.best(tw::PlanKind::given)->name == "heun in 4 steps");
  CHECK(tuned.best(tw::PlanKind::given)->plan == known);
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
    const tw::Tuned tuned = tw::tune(
        edm, conditional, {.nfe = 6, .dim = 2, .pilots = 33, .noise = {.first_sample = first}});
    INFO(tuned);
    CHECK(tuned.gain() > 3);
  }
}

TEST_CASE("tune: one plan for several weights of guidance, each pilot with its own") {
  const tw::Mixture data = targets::golden();
  const tw::Gaussian first = data.components()[0];
  const auto weight = [](const tw::Call&, std::int64_t sample) { return double(1 + sample % 3); };
  const tw::Tuned mixed =
      tw::tune(edm, tw::guided(first, data, weight), {.nfe = 10, .dim = 3, .pilots = 96});
  CHECK(mixed.gain() > 2);
  // At each weight it is better than a plan that was tuned at another one.
  const tw::Tuned at_1 = tw::tune(edm, tw::guided(first, data, 1), {.nfe = 10, .dim = 3});
  for (const double w : {2.0, 3.0}) {
    const tw::Tuned at_w =
        tw::tune(edm, tw::guided(first, data, w),
                 {.nfe = 10, .dim = 3, .rivals = {{"mixed", mixed.plan()}, {"at 1", at_1.plan()}}});
    const auto rms = [&](const std::string& name) {
      for (const tw::JudgedPlan& one : at_w.judged)
        if (one.name == name) return one.rms;
      return 0.0;
    };
    INFO(w << "\n" << at_w);
    CHECK(rms("mixed") < rms("at 1"));
    CHECK(rms("mixed") < at_w.best(tw::PlanKind::untuned)->rms);
  }
}

TEST_CASE("tuned plans are plans: text to the bit, float, and a process that they belong to") {
  const tw::Mixture data = targets::golden();
  for (const tw::AnyProcess& process : {tw::AnyProcess(edm), tw::AnyProcess(tw::Flow{})}) {
    const tw::Tuned tuned = tw::tune(process, data, {.nfe = 5, .dim = 3});
    CHECK(tuned.plan().nfe() == 5);
    const std::string text = tw::text(tuned.plan(), tw::to_string(tuned));
    CHECK_THAT(text, StartsWith("tweedie plan 2\n# 5 evaluations of "));
    std::istringstream in(text), again(text);
    CHECK(tw::plan_from(in, process) == tuned.plan());
    CHECK_THROWS_WITH(tw::plan_from(again, tw::VP{}),
                      Contains("load it with the process that it was made on"));
    Eigen::MatrixXf x(3, 20);
    MatrixXd y(3, 20);
    tw::prior(tuned.plan().from(), x, tw::Noise{.seed = 77, .as_float = true});
    tw::prior(tuned.plan().from(), y, tw::Noise{.seed = 77, .as_float = true});
    tw::Sampler(tuned.plan(), data, x)(x, tw::Noise{});
    tw::Sampler(tuned.plan(), data, y)(y, tw::Noise{});
    CHECK((x.cast<double>() - y).cwiseAbs().maxCoeff() < 1e-3);
  }
}

TEST_CASE("plan_from: a text whose levels are not the process's is refused") {
  const std::string text = tw::text(tw::universal(edm, 4, {.kinds = 5}));
  const auto refused = [&](const std::string& from, const std::string& to) {
    std::string damaged = text;
    const std::size_t at = damaged.find(from);
    REQUIRE(at != std::string::npos);
    damaged.replace(at, from.size(), to);
    std::istringstream in(damaged);
    INFO(from << " -> " << to);
    CHECK_THROWS_AS(tw::plan_from(in, edm), tw::Error);
  };
  refused("evaluation = 0  t = 80", "evaluation = 0  t = 79");
  refused("from t = 80  scale = 1  std = 80", "from t = 80  scale = 1  std = 70");
  refused("from t = 80", "from t = inf");
  refused("std_rate = 1", "std_rate = inf");
  refused("g2 = 160", "g2 = 161");
  std::istringstream in(text), plain(text);
  CHECK(tw::plan_from(in, edm) == tw::plan_from(plain));
}

TEST_CASE("tune: every process, from noise and from below it, and data of any size") {
  for (const auto& [name, process] : processes()) {
    const tw::Tuned tuned =
        tw::tune(process, targets::golden(), {.nfe = 6, .dim = 3, .pilots = 32});
    INFO(name << "\n" << tuned);
    CHECK(tuned.gain() > 2);
  }
  const tw::Tuned below =
      tw::tune(tw::Flow{}, targets::golden(), {.nfe = 6, .dim = 3, .range = {.t_max = 0.99}});
  CHECK(below.gain() > 2);
  for (const double size : {1e-2, 0.1, 10., 1e4}) {
    const tw::Mixture data = targets::golden(0, size);
    MatrixXd start(3, 32);
    const tw::Grid grid = tw::focused(tw::Flow{}, 6, {.centre = 0.75 * size});
    tw::prior(grid.front(), start, tw::Noise{});
    const MatrixXd end =
        tw::fine_run(tw::Flow{}, data, grid, start, tw::Noise{}, {.focus = {0.75 * size, 3}})
            .back();
    const tw::Mixture unit = targets::golden();
    const tw::Grid of_one = tw::focused(tw::Flow{}, 6);
    const MatrixXd same =
        tw::fine_run(tw::Flow{}, unit, of_one, start, tw::Noise{}, {.focus = {0.75, 3}}).back();
    INFO(size);
    CHECK((end / size - same).cwiseAbs().maxCoeff() < 1e-4);
    const tw::Tuned tuned = tw::tune(tw::Flow{}, data, {.nfe = 6, .dim = 3});
    CHECK(tuned.focus.centre == Approx(0.9 * size).epsilon(0.3));
    CHECK(tuned.judged.front().rms < 0.01 * size);
  }
}

TEST_CASE("tune: a network that is not finite, and starts that do not change, are Errors") {
  auto broken = tw::predicts_data([](const auto& x, const tw::Call& call, auto& out) {
    out = 0.5 * x;
    if (call.first_sample > 0) out(0, 1) = NAN;
  });
  CHECK_THROWS_WITH(tw::tune(edm, broken, {.nfe = 5, .dim = 2}), Contains("not finite"));
  CHECK_THROWS_WITH(
      tw::tune(edm, targets::golden(),
               {.nfe = 5,
                .dim = 3,
                .starts = [](const tw::Level&, auto& x, const tw::Noise&) { x.setOnes(); }}),
      Contains("the same samples"));
}

TEST_CASE("focused: Cauchy in log sigma, its end, and its focus follows the data") {
  const auto place = [&](const tw::Level& l) { return std::atan(std::log(1 / l.sigma()) / 1.5); };
  for (const int steps : {5, 21, 60}) {
    const tw::Grid grid = tw::focused(edm, steps, {.centre = 1, .width = 1.5});
    INFO(steps);
    CHECK(grid.steps() == steps);
    CHECK(grid.back().is_clean_data());
    for (int k = 1; k < steps - 1; ++k)
      CHECK(place(grid[k + 1]) - place(grid[k]) ==
            Approx(place(grid[k]) - place(grid[k - 1])).epsilon(1e-9));
    // Below the range nothing is evaluated; a few steps do not go down to it for nothing.
    CHECK(grid[steps - 1].sigma() >= 0.002 * (1 - 1e-12));
    if (steps == 5) CHECK(grid[4].sigma() > 0.05);
  }
  CHECK(tw::focused(edm, 5, {}, {.to_zero = false}).back() == edm.at(edm.t_min));
  CHECK(tw::focused(tw::Flow{}, 6).front().is_pure_noise());
  const MatrixXd x = targets::normals(4, 4000, 1);
  CHECK(tw::focus_of(x).centre == Approx(0.75).epsilon(0.05));  // e = s = 1
  CHECK(tw::focus_of(x).width == Approx(0.95).margin(0.05));
  CHECK(tw::focus_of(MatrixXd(3 * x)).centre == Approx(2.25).epsilon(0.05));
  MatrixXd uneven = x;
  uneven.row(0) *= 10;  // e^2 = (100^2 + 3) / 103
  CHECK(tw::deviations(uneven).effective == Approx(std::sqrt(10003. / 103)).epsilon(0.05));
  CHECK(tw::deviations(uneven).mean == Approx(std::sqrt(103. / 4)).epsilon(0.05));
  // Few samples of many coordinates, of white data.
  for (const Eigen::Index count : {8, 16, 64})
    CHECK(tw::deviations(targets::normals(3072, count, 3)).effective == Approx(1).epsilon(0.1));
}

TEST_CASE("refined: has the grid's levels, about so many steps, and ends where it should") {
  for (const auto& [name, process] : processes()) {
    const tw::Grid grid = tw::karras(process, 7, {.sigma_max = 30, .sigma_min = 0.01});
    const tw::Grid fine = tw::refined(process, grid, {.steps = 100});
    INFO(name);
    int found = 0;
    for (const tw::Level& l : fine.levels()) found += l == grid[std::min(found, 7)];
    CHECK(found == 8);
    CHECK(fine.steps() >= 90);
    CHECK(fine.steps() <= 115);
  }
  const tw::Grid down = tw::refined(edm, tw::focused(edm, 4), {.sigma_min = 0.005});
  CHECK(down[down.steps() - 1].sigma() == Approx(0.005));
}

TEST_CASE("fit_rows: noise in the model, a window, and the pull towards a usual plan") {
  const tw::Mixture data = targets::golden();
  const tw::Grid grid = tw::focused(edm, 8);
  const tw::Noise noise{.seed = 1};
  MatrixXd start(3, 64);
  tw::prior(grid.front(), start, noise);
  const tw::Pilots pilots = tw::fine_run(edm, data, grid, start, noise);
  const tw::Plan usual = tw::make_plan(edm, tw::DPMSolverPP2M{}, grid);
  const auto plan = [&](const tw::FitOptions& options) {
    return tw::fit_rows(data, grid, pilots, usual, options);
  };
  const auto squares = [](const tw::Plan& of) {
    double sum = 0;
    for (const tw::Row& row : of.rows())
      if (const auto* update = std::get_if<tw::Update>(&row))
        for (const tw::Term& term : update->terms) sum += term.weight * term.weight;
    return sum;
  };
  CHECK(squares(plan({.model_noise = 0.1})) < 0.8 * squares(plan({})));
  std::size_t most = 0;
  for (const tw::Row& row : plan({.window = 2}).rows())
    if (const auto* update = std::get_if<tw::Update>(&row))
      most = std::max(most, update->terms.size());
  CHECK(most == 4);  // the state, the last two and the first
  // A strong pull makes the usual plan, here 2M, which reads epsilon too.
  const tw::Plan pulled = plan({.ridge = 1e12, .shift = 0});
  CHECK(errors_of(pulled, data, 0.002, fresh(usual, 3, 64)).rms ==
        Approx(errors_of(usual, data, 0.002, fresh(usual, 3, 64)).rms).epsilon(1e-3));
}

TEST_CASE("universal: the same plan in the data's own units") {
  const tw::Plan one = tw::universal(edm, 6, {.range = {.sigma_max = 40, .sigma_min = 0.01}}),
                 two = tw::universal(edm, 6,
                                     {.data = {2}, .range = {.sigma_max = 80, .sigma_min = 0.02}});
  MatrixXd x = fresh(one, 3, 20), y = 2 * x;
  tw::Sampler(one, targets::golden(), x)(x, tw::Noise{});
  tw::Sampler(two, targets::golden(0, 2), y)(y, tw::Noise{});
  CHECK((y - 2 * x).cwiseAbs().maxCoeff() < 1e-4);
  // It was fitted to data of mean 0, and serves others by the shift condition alone.
  const auto rms = [](double shift) {
    const tw::Plan plan = tw::universal(edm, 8, {.shift = shift});
    return errors_of(plan, targets::golden(3), 0.002, fresh(plan, 3, 64)).rms;
  };
  CHECK(rms(1) < rms(0) / 5);
}

TEST_CASE("in_batches, in_float: what the model says, with the samples' numbers") {
  auto numbers = tw::predicts_data([](const auto& x, const tw::Call& call, auto& out) {
    for (Eigen::Index k = 0; k < x.cols(); ++k)
      out.col(k).setConstant(static_cast<typename std::decay_t<decltype(out)>::Scalar>(
          100 * x.cols() + call.first_sample + k));
  });
  tw::Threads threads(2);
  const MatrixXd x = MatrixXd::Zero(2, 7);
  MatrixXd y(2, 7);
  const Eigen::Map<const MatrixXd> in(x.data(), 2, 7);
  Eigen::Map<MatrixXd> out(y.data(), 2, 7);
  tw::in_batches(numbers, 3, threads)(in, tw::Call{.level = {}, .first_sample = 40}, out);
  CHECK(y.row(1) == (Eigen::RowVectorXd(7) << 340, 341, 342, 343, 344, 345, 146).finished());
  tw::in_batches(numbers, 10)(in, tw::Call{.level = {}, .first_sample = 40}, out);
  CHECK(y.row(0) == Eigen::RowVectorXd::LinSpaced(7, 740, 746));
  auto rounds = tw::predicts_data([](const auto& state, double, auto& data) {
    static_assert(std::is_same_v<typename std::decay_t<decltype(state)>::Scalar, float>);
    data = state;
  });
  y.setConstant(1.0 / 3);
  const MatrixXd third = y;
  const Eigen::Map<const MatrixXd> thirds(third.data(), 2, 7);
  tw::in_float(rounds)(thirds, tw::Call{}, out);
  CHECK(y(0, 0) == double(1.0f / 3));
}
