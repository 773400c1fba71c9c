// Values as logs pack them, turned into their canonical text: numbers, dates and times. The TypeScript decoder of the source that has such
// a log has them all, and says what is right.
#pragma once

#include <cstdint>

namespace millrace {

/// Each writes the text of the packed value at `at` to `out` and returns its end, or null for what only TypeScript writes, or refuses.
/// `out` has room for kPackedTextMax bytes.
constexpr uint32_t kPackedTextMax = 96;

uint8_t* writePackedInteger(const uint8_t* at, uint32_t bytes, bool isSigned, uint8_t* out);
uint8_t* writePackedDecimal(const uint8_t* at, uint32_t precision, uint32_t scale, uint8_t* out);
uint8_t* writePackedFloat(const uint8_t* at, uint8_t* out);
uint8_t* writePackedDouble(const uint8_t* at, uint8_t* out);
uint8_t* writePackedYear(const uint8_t* at, uint8_t* out);
uint8_t* writePackedDate(const uint8_t* at, uint8_t* out);
/// Of these, `digits` is how many of a second's fraction there are.
uint8_t* writePackedTime(const uint8_t* at, uint32_t digits, uint8_t* out);
uint8_t* writePackedDatetime(const uint8_t* at, uint32_t digits, uint8_t* out);
uint8_t* writePackedTimestamp(const uint8_t* at, uint32_t digits, uint8_t* out);
/// Bits as a number without sign.
uint8_t* writePackedBits(const uint8_t* at, uint32_t bytes, uint8_t* out);

constexpr uint32_t kPackedPrecisionMax = 65;
/// Bytes that a packed decimal takes; `scale` of its digits stand behind the point.
uint32_t packedDecimalBytes(uint32_t precision, uint32_t scale);
/// Bytes that so many digits of a second's fraction take.
constexpr uint32_t fractionBytes(uint32_t digits) { return (digits + 1) / 2; }

uint64_t littleEndian(const uint8_t* at, uint32_t bytes);
uint64_t bigEndian(const uint8_t* at, uint32_t bytes);

}  // namespace millrace
