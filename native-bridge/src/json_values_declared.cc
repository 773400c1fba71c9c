#include "json_values_declared.h"

#include <cstddef>
#include <cstring>

#include "digits.h"
#include "json_text.h"
#include "json_values.h"
#include "layout.h"

namespace millrace {

namespace {

constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// In `yyyy-mm-dd`.
constexpr ptrdiff_t kMonth = 5;
constexpr ptrdiff_t kDay = 8;
constexpr ptrdiff_t kDateBytes = 10;

/// The exponent from which on Java's BigDecimal writes one.
constexpr ptrdiff_t kExponentMin = 7;

bool isDigit(uint8_t byte) { return byte >= '0' && byte <= '9'; }

bool isDate(const uint8_t* at, const uint8_t* end) {
  if (end - at < kDateBytes) return false;
  for (ptrdiff_t i = 0; i < kDateBytes; i++) {
    if (i == kMonth - 1 || i == kDay - 1 ? at[i] != '-' : !isDigit(at[i])) return false;
  }
  if (end - at == kDateBytes) return true;
  if (at[kDateBytes] != ' ') return false;
  for (const uint8_t* byte = at + kDateBytes + 1; byte < end; byte++) {
    if (!isDigit(*byte) && *byte != ':' && *byte != '.') return false;
  }
  return true;
}

bool hasZeroPart(const uint8_t* at) {
  return memcmp(at, "0000", 4) == 0 || memcmp(at + kMonth, "00", 2) == 0 || memcmp(at + kDay, "00", 2) == 0;
}

void writeBase64(uint32_t group, int characters, uint8_t* out) {
  for (int i = 0; i < 4; i++) out[i] = static_cast<uint8_t>(i < characters ? kBase64[(group >> (18 - 6 * i)) & 63] : '=');
}

}  // namespace

uint8_t* writeSet(const uint8_t* at, const uint8_t* end, uint8_t* out) {
  *out++ = '[';
  while (at < end) {
    const uint8_t* label = at;
    while (at < end && *at != ',') at++;
    out = writeText(label, at, out);
    if (out == nullptr) return nullptr;
    if (at == end) break;
    *out++ = ',';
    // An empty label behind the last comma.
    if (++at == end) out = writeText(at, at, out);
  }
  *out = ']';
  return out + 1;
}

uint8_t* writeDate(const uint8_t* at, const uint8_t* end, bool zeroIsNull, uint8_t* out) {
  if (!isDate(at, end)) return nullptr;
  bool isZero = hasZeroPart(at);
  if (isZero && zeroIsNull) {
    memcpy(out, "null", 4);
    return out + 4;
  }
  *out++ = '"';
  for (; at < end; at++) *out++ = isZero && isDigit(*at) ? '0' : *at;
  *out = '"';
  return out + 1;
}

uint8_t* writeRawBytes(const uint8_t* at, const uint8_t* end, uint8_t* out) {
  *out++ = '"';
  for (; end - at >= 3; at += 3, out += 4) writeBase64(uint32_t{at[0]} << 16 | uint32_t{at[1]} << 8 | at[2], 4, out);
  if (end - at == 2) writeBase64(uint32_t{at[0]} << 16 | uint32_t{at[1]} << 8, 3, out);
  if (end - at == 1) writeBase64(uint32_t{at[0]} << 16, 2, out);
  if (at < end) out += 4;
  *out = '"';
  return out + 1;
}

uint8_t* writeJavaDecimal(const uint8_t* at, const uint8_t* end, uint8_t* out) {
  uint8_t* plain = writeJsonValue(layout::FORM_NUMBER, at, end, out);
  const uint8_t* integer = at < end && *at == '-' ? at + 1 : at;
  if (plain == nullptr || end - integer < 2 || integer[0] != '0' || integer[1] != '.') return plain;
  const uint8_t* fraction = integer + 2;
  const uint8_t* first = fraction;
  while (first < end && *first == '0') first++;
  bool isZero = first == end;
  ptrdiff_t exponent = isZero ? end - fraction : first - fraction + 1;
  if (exponent < kExponentMin) return plain;
  out += integer - at;
  *out++ = isZero ? '0' : *first;
  if (end - first > 1) *out++ = '.';
  for (const uint8_t* digit = first + 1; digit < end; digit++) *out++ = *digit;
  *out++ = 'E';
  return writeInteger(-exponent, out);
}

uint8_t* writeYear(const uint8_t* at, const uint8_t* end, uint8_t* out) {
  while (end - at > 1 && *at == '0') at++;
  return writeJsonValue(layout::FORM_NUMBER, at, end, out);
}

}  // namespace millrace
