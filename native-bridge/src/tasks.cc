#include "tasks.h"

#include <algorithm>

namespace millrace {

Tasks::Tasks(napi_env env) : env_(env) {
  napi_create_threadsafe_function(env, nullptr, nullptr, makeString(env, "millrace tasks"), 0, 1, nullptr, nullptr, this, onCall, &settled_);
  napi_unref_threadsafe_function(env, settled_);
}

napi_value Tasks::run(Work work) {
  napi_value promise;
  auto task = std::make_unique<Task>();
  Task* running = task.get();
  napi_create_promise(env_, &running->deferred, &promise);
  if (tasks_.empty()) napi_ref_threadsafe_function(env_, settled_);
  tasks_.push_back(std::move(task));
  running->thread = std::thread([this, running, work = std::move(work)] {
    running->result = work(cancelled_);
    napi_call_threadsafe_function(settled_, running, napi_tsfn_nonblocking);
  });
  return promise;
}

void Tasks::onCall(napi_env env, napi_value, void* context, void* data) {
  // Without an environment the task's memory belongs to `stop`.
  if (env != nullptr) static_cast<Tasks*>(context)->settle(env, static_cast<Task*>(data));
}

void Tasks::settle(napi_env env, Task* task) {
  task->thread.join();
  if (task->result.failure) {
    napi_reject_deferred(env, task->deferred, task->result.failure->toError(env));
  } else if (task->result.entries) {
    napi_value object;
    napi_create_object(env, &object);
    for (const auto& [name, text] : *task->result.entries) napi_set_named_property(env, object, name.c_str(), makeString(env, text));
    napi_resolve_deferred(env, task->deferred, object);
  } else {
    napi_value value;
    napi_get_boolean(env, task->result.value, &value);
    napi_resolve_deferred(env, task->deferred, value);
  }
  tasks_.erase(std::find_if(tasks_.begin(), tasks_.end(), [task](const auto& one) { return one.get() == task; }));
  if (tasks_.empty()) napi_unref_threadsafe_function(env, settled_);
}

void Tasks::stop() {
  cancelled_.store(true);
  for (auto& task : tasks_) task->thread.join();
  tasks_.clear();
}

}  // namespace millrace
