// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <string>
#include <vector>

/// One solver with one budget of network evaluations (NFE) on one process.
struct Result {
  std::string solver;
  int order, nfe;
  double exact;  // 2-Wasserstein distance to the perfect answer, by the recursion
  double sampled, lowest, highest;  // the same from samples, with its 95 % interval
  double nanoseconds;               // per evaluation and element, the model's formula included

  bool agrees() const { return lowest <= exact && exact <= highest; }
};

struct Study {
  std::string process;
  double floor;  // the error that starting from the prior alone makes
  std::vector<Result> results;
};

/// Samples of one solver beside the ellipse of two standard deviations of the data.
struct Cloud {
  std::string solver;
  double error;
  Eigen::Matrix2Xd samples, ellipse;
};

/// Upper half: what few evaluations make of the data. Lower half: error against evaluations.
void draw(const std::vector<Cloud>& clouds, const std::vector<Study>& studies,
          const std::vector<int>& budgets, const std::string& path);
