// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <vector>

#include "tweedie/model/wrapped.hpp"
#include "tweedie/parallel/blocks.hpp"

namespace tweedie {

/// Calls on `columns` samples at most at a time, on several threads. The first uses the model itself,
/// the others a copy each.
template <class M, class Threads>
struct Batches {
  Eigen::Index columns;
  Threads* threads;
  std::vector<M> copies;

  Output output(const Output& inner) const { return inner; }
  template <class Plain>
  using Asks = Samples<typename Plain::Scalar>;
  Eigen::Index asked(Eigen::Index count) const { return std::min(count, columns); }

  void operator()(M& model, const auto& x, const Call& call, auto&... outs) {
    for_each_batch(model, x, call, [&](M& own, const Call& seen, auto part) {
      const auto in = part(x);
      auto parts = std::tuple(part(outs)...);
      std::apply([&](auto&... all) { verbs::ask(own, in, seen, all...); }, parts);
    });
  }
  void vjp(M& model, const auto& x, const Call& call, const auto& v, auto& out) {
    for_each_batch(model, x, call, [&](M& own, const Call& seen, auto part) {
      auto product = part(out);
      own.vjp(part(x), seen, part(v), product);
    });
  }
  template <class Plain>
  void reserve(Eigen::Index dim, Eigen::Index count) {
    for (M& copy : copies) verbs::reserve<Asks<Plain>>(copy, dim, asked(count));
  }

 private:
  /// f(model, call, part) for each batch, where part(array) is a view of its columns.
  void for_each_batch(M& model, const auto& x, const Call& call, const auto& f) {
    for_each_block(
        x.cols(), {.columns = columns},
        [&](std::int64_t begin, std::int64_t end, int thread) {
          Call seen = call;
          seen.first_sample += begin;
          const auto part = [begin, end]<class A>(A& array) {
            constexpr bool reads = std::is_const_v<std::remove_pointer_t<decltype(array.data())>>;
            using Plain = Samples<typename A::Scalar>;
            return Eigen::Map<std::conditional_t<reads, const Plain, Plain>>(
                array.data() + begin * array.rows(), array.rows(), end - begin);
          };
          f(thread == 0 ? model : copies[static_cast<std::size_t>(thread - 1)], seen, part);
        },
        *threads);
  }
};

namespace verbs {

/// A model that is called on `columns` samples at most at a time: for networks whose own memory grows
/// with the batch, and on several threads, each with a copy of its own. call.first_sample is the
/// number of each batch's first column. The threads outlive it.
template <Predictor M, class Threads>
Wrapped<Batches<M, Threads>, M> in_batches(const M& model, Eigen::Index columns, Threads& threads) {
  check(columns >= 1, "in_batches: ", columns, " columns; at least 1 is needed");
  const auto others = static_cast<std::size_t>(threads.count() - 1);
  return verbs::wrapped(Batches<M, Threads>{columns, &threads, std::vector<M>(others, model)},
                        model);
}
template <Predictor M>
Wrapped<Batches<M, const OneThread>, M> in_batches(const M& model, Eigen::Index columns) {
  static constexpr OneThread one;
  return verbs::in_batches(model, columns, one);
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
