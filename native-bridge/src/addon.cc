// The addon's entry: its functions, what it was built from, and its end.
#include <pthread.h>
#include <rdkafka.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>
#include <mutex>

#include "calls.h"
#include "environment.h"
#include "layout.h"
#include "registry.h"

namespace millrace {

namespace {

/// A process that exits by `process.exit` does not take its environments apart: threads must not outlive what exit handlers destroy.
void stopAtExit() {
  static std::once_flag once;
  std::call_once(once, [] { std::atexit(abandonAllProducers); });
}

/// Node gives its worker threads no name of their own: in `top -H` and in metrics they are told from its helpers by this one.
void nameThread() {
  if (syscall(SYS_gettid) != getpid()) pthread_setname_np(pthread_self(), "millrace-worker");
}

napi_value initialise(napi_env env, napi_value exports) {
  for (const std::vector<Function>& calls :
       {producerCalls(), adminCalls(), mockCalls(), socketCalls(), rowCalls(), systemCalls(), zstdCalls()}) {
    for (const Function& call : calls) {
      napi_value value;
      napi_create_function(env, call.name, NAPI_AUTO_LENGTH, call.callback, nullptr, &value);
      napi_set_named_property(env, exports, call.name, value);
    }
  }
  napi_set_named_property(env, exports, "layoutDigest", makeNumber(env, layout::DIGEST));
  napi_set_named_property(env, exports, "compiledVersion", makeNumber(env, RD_KAFKA_VERSION));
  napi_set_named_property(env, exports, "loadedVersion", makeNumber(env, rd_kafka_version()));
  napi_set_named_property(env, exports, "loadedVersionText", makeString(env, rd_kafka_version_str()));
  Environment::attach(env);
  nameThread();
  stopAtExit();
  return exports;
}

}  // namespace

}  // namespace millrace

NAPI_MODULE_INIT() { return millrace::initialise(env, exports); }
