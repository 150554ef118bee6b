// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

#include "tweedie/error.hpp"

namespace tweedie {

/// Threads that live until the end of the scope and take tasks as they get free: opt-in, since the
/// library starts none by itself. The calling thread is one of them. Giving out tasks allocates
/// nothing. Link with the system's threads (-pthread).
///
///     Threads threads(4);
///     for_each_block(count, {.columns = 4096}, body, threads);
class Threads {
 public:
  explicit Threads(int count = static_cast<int>(std::thread::hardware_concurrency())) {
    check(count >= 0, "Threads: count = ", count, " must be at least 0");
    verbs::attempt(
        [&] {
          for (int k = 1; k < count; ++k) workers_.emplace_back([this, k] { work(k); });
        },
        [&](const std::exception_ptr& failure) {  // the system has no more: those that run must end
          stop();
          std::rethrow_exception(failure);
        });
  }
  ~Threads() { stop(); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

  int count() const { return static_cast<int>(workers_.size()) + 1; }

  /// Calls f(task, thread) for task = 0 to tasks - 1, each once, on whichever thread is free, and
  /// returns when all are done. The first exception is thrown again here, after the tasks that had
  /// begun. Throws Error when called from within f, or while another thread's call goes on.
  template <class F>
  void operator()(std::int64_t tasks, F&& f) {
    check(!busy_.exchange(true),
          "Threads: they are at work; a call from within a task, or from another thread, needs "
          "Threads of its own");
    const Idle idle_again{busy_};
    call_ = [](const void* body, std::int64_t task, int thread) {
      using Body = std::remove_reference_t<F>;
      (*static_cast<Body*>(const_cast<void*>(body)))(task, thread);
    };
    body_ = std::addressof(f);
    tasks_ = tasks;
    next_ = 0;
    failure_ = nullptr;
    {
      const std::lock_guard lock(mutex_);
      working_ = static_cast<int>(workers_.size());
      ++round_;
    }
    begin_.notify_all();
    take_tasks(0);
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return working_ == 0; });
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  struct Idle {
    std::atomic<bool>& busy;
    ~Idle() { busy = false; }
  };
  std::atomic<bool> busy_ = false;
  std::vector<std::thread> workers_;
  std::mutex mutex_;
  std::condition_variable begin_, done_;
  bool ending_ = false;
  int working_ = 0;
  std::int64_t round_ = 0, tasks_ = 0;
  std::atomic<std::int64_t> next_ = 0;
  void (*call_)(const void*, std::int64_t, int) = nullptr;
  const void* body_ = nullptr;
  std::exception_ptr failure_;

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    begin_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }
  void take_tasks(int thread) {
    for (std::int64_t task = next_++; task < tasks_; task = next_++) {
      verbs::attempt([&] { call_(body_, task, thread); },
                     [&](const std::exception_ptr& failure) {
                       const std::lock_guard lock(mutex_);
                       if (!failure_) failure_ = failure;
                       next_ = tasks_;
                     });
    }
  }
  void work(int thread) {
    std::int64_t seen = 0;
    for (std::unique_lock lock(mutex_);;) {
      begin_.wait(lock, [&] { return ending_ || round_ != seen; });
      if (ending_) return;
      seen = round_;
      lock.unlock();
      take_tasks(thread);
      lock.lock();
      if (--working_ == 0) done_.notify_one();
    }
  }
};

}  // namespace tweedie
