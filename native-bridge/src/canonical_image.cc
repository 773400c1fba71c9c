#include "canonical_image.h"

#include "layout.h"

namespace millrace {

using namespace layout;

namespace {

constexpr uint32_t kValueHeader = 5;

uint32_t bigEndian32(const uint8_t* at) { return uint32_t{at[0]} << 24 | uint32_t{at[1]} << 16 | uint32_t{at[2]} << 8 | at[3]; }

}  // namespace

bool locateColumns(uint32_t count, const uint8_t* at, const uint8_t* end, std::vector<ImageValue>& image) {
  if (end - at < 2 || (uint32_t{at[0]} << 8 | at[1]) != count) return false;
  at += 2;
  for (uint32_t i = 0; i < count; i++) {
    if (at == end) return false;
    switch (*at) {
      case COLUMN_VALUE: {
        if (end - at < kValueHeader) return false;
        uint32_t length = bigEndian32(at + 1);
        at += kValueHeader;
        if (length > static_cast<uint64_t>(end - at) || length > INT32_MAX) return false;
        image.push_back({at, static_cast<int32_t>(length)});
        at += length;
        continue;
      }
      case COLUMN_NULL:
        image.push_back({nullptr, ImageValue::kNull});
        break;
      case COLUMN_UNCHANGED:
        image.push_back({nullptr, ImageValue::kUnchanged});
        break;
      case COLUMN_ABSENT:
        image.push_back({nullptr, ImageValue::kAbsent});
        break;
      default:
        return false;
    }
    at++;
  }
  return at == end;
}

}  // namespace millrace
