#include "digits.h"

#include <array>
#include <cstddef>
#include <cstring>

namespace millrace {

namespace {

/// `00` to `99`: a division for two digits.
constexpr std::array<char, 200> pairs() {
  std::array<char, 200> table{};
  for (int i = 0; i < 100; i++) {
    table[2 * i] = static_cast<char>('0' + i / 10);
    table[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return table;
}
constexpr std::array<char, 200> kPairs = pairs();

}  // namespace

uint8_t* writeUnsigned(uint64_t number, uint8_t* out) {
  uint8_t digits[20];
  uint8_t* first = digits + sizeof digits;
  while (number >= 100) {
    first -= 2;
    memcpy(first, &kPairs[2 * (number % 100)], 2);
    number /= 100;
  }
  if (number >= 10) {
    first -= 2;
    memcpy(first, &kPairs[2 * number], 2);
  } else {
    *--first = static_cast<uint8_t>('0' + number);
  }
  auto length = static_cast<size_t>(digits + sizeof digits - first);
  memcpy(out, first, length);
  return out + length;
}

uint8_t* writeInteger(int64_t number, uint8_t* out) {
  if (number >= 0) return writeUnsigned(static_cast<uint64_t>(number), out);
  *out = '-';
  return writeUnsigned(0 - static_cast<uint64_t>(number), out + 1);
}

uint8_t* writePadded(uint32_t number, uint32_t width, uint8_t* out) {
  uint32_t left = width;
  for (; left >= 2; left -= 2, number /= 100) memcpy(out + left - 2, &kPairs[size_t{2} * (number % 100)], 2);
  if (left == 1) *out = static_cast<uint8_t>('0' + number % 10);
  return out + width;
}

}  // namespace millrace
