// Wakes the JavaScript thread of one environment: any number of calls from native threads become one callback.
// Node.js closes the thread-safe function with the environment; the threads that notify are joined in the same round of cleanup hooks.
#pragma once

#include <node_api.h>

#include <atomic>

namespace millrace {

class Wake {
 public:
  Wake() = default;
  Wake(const Wake&) = delete;
  Wake& operator=(const Wake&) = delete;

  /// Registers the callback of this environment, once; it does not keep the event loop alive. False the second time.
  bool listen(napi_env env, napi_value callback);
  /// Any thread: the callback will run at least once after this.
  void notify();
  /// No callback begins after this. The thread of the environment; nobody notifies any more.
  void end();

 private:
  static void onCall(napi_env env, napi_value callback, void* context, void* data);

  std::atomic<napi_threadsafe_function> function_{nullptr};
  std::atomic<bool> pending_{false};
};

}  // namespace millrace
