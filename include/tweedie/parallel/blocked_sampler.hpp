// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "tweedie/parallel/blocks.hpp"
#include "tweedie/run/sampler.hpp"

namespace tweedie {

/// Noise of which any columns can be had.
template <class Source>
concept SplittableNoise = CounterNoise<Source> && requires(const Source& noise) {
  noise.from_sample(noise.first_sample);
};

struct BlockedOptions {
  std::int64_t columns = 0;  ///< of a block; 0: as many as keep the buffers in 256 KiB
};

/// A Sampler that runs the whole plan on one block of columns after the other, so that its buffers
/// stay in cache, and on several threads if it is given some. For models that treat columns
/// independently; each thread has a copy of the model. The bytes are those of a Sampler.
///
///     BlockedSampler sampler(plan, model, x);            // blocks of a size that suits the cache
///     Threads threads(4);
///     BlockedSampler sampler(plan, model, x, {.columns = 64}, threads);
template <class Plain, class M, class Runner = OneThread, class Isa = simd::InstructionSet>
class BlockedSampler {
 public:
  static_assert(Plain::ColsAtCompileTime == Eigen::Dynamic,
                "a blocked sampler needs a state whose number of columns is dynamic");
  using Scalar = typename Plain::Scalar;

  template <class X>
  BlockedSampler(const Plan& plan, const M& model, const X& x, BlockedOptions options,
                 Runner& runner)
      : runner_(&runner), dim_(x.rows()), count_(x.cols()) {
    check(!plan.couples_samples(), "BlockedSampler: ", plan.solver(),
          " takes norms over the batch (by_batch_norms), which blocks do not have; use a Sampler");
    check(options.columns >= 0, "BlockedSampler: columns = ", options.columns,
          " must be at least 0");
    samplers_.emplace_back(plan, model, dim_, 0);
    const std::int64_t bytes = std::max<std::int64_t>(1, dim_) * std::int64_t{sizeof(Scalar)} *
                               (samplers_[0].buffers() + 1);
    columns_ =
        options.columns > 0 ? options.columns : std::max<std::int64_t>(1, (256 << 10) / bytes);
    columns_ = std::clamp<std::int64_t>(columns_, 1, std::max<std::int64_t>(1, count_));
    samplers_.clear();
    for (int k = 0; k < runner_->count(); ++k) samplers_.emplace_back(plan, model, dim_, columns_);
    samplers_.emplace_back(plan, model, dim_, count_ % columns_);  // for the last block
  }
  template <class X>
  BlockedSampler(const Plan& plan, const M& model, const X& x, BlockedOptions options = {})
      : BlockedSampler(plan, model, x, options, one_thread()) {}
  template <class X>
  BlockedSampler(const Plan&, const M&, const X&, BlockedOptions, Runner&&) {
    static_assert(!State<X>,
                  "the threads outlive the sampler, so they have a name: Threads threads(4);");
  }

  /// Takes x from the first level of the plan to the last, in place. The noise can be had
  /// piecewise.
  template <class X, class Source>
  void operator()(X&& x, const Source& noise) {
    static_assert(verbs::require_state<X>());
    static_assert(SplittableNoise<Source>,
                  "blocks need noise of which any columns can be had: Noise, Seeds, BrownianPath");
    check(x.rows() == dim_ && x.cols() == count_, "BlockedSampler: the state is ", x.rows(), " x ",
          x.cols(), ", the sampler was made for ", dim_, " x ", count_);
    verbs::for_each_block(
        count_, {.columns = columns_},
        [&](std::int64_t begin, std::int64_t end, int thread) {
          const bool full = end - begin == columns_;
          auto& sampler = full ? samplers_[static_cast<std::size_t>(thread)] : samplers_.back();
          Eigen::Map<Plain> block(x.data() + begin * dim_, dim_, end - begin);
          sampler(block, noise.from_sample(noise.first_sample + begin));
        },
        *runner_);
  }

  std::int64_t columns() const { return columns_; }

 private:
  Runner* runner_;
  Eigen::Index dim_, count_;
  std::int64_t columns_ = 1;
  std::vector<Sampler<Plain, M, Isa>> samplers_;  // one per thread, and the last block's

  static OneThread& one_thread() requires std::same_as<Runner, OneThread> {
    static OneThread runner;
    return runner;
  }
};

template <class M, class X>
BlockedSampler(const Plan&, M, const X&, BlockedOptions = {}) -> BlockedSampler<PlainOf<X>, M>;
template <class M, class X, class Runner>
BlockedSampler(const Plan&, M, const X&, BlockedOptions, Runner&&)
    -> BlockedSampler<PlainOf<X>, M, std::remove_cvref_t<Runner>>;

}  // namespace tweedie
