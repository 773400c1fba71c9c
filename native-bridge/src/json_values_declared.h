// Values as columns declare them (`engine/change/value-form.ts`), whose JSON is not their text. All as `writeJsonValue` says.
#pragma once

#include <cstdint>

namespace millrace {

/// Labels with commas between them, as an array of strings.
uint8_t* writeSet(const uint8_t* at, const uint8_t* end, uint8_t* out);

/// A date, or a date and a time; one of which year, month or day is zero as zeros all over, or as null.
uint8_t* writeDate(const uint8_t* at, const uint8_t* end, bool zeroIsNull, uint8_t* out);

/// Whether it is a date of which year, month or day is zero.
bool isZeroDate(const uint8_t* at, const uint8_t* end);

/// Base64 with padding.
uint8_t* writeRawBytes(const uint8_t* at, const uint8_t* end, uint8_t* out);

/// As Java's BigDecimal prints it.
uint8_t* writeJavaDecimal(const uint8_t* at, const uint8_t* end, uint8_t* out);

/// Without zeros in front.
uint8_t* writeYear(const uint8_t* at, const uint8_t* end, uint8_t* out);

}  // namespace millrace
