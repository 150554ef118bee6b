// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>

#include "tweedie/error.hpp"

namespace tweedie {

/// Columns are dealt out in blocks of `columns`; a program that runs as several, each with its
/// `first` below `stride`, makes a part of the blocks in each.
struct BlockOptions {
  std::int64_t columns = 4096, first = 0, stride = 1;
};

/// One thread, the caller's. Threads of run/threads.hpp has the same form.
struct OneThread {
  static constexpr int count() { return 1; }
  /// Calls f(task, thread) for task = 0 to tasks - 1.
  void operator()(std::int64_t tasks, auto&& f) const {
    for (std::int64_t task = 0; task < tasks; ++task) f(task, 0);
  }
};

/// Calls body(begin, end) or body(begin, end, thread) for blocks of `count` columns. With
/// noise.from_sample(begin) and a model that treats columns independently, the bytes are the same
/// for any blocks, threads and parts.
///
///     for_each_block(10'000'000, {.columns = 4096, .first = rank, .stride = ranks},
///                    [&](std::int64_t begin, std::int64_t end) { ... });
struct ForEachBlock {
  template <class Threads = OneThread>
  void operator()(std::int64_t count, const BlockOptions& options, auto&& body,
                  Threads&& threads = {}) const {
    check(count >= 0 && options.columns >= 1, "for_each_block: count = ", count,
          " and columns = ", options.columns, " must be at least 0 and 1");
    check(options.first >= 0 && options.first < options.stride,
          "for_each_block: first = ", options.first,
          " must lie from 0 to below stride = ", options.stride);
    const std::int64_t columns = std::min(options.columns, std::max<std::int64_t>(count, 1));
    const std::int64_t blocks = (count + columns - 1) / columns;
    const std::int64_t ours =
        blocks <= options.first ? 0 : (blocks - options.first - 1) / options.stride + 1;
    threads(ours, [&](std::int64_t task, int thread) {
      const std::int64_t begin = (options.first + task * options.stride) * columns;
      const std::int64_t end = std::min(begin + columns, count);
      if constexpr (requires { body(begin, end, thread); })
        body(begin, end, thread);
      else
        body(begin, end);
    });
  }
};
inline constexpr ForEachBlock for_each_block{};

}  // namespace tweedie
