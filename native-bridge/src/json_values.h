// Values of a row image as JSON: the forms that most columns have. `engine/change/json/` has them all, and says what is right.
#pragma once

#include <cstdint>

#include "layout.h"

namespace millrace {

/// Writes the canonical text [at, end) of one value in a form (layout::FORM_*). There must be room for six times its length and 32 bytes:
/// stores are up to 7 bytes longer than what they leave.
/// @returns the end, or null for what only TypeScript writes, or refuses with the table's and the column's name
uint8_t* writeJsonValue(uint32_t form, const uint8_t* at, const uint8_t* end, uint8_t* out);

/// Microseconds as seconds with their fraction, as `engine/encode/push-clock.ts` writes them.
uint8_t* writePushTime(int64_t micros, uint8_t* out);

}  // namespace millrace
