// SPDX-License-Identifier: MIT
// Plans tuned to the digits' network, judged beside untuned ones: by their distance from a fine run on starts
// that they were not tuned on, and by the Frechet distance of 500 samples from held-out digits.
//
//     digits_tuned [--out FILE.png]     prints a table, writes tuned_5.plan, tuned_8.plan and
//                                       tuned_12.plan here, and a sheet of 5 evaluations
#include <cstdio>
#include <fstream>
#include <string>
#include <tweedie/parallel/in_batches.hpp>
#include <tweedie/tuning/tune.hpp>
#include <vector>

#include "frechet.hpp"
#include "models.hpp"
#include "png.hpp"

std::vector<int> all_classes(int count) {
  std::vector<int> classes;
  for (int k = 0; k < count; ++k) classes.push_back(k % 10);
  return classes;
}
const std::vector<int> classes = all_classes(500);

tw::Tuned tuned(const auto& model, int evaluations) {
  return tw::tune(edm, tw::in_batches(model, 5, threads()),
                  {.nfe = evaluations,
                   .dim = 784,
                   .pilots = 20,
                   .checks = 32,
                   .range = trained,
                   .rivals = {{"euler, karras", tw::make_plan(edm, "euler", grid(evaluations))}},
                   .progress = [&](const std::string& what, double part) {
                     std::fprintf(stderr, "\r%2d evaluations: %3.0f %%, %-50s", evaluations,
                                  100 * part, what.c_str());
                   }});
}

double frechet(const auto& model, const tw::Plan& plan) {
  static const DigitsClassifier classifier(folder + "/classifier.weights");
  static const FeatureMoments held_out = FeatureMoments::read(folder + "/classifier.held_out");
  return held_out.distance(moments_of(classifier.features(sample(model, plan, 500, 11))));
}

const tw::JudgedPlan& named(const tw::Tuned& all, const std::string& name) {
  for (const tw::JudgedPlan& one : all.judged)
    if (one.name == name) return one;
  return all.judged.back();
}
const tw::JudgedPlan& best_on_usual_grids(const tw::Tuned& all) {
  for (const tw::JudgedPlan& one : all.judged)
    if (one.kind == tw::PlanKind::untuned && one.name.find("focused") == std::string::npos)
      return one;
  return all.judged.back();
}
std::vector<const tw::JudgedPlan*> shown(const tw::Tuned& all) {
  return {all.best(tw::PlanKind::fitted),  all.best(tw::PlanKind::universal),
          all.best(tw::PlanKind::untuned), &best_on_usual_grids(all),
          &named(all, "dpmpp_2m, karras"), &named(all, "euler, karras")};
}

// One row of the table: rms and median distance of each plan, and the Frechet distance.
void judge(const auto& model, int evaluations) {
  const tw::Tuned all = tuned(model, evaluations);
  std::fprintf(stderr, "\n");
  std::printf("%11d  %4.1f", evaluations, all.gain_over_euler);
  const std::vector<const tw::JudgedPlan*> plans = shown(all);
  for (std::size_t k = 0; k < plans.size(); ++k) {
    std::printf("  %.4f (%.4f)", plans[k]->rms, plans[k]->median);
    if (k != 3 && k != 5) std::printf(" %4.1f", frechet(model, plans[k]->plan));
  }
  std::printf("  %s; %s\n", plans[2]->name.c_str(), plans[3]->name.c_str());
  std::fflush(stdout);
}

// The same 20 digits in 5 evaluations: a fine run, and then as in the table.
void sheet(const std::string& path) {
  const auto model = of_classes(classes);
  Sheet pictures(7, 20);
  const auto put = [&](int row, const MatrixXf& x) {
    for (int k = 0; k < 20; ++k) pictures.put(row, k, x.col(k));
  };
  put(0, sample(model, tw::REAB{.order = 4}, tw::focused(edm, 120, {1, 3}, trained), 20, 7));
  const tw::Tuned all = tuned(model, 5);
  int row = 1;
  for (const tw::JudgedPlan* one : shown(all)) put(row++, sample(model, one->plan, 20, 7));
  pictures.save(path);
}

int main(int argc, char** argv) {
  const std::string path = argc > 2 ? argv[2] : "digits_tuned.png";
  sheet(path);
  for (const int evaluations : {5, 8, 12}) {  // for weights 1, 1.5 and 2 at once
    const auto weight = [](const tw::Call&, std::int64_t k) { return 1 + 0.5 * double(k % 3); };
    const tw::Tuned all = tuned(guided(classes, weight), evaluations);
    std::ofstream("tuned_" + std::to_string(evaluations) + ".plan")
        << tw::text(all.plan(), tw::to_string(all));
    std::printf("guidance 1 to 2 in one plan, %d evaluations: fitted %.4f, best untuned %.4f\n",
                evaluations, all.best(tw::PlanKind::fitted)->rms,
                all.best(tw::PlanKind::untuned)->rms);
  }
  for (const double weight : {1.0, 2.0}) {
    std::printf(
        "guidance %g\nevaluations  gain  fitted              universal           "
        "best untuned        on usual grids   dpmpp_2m, karras    euler, karras\n",
        weight);
    for (const int evaluations : {4, 5, 8, 10, 12, 20})
      if (weight == 1)
        judge(of_classes(classes), evaluations);
      else
        judge(guided(classes, weight), evaluations);
  }
}
