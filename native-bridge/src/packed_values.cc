#include "packed_values.h"

#include <charconv>
#include <cmath>
#include <cstring>

#include "digits.h"

namespace millrace {

namespace {

constexpr uint32_t kPowers[10] = {1, 10, 100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};
/// A decimal is packed by groups of 9 digits, 4 bytes each; fewer digits take so many bytes.
constexpr uint32_t kGroupDigits = 9;
constexpr uint32_t kGroupBytes[kGroupDigits + 1] = {0, 1, 1, 2, 2, 3, 3, 4, 4, 4};
/// For kPackedPrecisionMax digits, wherever the point is.
constexpr uint32_t kDecimalBytesMax = 36;

constexpr uint32_t kSecondsPerDay = 86'400;

/// Reads a decimal's digits group by group.
class DecimalReader {
 public:
  DecimalReader(const uint8_t* at, uint32_t bytes) {
    isNegative_ = (at[0] & 0x80) == 0;
    uint8_t mask = isNegative_ ? 0xff : 0;
    for (uint32_t i = 0; i < bytes; i++) bytes_[i] = at[i] ^ mask;
    bytes_[0] ^= 0x80;
  }
  bool isNegative() const { return isNegative_; }
  /// False when they are no such digits.
  bool next(uint32_t digits, uint32_t& group) {
    uint32_t bytes = kGroupBytes[digits];
    group = static_cast<uint32_t>(bigEndian(bytes_ + at_, bytes));
    at_ += bytes;
    return group < kPowers[digits];
  }

