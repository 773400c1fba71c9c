#include "wake.h"

#include "js.h"

namespace millrace {

bool Wake::listen(napi_env env, napi_value callback) {
  // A second callback would leave poll threads with the first one's function: index.ts keeps one callback and swaps what it calls.
  if (function_.load() != nullptr) return false;
  napi_threadsafe_function function;
  napi_value name = makeString(env, "millrace delivery");
  napi_status status = napi_create_threadsafe_function(env, callback, nullptr, name, 0, 1, nullptr, nullptr, this, onCall, &function);
  if (status != napi_ok) return false;
  napi_unref_threadsafe_function(env, function);
  function_.store(function);
  return true;
}

void Wake::notify() {
  napi_threadsafe_function function = function_.load();
  if (function == nullptr || pending_.exchange(true)) return;
  // A function that is closing is not ours any more once it has said so.
  if (napi_call_threadsafe_function(function, nullptr, napi_tsfn_nonblocking) == napi_closing) function_.store(nullptr);
}

void Wake::end() {
  napi_threadsafe_function function = function_.exchange(nullptr);
  if (function != nullptr) napi_release_threadsafe_function(function, napi_tsfn_abort);
}

void Wake::onCall(napi_env env, napi_value callback, void* context, void*) {
  // Without an environment the Wake is gone already.
  if (env == nullptr) return;
  // Cleared first: what changes while the callback runs calls it again.
  static_cast<Wake*>(context)->pending_.store(false);
  napi_value undefined = makeUndefined(env);
  napi_call_function(env, undefined, callback, 0, nullptr, nullptr);
}

}  // namespace millrace
