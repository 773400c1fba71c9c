#include "tasks.h"

#include <pthread.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace millrace {

struct Tasks::Shared {
  std::mutex mutex;
  std::condition_variable ended;
  std::atomic<bool> cancelled{false};
  size_t threads = 0;
  /// Null once the environment has ended.
  napi_threadsafe_function settled = nullptr;

  void end(std::unique_ptr<Settlement> settlement) {
    std::lock_guard<std::mutex> lock(mutex);
    threads--;
    ended.notify_all();
    if (settled == nullptr) return;
    if (napi_call_threadsafe_function(settled, settlement.get(), napi_tsfn_nonblocking) == napi_ok) settlement.release();
  }
};

Tasks::Tasks(napi_env env) : env_(env), shared_(std::make_shared<Shared>()) {
  napi_value name = makeString(env, "millrace tasks");
  napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, this, onCall, &settled_);
  napi_unref_threadsafe_function(env, settled_);
  shared_->settled = settled_;
}

napi_value Tasks::run(Work work) {
  napi_value promise;
  auto settlement = std::make_unique<Settlement>();
  napi_create_promise(env_, &settlement->deferred, &promise);
  if (running_++ == 0) napi_ref_threadsafe_function(env_, settled_);
  {
    std::lock_guard<std::mutex> lock(shared_->mutex);
    shared_->threads++;
  }
  std::thread([shared = shared_, settlement = std::move(settlement), work = std::move(work)]() mutable {
    pthread_setname_np(pthread_self(), "millrace-task");
    settlement->result = work(shared->cancelled);
    // What the work held ends before its promise is settled.
    work = nullptr;
    shared->end(std::move(settlement));
  }).detach();
  return promise;
}

void Tasks::onCall(napi_env env, napi_value, void* context, void* data) {
  std::unique_ptr<Settlement> settlement(static_cast<Settlement*>(data));
  // Without an environment there is nobody to tell, and the Tasks are gone.
  if (env == nullptr) return;
  auto* tasks = static_cast<Tasks*>(context);
  if (--tasks->running_ == 0) napi_unref_threadsafe_function(env, tasks->settled_);
  Result& result = settlement->result;
  if (result.failure) {
    napi_reject_deferred(env, settlement->deferred, result.failure->toError(env));
    return;
  }
  napi_value value;
  if (result.entries) {
    napi_create_object(env, &value);
    for (const auto& [name, text] : *result.entries) napi_set_named_property(env, value, name.c_str(), makeString(env, text));
  } else {
    napi_get_boolean(env, result.value, &value);
  }
  napi_resolve_deferred(env, settlement->deferred, value);
}

void Tasks::stop() {
  constexpr std::chrono::milliseconds kPatience(2000);
  shared_->cancelled.store(true);
  std::unique_lock<std::mutex> lock(shared_->mutex);
  shared_->settled = nullptr;
  shared_->ended.wait_for(lock, kPatience, [this] { return shared_->threads == 0; });
}

}  // namespace millrace
