// Blocking work of one environment (flush, close, transactions, requests) on threads of its own, settled as promises.
//
// Not Node's pool: a flush may take a minute, the pool has four threads for files and DNS, and an environment that ends waits for the pool
// before it calls any hook that could cut the work short.
#pragma once

#include <node_api.h>

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
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
  /// Runs on its own thread; returns soon after `cancelled` turns true. It must keep alive what it uses.
  using Work = std::function<Result(const std::atomic<bool>& cancelled)>;

  explicit Tasks(napi_env env);
  Tasks(const Tasks&) = delete;
  Tasks& operator=(const Tasks&) = delete;

  /// Starts the work; the promise keeps the event loop alive until it is settled with the result's value or failure.
  napi_value run(Work work);
  /// The environment ends: cancels all work and waits for it a little; what hangs longer ends by itself. Promises are never settled.
  void stop();

 private:
  /// What the threads hold on to, which may outlive the environment.
  struct Shared;
  struct Settlement {
    napi_deferred deferred;
    Result result;
  };
  static void onCall(napi_env env, napi_value callback, void* context, void* data);

  const napi_env env_;
  napi_threadsafe_function settled_ = nullptr;
  size_t running_ = 0;
  const std::shared_ptr<Shared> shared_;
};

}  // namespace millrace
