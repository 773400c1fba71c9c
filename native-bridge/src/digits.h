// Decimal digits.
#pragma once

#include <cstdint>

namespace millrace {

/// Each returns the end of what it wrote.
uint8_t* writeUnsigned(uint64_t number, uint8_t* out);
uint8_t* writeInteger(int64_t number, uint8_t* out);
/// With zeros in front, `width` digits of them, of a number that has no more.
uint8_t* writePadded(uint32_t number, uint32_t width, uint8_t* out);

}  // namespace millrace
