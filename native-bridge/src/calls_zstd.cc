#include "calls.h"
#include "environment.h"
#include "layout.h"

namespace millrace {

namespace {

napi_value createZstdReader(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  std::unique_ptr<ZstdReader> reader = ZstdReader::make(args.uint32(0));
  if (reader == nullptr) return Failure("INTERNAL", "a zstd reader needs memory, and the size of a window as a power of two").raise(env);
  return makeNumber(env, Environment::of(env).addZstdReader(std::move(reader)));
}

napi_value resetZstdReader(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  if (ZstdReader* reader = Environment::of(env).zstdReader(args.uint32(0))) reader->reset();
  return nullptr;
}

napi_value readZstd(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  ZstdReader* reader = Environment::of(env).zstdReader(args.uint32(0));
  View input = args.uint8View(1);
  View output = args.uint8View(3);
  View state = args.int32View(4);
  if (reader == nullptr || state.data == nullptr || state.bytes < layout::ZSTD_WORDS * 4) {
    return Failure("INTERNAL", "zstd data is given to a reader that is closed, or without state").raise(env);
  }
  auto* words = reinterpret_cast<uint32_t*>(state.data);
  ZSTD_inBuffer from{input.data, args.uint32(2), words[layout::ZSTD_READ]};
  ZSTD_outBuffer to{output.data, output.bytes, words[layout::ZSTD_WRITTEN]};
  if (from.size > input.bytes || from.pos > from.size || to.pos > to.size || output.bytes > INT32_MAX) {
    return Failure("INTERNAL", "the parts given to a zstd reader lie outside their memory").raise(env);
  }
  bool isWhole = words[layout::ZSTD_WHOLE] != 0;
  if (Outcome failure = reader->read(from, to, isWhole)) return failure->raise(env);
  words[layout::ZSTD_READ] = static_cast<uint32_t>(from.pos);
  words[layout::ZSTD_WRITTEN] = static_cast<uint32_t>(to.pos);
  words[layout::ZSTD_WHOLE] = isWhole ? 1 : 0;
  return nullptr;
}

napi_value closeZstdReader(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  Environment::of(env).dropZstdReader(args.uint32(0));
  return nullptr;
}

}  // namespace

std::vector<Function> zstdCalls() {
  return {
      {"createZstdReader", createZstdReader},
      {"resetZstdReader", resetZstdReader},
      {"readZstd", readZstd},
      {"closeZstdReader", closeZstdReader},
  };
}

}  // namespace millrace
