#include <sys/socket.h>

#include "calls.h"
#include "environment.h"
#include "layout.h"

namespace millrace {

namespace {

napi_value startSocketReader(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  View control = args.int32View(1);
  View data = args.uint8View(2);
  bool isRing = data.data != nullptr && data.bytes != 0 && (data.bytes & (data.bytes - 1)) == 0 && data.bytes <= UINT32_MAX / 2;
  if (control.data == nullptr || control.bytes < layout::SOCKET_WORDS * 4 || !isRing) {
    return Failure("INTERNAL", "a socket reader needs control words and a power of two of memory").raise(env);
  }
  auto reader = std::make_unique<SocketReader>(env, args.int32(0), args.at(1), control, args.at(2), data);
  if (Outcome failure = reader->start(env, args.at(3))) {
    reader->release(env);
    return failure->raise(env);
  }
  return makeNumber(env, Environment::of(env).addSocketReader(std::move(reader)));
}

napi_value resumeSocketReader(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  if (SocketReader* reader = Environment::of(env).socketReader(args.uint32(0))) reader->resume();
  return nullptr;
}

napi_value closeSocketReader(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  Environment::of(env).dropSocketReader(args.uint32(0));
  return nullptr;
}

napi_value setReceiveBuffer(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  int bytes = args.int32(1);
  socklen_t length = sizeof bytes;
  setsockopt(args.int32(0), SOL_SOCKET, SO_RCVBUF, &bytes, length);
  bool isKnown = getsockopt(args.int32(0), SOL_SOCKET, SO_RCVBUF, &bytes, &length) == 0;
  return makeNumber(env, isKnown ? bytes : 0);
}

}  // namespace

std::vector<Function> socketCalls() {
  return {
      {"setReceiveBuffer", setReceiveBuffer},
      {"startSocketReader", startSocketReader},
      {"resumeSocketReader", resumeSocketReader},
      {"closeSocketReader", closeSocketReader},
  };
}

}  // namespace millrace
