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

uint64_t load(const uint8_t* at) {
  uint64_t word;
  memcpy(&word, at, sizeof word);
  return word;
}

/// Whether the 8 bytes are `0000-00-` with any digits.
bool isYearMonth(const uint8_t* at) {
  constexpr uint64_t kDashes = 0xff00'00ff'0000'0000;
  constexpr uint64_t kNine = 0x7676'7676'7676'7676;
  constexpr uint64_t kHighBits = 0x8080'8080'8080'8080;
  static constexpr uint8_t kZero[] = {'0', '0', '0', '0', '-', '0', '0', '-'};
  uint64_t digits = load(at) ^ load(kZero);
  return (digits & kDashes) == 0 && ((digits | (digits + kNine)) & kHighBits) == 0;
}

/// Whether the 8 bytes are digits and colons.
bool isClock(const uint8_t* at) {
  constexpr uint64_t kDigits = 0x3030'3030'3030'3030;
  constexpr uint64_t kTens = 0xf0f0'f0f0'f0f0'f0f0;
  uint64_t word = load(at);
  return (word & kTens) == kDigits && ((word + 0x0505'0505'0505'0505) & kTens) == kDigits;
}

bool isDate(const uint8_t* at, const uint8_t* end) {
  if (end - at < kDateBytes || !isYearMonth(at) || !isDigit(at[kDay]) || !isDigit(at[kDay + 1])) return false;
  if (end - at == kDateBytes) return true;
  if (at[kDateBytes] != ' ') return false;
  const uint8_t* byte = at + kDateBytes + 1;
  if (end - byte >= 8 && isClock(byte)) byte += 8;
  for (; byte < end; byte++) {
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
  memcpy(out, at, static_cast<size_t>(end - at));
  for (uint8_t* digit = out; isZero && digit < out + (end - at); digit++) {
    if (isDigit(*digit)) *digit = '0';
  }
  out += end - at;
  *out = '"';
  return out + 1;
}

bool isZeroDate(const uint8_t* at, const uint8_t* end) { return isDate(at, end) && hasZeroPart(at); }

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
