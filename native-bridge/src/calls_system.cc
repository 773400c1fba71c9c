#include "calls.h"
#include "lock.h"
#include "notify.h"
#include "stamps.h"

#include <rdkafka.h>

namespace millrace {

namespace {

napi_value errorText(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  auto code = static_cast<rd_kafka_resp_err_t>(args.int32(0));
  return makeString(env, std::string(rd_kafka_err2name(code)) + ": " + rd_kafka_err2str(code));
}

napi_value lock(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  Outcome failure;
  int file = lockFile(args.string(0), failure);
  return failure ? failure->raise(env) : makeNumber(env, file);
}

napi_value unlock(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  unlockFile(args.int32(0));
  return nullptr;
}

napi_value notifyManager(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  return makeNumber(env, notify(args.string(0), args.string(1)));
}

napi_value monotonic(napi_env env, napi_callback_info) {
  napi_value nanos;
  napi_create_bigint_int64(env, monotonicNanos(), &nanos);
  return nanos;
}

}  // namespace

std::vector<Function> systemCalls() {
  return {
      {"errorText", errorText},
      {"lockFile", lock},
      {"unlockFile", unlock},
      {"notify", notifyManager},
      {"monotonicNanos", monotonic},
  };
}

}  // namespace millrace
