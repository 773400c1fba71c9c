// Text as JSON strings, byte for byte as Jackson writes them: `engine/change/json/text.ts` says how.
#pragma once

#include <cstdint>

namespace millrace {

/// Copies what stands for itself, by words of which the last overlaps the one before it. Returns where it stopped: `end`, or at most 7
/// bytes before one that needs care.
const uint8_t* copyPlain(const uint8_t* at, const uint8_t* end, uint8_t* out);

/// A string with its quotes. Null when it is no UTF-8.
uint8_t* writeText(const uint8_t* at, const uint8_t* end, uint8_t* out);

/// Copies `length` bytes from memory that may be read, and to memory that may be written, 7 bytes beyond them: constants of a program.
void copyConstant(const uint8_t* from, uint32_t length, uint8_t* out);

}  // namespace millrace
