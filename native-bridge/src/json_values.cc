#include "json_values.h"

#include <cstring>
#include <string_view>

#include "digits.h"
#include "json_text.h"
#include "json_values_declared.h"

namespace millrace {

namespace {

bool isDigit(uint8_t byte) { return byte >= '0' && byte <= '9'; }

const uint8_t* skipDigits(const uint8_t* at, const uint8_t* end) {
  while (at < end && isDigit(*at)) at++;
  return at;
}

/// Whether the text is a number in JSON's grammar.
bool isNumber(const uint8_t* at, const uint8_t* end) {
  if (at < end && *at == '-') at++;
  const uint8_t* integer = at;
  at = skipDigits(at, end);
  if (at == integer || (*integer == '0' && at - integer > 1)) return false;
  if (at < end && *at == '.') {
    const uint8_t* fraction = ++at;
    at = skipDigits(at, end);
    if (at == fraction) return false;
  }
  if (at < end && (*at | 0x20) == 'e') {
    at++;
    if (at < end && (*at == '+' || *at == '-')) at++;
    const uint8_t* exponent = at;
    at = skipDigits(at, end);
    if (at == exponent) return false;
  }
  return at == end;
}

bool equals(const uint8_t* at, const uint8_t* end, std::string_view text) {
  return static_cast<size_t>(end - at) == text.size() && memcmp(at, text.data(), text.size()) == 0;
}

const uint8_t* skipMinus(const uint8_t* at, const uint8_t* end) { return at < end && *at == '-' ? at + 1 : at; }

/// Verbatim; the three values that JSON has no number for as strings.
uint8_t* writeNumber(const uint8_t* at, const uint8_t* end, uint8_t* out) {
  if (!isNumber(at, end)) {
    bool isWord = equals(at, end, "NaN") || equals(skipMinus(at, end), end, "Infinity");
    return isWord ? writeText(at, end, out) : nullptr;
  }
  memcpy(out, at, static_cast<size_t>(end - at));
  return out + (end - at);
}

/// Without the zeros at the end of the fraction, and without the point when nothing is left of it.
uint8_t* writeShortDecimal(const uint8_t* at, const uint8_t* end, uint8_t* out) {
  uint8_t* written = writeNumber(at, end, out);
  if (written == nullptr) return nullptr;
  uint8_t* last = written;
  while (last > out && last[-1] == '0') last--;
  if (last == written) return written;
  if (last > out && last[-1] == '.') return last - 1;
  // Zeros before a point, or without one, are the number's own.
  for (uint8_t* digit = last - 1; digit > out; digit--) {
    if (*digit == '.') return last;
  }
  return written;
}

/// Time of day, or date and time: the fraction padded to 6 digits, an offset +00 taken off where there must be one, ` BC` kept.
uint8_t* writeTime(const uint8_t* at, const uint8_t* end, bool hasOffset, uint8_t* out) {
  if (equals(skipMinus(at, end), end, "infinity")) return writeText(at, end, out);
  bool isBeforeChrist = end - at > 3 && equals(end - 3, end, " BC");
  const uint8_t* clock = isBeforeChrist ? end - 3 : end;
  if (hasOffset) {
    if (clock - at <= 3 || !equals(clock - 3, clock, "+00")) return nullptr;
    clock -= 3;
  }
  *out++ = '"';
  if (clock - at < 8 || !isDigit(clock[-1]) || copyPlain(at, clock, out) != clock) return nullptr;
  out += clock - at;
  if (clock[-3] == ':') {
    memcpy(out, ".000000", 7);
    out += 7;
  } else {
    int digits = 6;
    while (digits > 0 && clock[-digits - 1] != '.') digits--;
    if (digits == 0) return nullptr;
    for (; digits < 6; digits++) *out++ = '0';
  }
  if (isBeforeChrist) {
    memcpy(out, " BC", 3);
    out += 3;
  }
  *out = '"';
  return out + 1;
}

uint8_t* writeBool(const uint8_t* at, const uint8_t* end, uint8_t* out) {
  if (equals(at, end, "t")) {
    memcpy(out, "true", 4);
    return out + 4;
  }
  if (!equals(at, end, "f")) return nullptr;
  memcpy(out, "false", 5);
  return out + 5;
}

/// JSON goes out as it is: the server has checked it.
uint8_t* writeVerbatim(const uint8_t* at, const uint8_t* end, uint8_t* out) {
  if (at == end) return nullptr;
  memcpy(out, at, static_cast<size_t>(end - at));
  return out + (end - at);
}

}  // namespace

uint8_t* writeJsonValue(uint32_t form, const uint8_t* at, const uint8_t* end, uint8_t* out) {
  switch (form) {
    case layout::FORM_NUMBER:
      return writeNumber(at, end, out);
    case layout::FORM_TEXT:
      return writeText(at, end, out);
    case layout::FORM_TIME:
      return writeTime(at, end, false, out);
    case layout::FORM_TIMESTAMPTZ:
      return writeTime(at, end, true, out);
    case layout::FORM_BOOL:
      return writeBool(at, end, out);
    case layout::FORM_JSON:
      return writeVerbatim(at, end, out);
    case layout::FORM_SHORT_DECIMAL:
      return writeShortDecimal(at, end, out);
    case layout::FORM_SET:
      return writeSet(at, end, out);
    case layout::FORM_DATE:
      return writeDate(at, end, false, out);
    case layout::FORM_DATE_OR_NULL:
      return writeDate(at, end, true, out);
    case layout::FORM_RAW_BYTES:
      return writeRawBytes(at, end, out);
    case layout::FORM_JAVA_DECIMAL:
      return writeJavaDecimal(at, end, out);
    case layout::FORM_YEAR:
      return writeYear(at, end, out);
    default:
      return nullptr;
  }
}

uint8_t* writePushTime(int64_t micros, uint8_t* out) {
  constexpr int64_t kMicrosPerSecond = 1'000'000;
  int64_t fraction = ((micros % kMicrosPerSecond) + kMicrosPerSecond) % kMicrosPerSecond;
  out = writeInteger((micros - fraction) / kMicrosPerSecond, out);
  *out++ = '.';
  if (fraction == 0) {
    *out = '0';
    return out + 1;
  }
  uint8_t* end = out;
  for (int64_t digit = kMicrosPerSecond / 10; digit > 0; digit /= 10) *end++ = static_cast<uint8_t>('0' + fraction / digit % 10);
  int64_t unit = 1;
  for (; end[-1] == '0'; end--) unit *= 10;
  // Java prints such a fraction with an exponent, which leaves a zero behind a single digit.
  if (fraction < 1'000 && fraction < 10 * unit) *end++ = '0';
  return end;
}

}  // namespace millrace