 private:
  uint8_t bytes_[kDecimalBytesMax];
  uint32_t at_ = 0;
  bool isNegative_;
};

/// `d.ddde-xx`: the shortest digits that mean the number, not below zero, and are next to it; two where one would do and two are nearer.
template <typename Number>
char* findShortest(Number number, char* text, char* limit) {
  char* end = std::to_chars(text, limit, number, std::chars_format::scientific).ptr;
  if (text[1] != 'e' || std::fpclassify(number) != FP_SUBNORMAL) return end;
  char* endOfTwo = std::to_chars(text, limit, number, std::chars_format::scientific, 1).ptr;
  Number meant = 0;
  std::from_chars(text, endOfTwo, meant);
  return meant == number ? endOfTwo : std::to_chars(text, limit, number, std::chars_format::scientific).ptr;
}

/// The shortest digits, where Java puts point and exponent: `1.0E7`, `0.001`.
template <typename Number>
uint8_t* writeShortest(Number number, uint8_t* out) {
  if (!std::isfinite(number)) return nullptr;
  char text[32];
  char* end = findShortest(std::fabs(number), text, text + sizeof text);
  char* mark = end;
  while (*--mark != 'e') {
  }
  int exponent = 0;
  std::from_chars(mark[1] == '+' ? mark + 2 : mark + 1, end, exponent);
  // The digits without their point.
  char* digits = text;
  if (mark - text > 1) {
    text[1] = text[0];
    digits = text + 1;
  }
  const auto count = static_cast<int>(mark - digits);
  if (std::signbit(number)) *out++ = '-';
  const auto copy = [&](int from, int to) {
    for (int i = from; i < to; i++) *out++ = i < count ? static_cast<uint8_t>(digits[i]) : '0';
  };
  const bool isPlain = number == 0 || (exponent >= -3 && exponent < 7);
  if (isPlain && exponent < 0) {
    memcpy(out, "0.00", 4);
    out += 1 - exponent;
    copy(0, count);
    return out;
  }
  const int whole = isPlain ? exponent + 1 : 1;
  copy(0, whole);
  *out++ = '.';
  copy(whole, count > whole ? count : whole + 1);
  if (isPlain) return out;
  *out++ = 'E';
  return writeInteger(exponent, out);
}

/// `:MM:SS` behind the hour; 6 bits each.
uint8_t* writeClock(uint32_t clock, uint32_t hour, uint8_t* out) {
  uint32_t minute = clock >> 6 & 63;
  uint32_t second = clock & 63;
  if (minute > 59 || second > 59) return nullptr;
  out = writePadded(hour, hour < 100 ? 2 : 3, out);
  *out++ = ':';
  out = writePadded(minute, 2, out);
  *out++ = ':';
  return writePadded(second, 2, out);
}

uint8_t* writeYearMonthDay(uint32_t year, uint32_t month, uint32_t day, uint8_t* out) {
  if (year > 9'999) return nullptr;
  out = writePadded(year, 4, out);
  *out++ = '-';
  out = writePadded(month, 2, out);
  *out++ = '-';
  return writePadded(day, 2, out);
}

/// Two digits a byte, of which the last may be a zero too many.
uint8_t* writeFraction(uint32_t fraction, uint32_t digits, uint8_t* out) {
  if (digits == 0) return out;
  uint32_t stored = 2 * fractionBytes(digits);
  if (fraction >= kPowers[stored] || fraction % kPowers[stored - digits] != 0) return nullptr;
  *out++ = '.';
  return writePadded(fraction / kPowers[stored - digits], digits, out);
}

}  // namespace

uint64_t littleEndian(const uint8_t* at, uint32_t bytes) {
  uint64_t number = 0;
  for (uint32_t i = bytes; i > 0; i--) number = number << 8 | at[i - 1];
  return number;
}

uint64_t bigEndian(const uint8_t* at, uint32_t bytes) {
  uint64_t number = 0;
  for (uint32_t i = 0; i < bytes; i++) number = number << 8 | at[i];
  return number;
}

uint32_t packedDecimalBytes(uint32_t precision, uint32_t scale) {
  uint32_t whole = precision - scale;
  return whole / kGroupDigits * 4 + kGroupBytes[whole % kGroupDigits] + scale / kGroupDigits * 4 + kGroupBytes[scale % kGroupDigits];
}

uint8_t* writePackedInteger(const uint8_t* at, uint32_t bytes, bool isSigned, uint8_t* out) {
  uint64_t number = littleEndian(at, bytes);
  if (!isSigned) return writeUnsigned(number, out);
  uint32_t unused = 64 - 8 * bytes;
  return writeInteger(static_cast<int64_t>(number << unused) >> unused, out);
}

uint8_t* writePackedDecimal(const uint8_t* at, uint32_t precision, uint32_t scale, uint8_t* out) {
  DecimalReader reader(at, packedDecimalBytes(precision, scale));
  uint32_t all = 0;
  uint32_t group = 0;
  if (reader.isNegative()) *out++ = '-';
  uint8_t* const first = out;
  uint32_t whole = precision - scale;
  for (uint32_t digits = whole % kGroupDigits; whole > 0; whole -= digits, digits = kGroupDigits) {
    if (digits == 0) digits = kGroupDigits;
    if (!reader.next(digits, group)) return nullptr;
    all |= group;
    if (out != first) out = writePadded(group, digits, out);
    else if (group != 0) out = writeUnsigned(group, out);
  }
  if (out == first) *out++ = '0';
  if (scale > 0) *out++ = '.';
  while (scale > 0) {
    uint32_t digits = scale < kGroupDigits ? scale : kGroupDigits;
    if (!reader.next(digits, group)) return nullptr;
    all |= group;
    out = writePadded(group, digits, out);
    scale -= digits;
  }
  // No server packs a zero with a sign.
  return all == 0 && reader.isNegative() ? nullptr : out;
}

uint8_t* writePackedFloat(const uint8_t* at, uint8_t* out) {
  auto bits = static_cast<uint32_t>(littleEndian(at, 4));
  float number;
  memcpy(&number, &bits, sizeof number);
  return writeShortest(number, out);
}

uint8_t* writePackedDouble(const uint8_t* at, uint8_t* out) {
  uint64_t bits = littleEndian(at, 8);
  double number;
  memcpy(&number, &bits, sizeof number);
  return writeShortest(number, out);
}

uint8_t* writePackedYear(const uint8_t* at, uint8_t* out) { return writePadded(*at == 0 ? 0 : 1'900u + *at, 4, out); }

uint8_t* writePackedDate(const uint8_t* at, uint8_t* out) {
  auto date = static_cast<uint32_t>(littleEndian(at, 3));
  uint32_t month = date >> 5 & 15;
  return month > 12 ? nullptr : writeYearMonthDay(date >> 9, month, date & 31, out);
}

uint8_t* writePackedTime(const uint8_t* at, uint32_t digits, uint8_t* out) {
  uint32_t fractionBits = 8 * fractionBytes(digits);
  auto time = static_cast<int64_t>(bigEndian(at, 3 + fractionBits / 8)) - (int64_t{0x80'0000} << fractionBits);
  if (time < 0) {
    *out++ = '-';
    time = -time;
  }
  auto clock = static_cast<uint32_t>(time >> fractionBits);
  uint32_t hour = clock >> 12;
  if (hour > 838) return nullptr;
  out = writeClock(clock, hour, out);
  return out == nullptr ? nullptr : writeFraction(static_cast<uint32_t>(time & ((int64_t{1} << fractionBits) - 1)), digits, out);
}

uint8_t* writePackedDatetime(const uint8_t* at, uint32_t digits, uint8_t* out) {
  if ((at[0] & 0x80) == 0) return nullptr;
  uint64_t datetime = bigEndian(at, 5) & 0x7f'ffff'ffff;
  auto clock = static_cast<uint32_t>(datetime & 0x1'ffff);
  auto day = static_cast<uint32_t>(datetime >> 17 & 31);
  auto months = static_cast<uint32_t>(datetime >> 22);
  if (clock >> 12 > 23) return nullptr;
  out = writeYearMonthDay(months / 13, months % 13, day, out);
  if (out == nullptr) return nullptr;
  *out++ = ' ';
  out = writeClock(clock, clock >> 12, out);
  return out == nullptr ? nullptr : writeFraction(static_cast<uint32_t>(bigEndian(at + 5, fractionBytes(digits))), digits, out);
}

uint8_t* writePackedTimestamp(const uint8_t* at, uint32_t digits, uint8_t* out) {
  auto seconds = static_cast<uint32_t>(bigEndian(at, 4));
  auto fraction = static_cast<uint32_t>(bigEndian(at + 4, fractionBytes(digits)));
  uint32_t year = 0;
  uint32_t month = 0;
  uint32_t day = 0;
  if (seconds != 0) {
    // Howard Hinnant's days to a date, for days since 1970: years begin in March, 400 of them are an era.
    uint32_t days = seconds / kSecondsPerDay + 719'468;
    uint32_t era = days / 146'097;
    uint32_t dayOfEra = days % 146'097;
    uint32_t yearOfEra = (dayOfEra - dayOfEra / 1'460 + dayOfEra / 36'524 - dayOfEra / 146'096) / 365;
    uint32_t dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    uint32_t shifted = (5 * dayOfYear + 2) / 153;
    day = dayOfYear - (153 * shifted + 2) / 5 + 1;
    month = shifted < 10 ? shifted + 3 : shifted - 9;
    year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
  } else if (fraction != 0) {
    return nullptr;
  }
  out = writeYearMonthDay(year, month, day, out);
  *out++ = ' ';
  uint32_t rest = seconds % kSecondsPerDay;
  uint32_t hour = rest / 3'600;
  out = writeClock((rest / 60 % 60) << 6 | rest % 60, hour, out);
  return writeFraction(fraction, digits, out);
}

uint8_t* writePackedBits(const uint8_t* at, uint32_t bytes, uint8_t* out) { return writeUnsigned(bigEndian(at, bytes), out); }

}  // namespace millrace
