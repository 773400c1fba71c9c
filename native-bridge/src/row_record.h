// A row record of a ring, `engine/ring/layout.ts`: what the capture wrote of one row.
#pragma once

#include <cstdint>

namespace millrace {

class RowRecord {
 public:
  /// `length` is the record's, its header included.
  RowRecord(const uint8_t* bytes, uint32_t length) : bytes_(bytes), length_(length) {}

  uint8_t byte(uint32_t offset) const { return bytes_[offset]; }
  int32_t word(uint32_t offset) const;
  /// A number of 64 bits in two words.
  int64_t number(uint32_t high, uint32_t low) const;
  /// 0 for a null key.
  uint32_t keyLength() const;
  const uint8_t* key() const;
  const uint8_t* oldImage() const { return key() + keyLength(); }
  const uint8_t* newImage() const;
  const uint8_t* end() const;
  /// Whether key and images lie in the record.
  bool isWhole() const;

 private:
  const uint8_t* bytes_;
  uint32_t length_;
};

}  // namespace millrace
