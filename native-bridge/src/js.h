// Small helpers over Node-API: reading arguments, and errors that carry a code and details.
#pragma once

#include <node_api.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace millrace {

/// An error on its way to JavaScript: `index.ts` makes a MillraceError of it.
class Failure {
 public:
  Failure(std::string code, std::string message) : code_(std::move(code)), message_(std::move(message)) {}

  Failure&& with(const char* name, std::string value) &&;
  Failure&& with(const char* name, int64_t value) &&;

  const std::string& code() const { return code_; }

  /// An Error object with `code` and `details`.
  napi_value toError(napi_env env) const;
  /// Throws it in `env`; returns null, for `return failure.raise(env)`.
  napi_value raise(napi_env env) const;

 private:
  struct Detail {
    std::string name;
    std::string text;
    int64_t number;
    bool isText;
  };
  std::string code_;
  std::string message_;
  std::vector<Detail> details_;
};

/// The outcome of something that can fail and has no other result.
using Outcome = std::optional<Failure>;

/// Memory of a typed array; `data` is null when the value is none of the wanted type.
struct View {
  uint8_t* data = nullptr;
  size_t bytes = 0;
};

/// Arguments of one call. Types are what `index.ts` declares; a wrong one reads as zero, empty or a null view, never out of bounds.
class Arguments {
 public:
  static constexpr size_t kMax = 10;

  Arguments(napi_env env, napi_callback_info info);

  napi_value at(size_t index) const { return values_[index]; }
  uint32_t uint32(size_t index) const;
  int32_t int32(size_t index) const;
  std::string string(size_t index) const;
  View uint8View(size_t index) const;
  View int32View(size_t index) const;
  /// Own enumerable properties of an object of strings.
  std::vector<std::pair<std::string, std::string>> stringPairs(size_t index) const;
  std::vector<int32_t> int32List(size_t index) const;

 private:
  View view(size_t index, napi_typedarray_type wanted, size_t width) const;

  napi_env env_;
  napi_value values_[kMax];
};

std::string toString(napi_env env, napi_value value);
napi_value makeString(napi_env env, const std::string& text);
napi_value makeNumber(napi_env env, double number);
napi_value makeUndefined(napi_env env);

}  // namespace millrace
