#include "js.h"

namespace millrace {

Failure&& Failure::with(const char* name, std::string value) && {
  details_.push_back({name, std::move(value), 0, true});
  return std::move(*this);
}

Failure&& Failure::with(const char* name, int64_t value) && {
  details_.push_back({name, {}, value, false});
  return std::move(*this);
}

napi_value Failure::toError(napi_env env) const {
  napi_value error;
  napi_value details;
  napi_create_error(env, makeString(env, code_), makeString(env, message_), &error);
  napi_create_object(env, &details);
  for (const Detail& detail : details_) {
    napi_value value = detail.isText ? makeString(env, detail.text) : makeNumber(env, static_cast<double>(detail.number));
    napi_set_named_property(env, details, detail.name.c_str(), value);
  }
  napi_set_named_property(env, error, "details", details);
  return error;
}

napi_value Failure::raise(napi_env env) const {
  napi_throw(env, toError(env));
  return nullptr;
}

Arguments::Arguments(napi_env env, napi_callback_info info) : env_(env) {
  // Values beyond the given arguments become undefined.
  size_t count = kMax;
  napi_get_cb_info(env, info, &count, values_, nullptr, nullptr);
}

uint32_t Arguments::uint32(size_t index) const {
  uint32_t number = 0;
  napi_get_value_uint32(env_, values_[index], &number);
  return number;
}

int32_t Arguments::int32(size_t index) const {
  int32_t number = 0;
  napi_get_value_int32(env_, values_[index], &number);
  return number;
}

std::string Arguments::string(size_t index) const { return toString(env_, values_[index]); }

View Arguments::uint8View(size_t index) const { return view(index, napi_uint8_array, 1); }

View Arguments::int32View(size_t index) const { return view(index, napi_int32_array, 4); }

View Arguments::view(size_t index, napi_typedarray_type wanted, size_t width) const {
  bool isTypedArray = false;
  napi_is_typedarray(env_, values_[index], &isTypedArray);
  if (!isTypedArray) return {};
  napi_typedarray_type type;
  size_t length = 0;
  void* data = nullptr;
  if (napi_get_typedarray_info(env_, values_[index], &type, &length, &data, nullptr, nullptr) != napi_ok || type != wanted) return {};
  return {static_cast<uint8_t*>(data), length * width};
}

std::vector<std::pair<std::string, std::string>> Arguments::stringPairs(size_t index) const {
  std::vector<std::pair<std::string, std::string>> pairs;
  napi_value names;
  uint32_t count = 0;
  if (napi_get_property_names(env_, values_[index], &names) != napi_ok) return pairs;
  napi_get_array_length(env_, names, &count);
  for (uint32_t i = 0; i < count; i++) {
    napi_value name;
    napi_value value;
    napi_get_element(env_, names, i, &name);
    napi_get_property(env_, values_[index], name, &value);
    pairs.emplace_back(toString(env_, name), toString(env_, value));
  }
  return pairs;
}

std::vector<int32_t> Arguments::int32List(size_t index) const {
  std::vector<int32_t> list;
  uint32_t count = 0;
  if (napi_get_array_length(env_, values_[index], &count) != napi_ok) return list;
  for (uint32_t i = 0; i < count; i++) {
    napi_value element;
    int32_t number = 0;
    napi_get_element(env_, values_[index], i, &element);
    napi_get_value_int32(env_, element, &number);
    list.push_back(number);
  }
  return list;
}

std::string toString(napi_env env, napi_value value) {
  size_t length = 0;
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) return {};
  std::string text(length, '\0');
  napi_get_value_string_utf8(env, value, text.data(), length + 1, &length);
  return text;
}

napi_value makeString(napi_env env, const std::string& text) {
  napi_value value;
  napi_create_string_utf8(env, text.data(), text.size(), &value);
  return value;
}

napi_value makeNumber(napi_env env, double number) {
  napi_value value;
  napi_create_double(env, number, &value);
  return value;
}

napi_value makeUndefined(napi_env env) {
  napi_value value;
  napi_get_undefined(env, &value);
  return value;
}

}  // namespace millrace
