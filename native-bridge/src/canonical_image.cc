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
  // Written where it stays: a copy of what was just written in parts waits for both.
  image.resize(count);
  for (ImageValue& value : image) {
    if (at == end) return false;
    switch (*at) {
      case COLUMN_VALUE: {
        if (end - at < kValueHeader) return false;
        uint32_t length = bigEndian32(at + 1);
        at += kValueHeader;
        if (length > static_cast<uint64_t>(end - at) || length > INT32_MAX) return false;
        value.at = at;
        value.length = static_cast<int32_t>(length);
        at += length;
        continue;
      }
      case COLUMN_NULL:
        value.length = ImageValue::kNull;
        break;
      case COLUMN_UNCHANGED:
        value.length = ImageValue::kUnchanged;
        break;
      case COLUMN_ABSENT:
        value.length = ImageValue::kAbsent;
        break;
      default:
        return false;
    }
    at++;
  }
  return at == end;
}

}  // namespace millrace
