// Blocking work of one environment (flush, close, transactions) on threads of its own, settled as promises.
//
// Not Node's pool: a flush may take a minute, the pool has four threads for files and DNS, and an environment that ends waits for the pool
// before it calls any hook that could cut the work short.
#pragma once

#include <node_api.h>

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "js.h"

namespace millrace {

class Tasks {
 public:
  struct Result {
    Outcome failure;
    bool value = true;
    /// When set, the promise is settled with an object of these strings in place of `value`.
    std::optional<std::vector<std::pair<std::string, std::string>>> entries = std::nullopt;
  };
  /// Runs on its own thread; returns soon after `cancelled` turns true.
  using Work = std::function<Result(const std::atomic<bool>& cancelled)>;

  explicit Tasks(napi_env env);
  Tasks(const Tasks&) = delete;
  Tasks& operator=(const Tasks&) = delete;

  /// Starts the work; the promise keeps the event loop alive until it is settled with the result's value or failure.
  napi_value run(Work work);
  /// The environment ends: cancels and joins all work; its promises are never settled.
  void stop();

 private:
  struct Task {
    napi_deferred deferred;
    std::thread thread;
    Result result;
  };
  static void onCall(napi_env env, napi_value callback, void* context, void* data);
  void settle(napi_env env, Task* task);

  const napi_env env_;
  napi_threadsafe_function settled_ = nullptr;
  std::atomic<bool> cancelled_{false};
  std::vector<std::unique_ptr<Task>> tasks_;
};

}  // namespace millrace
