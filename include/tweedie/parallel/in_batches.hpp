// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "tweedie/model/model.hpp"
#include "tweedie/model/scratch.hpp"
#include "tweedie/parallel/blocks.hpp"

namespace tweedie {

/// A model that is called on `columns` samples at most at a time: for networks whose own memory grows
/// with the batch, and on several threads, each with a copy of its own. call.first_sample is the
/// number of each batch's first column. The threads outlive it.
template <Predictor M, class Threads>
class InBatches {
 public:
  Output prediction;

  InBatches(const M& model, Eigen::Index columns, Threads& threads)
      : prediction(model.prediction),
        models_(static_cast<std::size_t>(threads.count()), model),
        columns_(columns),
        threads_(&threads) {
    check(columns >= 1, "in_batches: ", columns, " columns; at least 1 is needed");
  }

  template <class Out>
  void operator()(const auto& x, const Call& call, Out& out) {
    using Batch = Samples<typename Out::Scalar>;
    for_each_block(
        x.cols(), {.columns = columns_},
        [&](std::int64_t begin, std::int64_t end, int thread) {
          const Eigen::Map<const Batch> in(x.data() + begin * x.rows(), x.rows(), end - begin);
          Eigen::Map<Batch> part(out.data() + begin * x.rows(), x.rows(), end - begin);
          Call own = call;
          own.first_sample += begin;
          models_[static_cast<std::size_t>(thread)](in, own, part);
        },
        *threads_);
  }
  template <class Plain>
  void reserve(Eigen::Index dim, Eigen::Index count) {
    for (M& model : models_)
      verbs::reserve<Samples<typename Plain::Scalar>>(model, dim, std::min(count, columns_));
  }

 private:
  std::vector<M> models_;
  Eigen::Index columns_;
  Threads* threads_;
};

namespace verbs {

template <Predictor M, class Threads>
InBatches<M, Threads> in_batches(const M& model, Eigen::Index columns, Threads& threads) {
  return {model, columns, threads};
}
template <Predictor M>
InBatches<M, const OneThread> in_batches(const M& model, Eigen::Index columns) {
  static constexpr OneThread one;
  return {model, columns, one};
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
