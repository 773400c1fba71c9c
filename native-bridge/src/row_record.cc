#include "row_record.h"

#include <cstring>

#include "layout.h"

namespace millrace {

using namespace layout;

int32_t RowRecord::word(uint32_t offset) const {
  int32_t word;
  memcpy(&word, bytes_ + offset, sizeof word);
  return word;
}

int64_t RowRecord::number(uint32_t high, uint32_t low) const {
  return int64_t{word(high)} * (int64_t{1} << 32) + static_cast<uint32_t>(word(low));
}

uint32_t RowRecord::keyLength() const {
  auto length = static_cast<uint32_t>(word(ROW_KEY_LENGTH));
  return length == NULL_LENGTH ? 0 : length;
}

const uint8_t* RowRecord::key() const { return bytes_ + ROW_HEADER_BYTES; }

const uint8_t* RowRecord::newImage() const { return oldImage() + static_cast<uint32_t>(word(ROW_OLD_LENGTH)); }

const uint8_t* RowRecord::end() const { return newImage() + static_cast<uint32_t>(word(ROW_NEW_LENGTH)); }

bool RowRecord::isWhole() const {
  if (length_ < ROW_HEADER_BYTES) return false;
  uint64_t images = uint64_t{static_cast<uint32_t>(word(ROW_OLD_LENGTH))} + static_cast<uint32_t>(word(ROW_NEW_LENGTH));
  return keyLength() + images <= length_ - ROW_HEADER_BYTES;
}

}  // namespace millrace
