#include "calls.h"
#include "environment.h"

namespace millrace {

namespace {

napi_value createRowEncoder(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  RowMemory memory{args.uint8View(0), args.uint8View(1), args.int32View(2), args.int32View(3), args.int32View(4)};
  if (!RowEncoder::fits(memory)) return Failure("INTERNAL", "a row encoder needs a ring, a slab, descriptors, targets and state").raise(env);
  std::vector<napi_value> values;
  for (size_t i = 0; i < 5; i++) values.push_back(args.at(i));
  return makeNumber(env, Environment::of(env).addRowEncoder(std::make_unique<RowEncoder>(env, memory, values)));
}

napi_value addRowProgram(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  RowEncoder* encoder = Environment::of(env).rowEncoder(args.uint32(0));
  if (encoder == nullptr) return Failure("INTERNAL", "a program is given to a row encoder that is closed").raise(env);
  if (!encoder->addTable(args.uint32(1), RowProgram::make(args.int32View(2), args.uint8View(3), nullptr))) {
    return Failure("INTERNAL", "the words given for a table's rows are no program").raise(env);
  }
  return nullptr;
}

/// As `addRowProgram`, for images that are packed.
napi_value addPackedProgram(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  RowEncoder* encoder = Environment::of(env).rowEncoder(args.uint32(0));
  if (encoder == nullptr) return Failure("INTERNAL", "a program is given to a row encoder that is closed").raise(env);
  std::unique_ptr<PackedLayout> layout = PackedLayout::make(args.int32View(4), args.uint8View(5));
  if (layout == nullptr) return Failure("INTERNAL", "the words given for a table's images are no layout").raise(env);
  if (!encoder->addTable(args.uint32(1), RowProgram::make(args.int32View(2), args.uint8View(3), std::move(layout)))) {
    return Failure("INTERNAL", "the words given for a table's rows are no program").raise(env);
  }
  return nullptr;
}

napi_value encodeRows(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  RowEncoder* encoder = Environment::of(env).rowEncoder(args.uint32(0));
  if (encoder == nullptr) return Failure("INTERNAL", "rows are given to a row encoder that is closed").raise(env);
  return makeNumber(env, encoder->run(static_cast<uint32_t>(args.int32(1))));
}

napi_value closeRowEncoder(napi_env env, napi_callback_info info) {
  Arguments args(env, info);
  Environment::of(env).dropRowEncoder(args.uint32(0));
  return nullptr;
}

}  // namespace

std::vector<Function> rowCalls() {
  return {
      {"createRowEncoder", createRowEncoder},
      {"addRowProgram", addRowProgram},
      {"addPackedProgram", addPackedProgram},
      {"encodeRows", encodeRows},
      {"closeRowEncoder", closeRowEncoder},
  };
}

}  // namespace millrace
