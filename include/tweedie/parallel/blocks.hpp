// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>

#include "tweedie/error.hpp"

namespace tweedie {

/// Columns are dealt out in blocks of `columns`. A program that runs as several, as `rank` of
/// `ranks`, makes a part of the blocks in each.
struct BlockOptions {
  std::int64_t columns = 4096, rank = 0, ranks = 1;
};

/// One thread, the caller's. Threads of parallel/threads.hpp has the same form.
struct OneThread {
  static constexpr int count() { return 1; }
  /// Calls f(task, thread) for task = 0 to tasks - 1.
  void operator()(std::int64_t tasks, auto&& f) const {
    for (std::int64_t task = 0; task < tasks; ++task) f(task, 0);
  }
};

namespace verbs {

/// Calls body(begin, end) or body(begin, end, thread) for blocks of `count` columns. With
/// noise.from_sample(begin) and a model that treats columns independently, the bytes are the same
/// for any blocks, threads and ranks.
///
///     for_each_block(10'000'000, {.columns = 4096, .rank = rank, .ranks = ranks},
///                    [&](std::int64_t begin, std::int64_t end) { ... });
template <class Threads = OneThread>
void for_each_block(std::int64_t count, const BlockOptions& options, auto&& body,
                    Threads&& threads = {}) {
  check(count >= 0, "for_each_block: count = ", count, " must be at least 0");
  check(options.columns >= 1, "for_each_block: columns = ", options.columns, " must be at least 1");
  check(options.rank >= 0 && options.rank < options.ranks, "for_each_block: rank = ", options.rank,
        " must lie from 0 to below ranks = ", options.ranks);
  const std::int64_t columns = std::min(options.columns, std::max<std::int64_t>(count, 1));
  const std::int64_t blocks = (count + columns - 1) / columns;
  const std::int64_t ours =
      blocks <= options.rank ? 0 : (blocks - options.rank - 1) / options.ranks + 1;
  threads(ours, [&](std::int64_t task, int thread) {
    const std::int64_t begin = (options.rank + task * options.ranks) * columns;
    const std::int64_t end = std::min(begin + columns, count);
    if constexpr (requires { body(begin, end, thread); })
      body(begin, end, thread);
    else
      body(begin, end);
  });
}

}  // namespace verbs
using namespace verbs;

}  // namespace tweedie
