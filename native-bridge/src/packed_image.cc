#include "packed_image.h"

#include <cstring>

#include "layout.h"
#include "packed_values.h"

namespace millrace {

using namespace layout;

namespace {

constexpr uint32_t kFractionDigitsMax = 6;
constexpr uint32_t kFixedBytesMax = 255;
constexpr uint64_t kHighBits = 0x8080'8080'8080'8080;
/// Bytes of a character's length and of the character.
constexpr uint32_t kTableEntry = PACKED_TABLE_BYTES / 256;

bool isSet(const uint8_t* bits, uint32_t index) { return (bits[index / 8] >> index % 8 & 1) != 0; }

/// Takes a bitmap; null when the image ends before it does.
const uint8_t* takeBits(const uint8_t*& at, const uint8_t* end, uint32_t count) {
  const uint8_t* bits = at;
  ptrdiff_t bytes = (static_cast<ptrdiff_t>(count) + 7) / 8;
  if (end - at < bytes) return nullptr;
  at += bytes;
  return bits;
}

bool isAscii(const uint8_t* at, uint32_t length) {
  uint64_t seen = 0;
  uint32_t done = 0;
  for (; done + 8 <= length; done += 8) {
    uint64_t word;
    memcpy(&word, at + done, sizeof word);
    seen |= word;
  }
  for (; done < length; done++) seen |= at[done];
  return (seen & kHighBits) == 0;
}

/// Whether each character of a table is at most as long as JSON has room for: those of several bytes need no escape.
bool isTable(const uint8_t* table) {
  for (uint32_t entry = 0; entry < PACKED_TABLE_BYTES; entry += kTableEntry) {
    const uint8_t* character = table + entry;
    if (character[0] >= kTableEntry) return false;
    for (uint32_t byte = 1; character[0] > 1 && byte <= character[0]; byte++) {
      if (character[byte] < 0x80) return false;
    }
  }
  return true;
}

/// Whether the table of a character set leaves ASCII as it is.
bool keepsAscii(const uint8_t* table) {
  for (uint32_t byte = 0; byte < 0x80; byte++) {
    if (table[byte * kTableEntry] != 1 || table[byte * kTableEntry + 1] != byte) return false;
  }
  return true;
}

bool isWithin(uint32_t number, uint32_t least, uint32_t most) { return number >= least && number <= most; }

}  // namespace

std::unique_ptr<PackedLayout> PackedLayout::make(View words, View constants) {
  if (words.data == nullptr || words.bytes < PACKED_COLUMN_TABLE * 4) return nullptr;
  auto* first = reinterpret_cast<const int32_t*>(words.data);
  auto columnCount = static_cast<uint32_t>(first[PACKED_COLUMNS]);
  auto labelCount = static_cast<uint32_t>(first[PACKED_LABELS]);
  uint64_t labelTable = PACKED_COLUMN_TABLE + uint64_t{columnCount} * PACKED_COLUMN_WORDS;
  if (words.bytes / 4 != labelTable + uint64_t{labelCount} * PACKED_LABEL_WORDS) return nullptr;
  auto layout = std::make_unique<PackedLayout>();
  layout->isPartial_ = first[PACKED_PARTIAL] != 0;
  // Most tables have no labels; what is empty lies somewhere all the same.
  layout->constants_.assign(constants.data, constants.data + constants.bytes);
  layout->constants_.push_back(0);
  for (uint32_t i = 0; i < labelCount; i++) {
    if (!layout->addLabel(first + labelTable + size_t{i} * PACKED_LABEL_WORDS)) return nullptr;
  }
  for (uint32_t i = 0; i < columnCount; i++) {
    if (!layout->addColumn(first + PACKED_COLUMN_TABLE + size_t{i} * PACKED_COLUMN_WORDS)) return nullptr;
  }
  return layout;
}

bool PackedLayout::addLabel(const int32_t* words) {
  auto offset = static_cast<uint32_t>(words[0]);
  auto length = static_cast<uint32_t>(words[1]);
  if (length > INT32_MAX || uint64_t{offset} + length > constants_.size()) return false;
  labels_.push_back({constants_.data() + offset, static_cast<int32_t>(length)});
  return true;
}

bool PackedLayout::addColumn(const int32_t* words) {
  Column column{static_cast<uint32_t>(words[0]), static_cast<uint32_t>(words[1]), static_cast<uint32_t>(words[2]),
                static_cast<uint32_t>(words[3]), 0, false};
  const uint32_t size = column.size;
  uint64_t longest = 0;
  uint64_t joined = 0;
  if (uint64_t{column.detail} + column.labelCount > labels_.size() && column.labelCount > 0) return false;
  for (uint32_t i = 0; i < column.labelCount; i++) {
    auto length = static_cast<uint64_t>(labels_[column.detail + i].length);
    longest = length > longest ? length : longest;
    joined += length + 1;
  }
  switch (column.kind) {
    case PACKED_INTEGER:
    case PACKED_BITS:
      column.width = isWithin(size, 1, 8) ? size : 0;
      break;
    case PACKED_DECIMAL:
      column.width = isWithin(size, 1, kPackedPrecisionMax) && column.detail <= size ? packedDecimalBytes(size, column.detail) : 0;
      break;
    case PACKED_FLOAT:
      column.width = size == 4 || size == 8 ? size : 0;
      break;
    case PACKED_YEAR:
      column.width = 1;
      break;
    case PACKED_DATE:
      column.width = 3;
      break;
    case PACKED_TIME:
    case PACKED_DATETIME:
    case PACKED_TIMESTAMP:
      column.width = (column.kind == PACKED_TIME ? 3 : column.kind == PACKED_DATETIME ? 5 : 4) + fractionBytes(size);
      if (size > kFractionDigitsMax) return false;
      break;
    case PACKED_ENUM:
      column.width = isWithin(size, 1, 2) ? size : 0;
      labelBytes_ += longest;
      break;
    case PACKED_SET:
      column.width = isWithin(size, 1, 8) && column.labelCount <= 8 * size ? size : 0;
      labelBytes_ += joined;
      textBytes_ += joined;
      break;
    case PACKED_FIXED:
      column.width = isWithin(size, 1, kFixedBytesMax) ? size : 0;
      break;
    case PACKED_MAPPED:
      if (uint64_t{column.detail} + PACKED_TABLE_BYTES > constants_.size() || !isTable(constants_.data() + column.detail)) return false;
      isMapped_ = true;
      column.keepsAscii = keepsAscii(constants_.data() + column.detail);
      columns_.push_back(column);
      return isWithin(size, 1, 4);
    case PACKED_TEXT:
    case PACKED_OTHER:
      columns_.push_back(column);
      return isWithin(size, 1, 4);
    default:
      return false;
  }
  textBytes_ += kPackedTextMax;
  columns_.push_back(column);
  return column.width > 0;
}

bool PackedLayout::locate(const uint8_t* at, const uint8_t* end, uint8_t* texts, std::vector<ImageValue>& image) const {
  // Written where it stays: a copy of what was just written in parts waits for both.
  image.resize(columnCount());
  const uint8_t* present = nullptr;
  uint32_t presentCount = columnCount();
  if (isPartial_) {
    present = takeBits(at, end, columnCount());
    if (present == nullptr) return false;
    presentCount = 0;
    for (uint32_t i = 0; i < columnCount(); i++) presentCount += isSet(present, i) ? 1 : 0;
  }
  const uint8_t* nulls = takeBits(at, end, presentCount);
  if (nulls == nullptr) return false;
  uint32_t next = 0;
  for (uint32_t i = 0; i < columnCount(); i++) {
    const Column& column = columns_[i];
    ImageValue& found = image[i];
    if (present != nullptr && !isSet(present, i)) {
      found.length = ImageValue::kAbsent;
      continue;
    }
    if (isSet(nulls, next++)) {
      found.length = ImageValue::kNull;
      continue;
    }
    const uint32_t head = column.width > 0 ? column.width : column.size;
    if (static_cast<size_t>(end - at) < head) return false;
    const uint8_t* packed = at;
    at += head;
    if (column.width > 0) {
      if (!value(column, packed, texts, found)) return false;
    } else {
      uint64_t length = head == 1 ? *packed : littleEndian(packed, head);
      if (length > static_cast<uint64_t>(end - at) || length > INT32_MAX) return false;
      if (!prefixed(column, at, static_cast<uint32_t>(length), texts, found)) return false;
      at += length;
    }
  }
  return at == end;
}

bool PackedLayout::value(const Column& column, const uint8_t* at, uint8_t*& texts, ImageValue& value) const {
  uint8_t* const text = texts;
  uint8_t* end = nullptr;
  switch (column.kind) {
    case PACKED_INTEGER:
      end = writePackedInteger(at, column.size, column.detail != 0, text);
      break;
    case PACKED_DECIMAL:
      end = writePackedDecimal(at, column.size, column.detail, text);
      break;
    case PACKED_FLOAT:
      end = column.size == 4 ? writePackedFloat(at, text) : writePackedDouble(at, text);
      break;
    case PACKED_YEAR:
      end = writePackedYear(at, text);
      break;
    case PACKED_DATE:
      end = writePackedDate(at, text);
      break;
    case PACKED_TIME:
      end = writePackedTime(at, column.size, text);
      break;
    case PACKED_DATETIME:
      end = writePackedDatetime(at, column.size, text);
      break;
    case PACKED_TIMESTAMP:
      end = writePackedTimestamp(at, column.size, text);
      break;
    case PACKED_BITS:
      end = writePackedBits(at, column.size, text);
      break;
    case PACKED_ENUM:
      return label(column, littleEndian(at, column.size), value);
    case PACKED_SET:
      end = set(column, littleEndian(at, column.size), text);
      break;
    default:
      return false;
  }
  if (end == nullptr) return false;
  texts = end;
  value.at = text;
  value.length = static_cast<int32_t>(end - text);
  return true;
}

bool PackedLayout::prefixed(const Column& column, const uint8_t* at, uint32_t length, uint8_t*& texts, ImageValue& value) const {
  value.at = at;
  value.length = static_cast<int32_t>(length);
  if (column.kind == PACKED_TEXT) return true;
  if (column.kind != PACKED_MAPPED) return false;
  if (column.keepsAscii && isAscii(at, length)) return true;
  const uint8_t* table = constants_.data() + column.detail;
  value.at = texts;
  for (uint32_t i = 0; i < length; i++) {
    const uint8_t* character = table + at[i] * kTableEntry;
    if (character[0] == 0) return false;
    for (uint32_t byte = 1; byte <= character[0]; byte++) *texts++ = character[byte];
  }
  value.length = static_cast<int32_t>(texts - value.at);
  return true;
}

/// Labels count from 1; 0 is what was no label, and reads as an empty text.
bool PackedLayout::label(const Column& column, uint64_t number, ImageValue& value) const {
  if (number > column.labelCount) return false;
  value = number == 0 ? ImageValue{constants_.data(), 0} : labels_[column.detail + number - 1];
  return true;
}

/// The labels of a set's bits, with commas between them.
uint8_t* PackedLayout::set(const Column& column, uint64_t members, uint8_t* out) const {
  uint8_t* const start = out;
  for (uint32_t i = 0; i < column.labelCount && members != 0; i++, members >>= 1) {
    if ((members & 1) == 0) continue;
    if (out != start) *out++ = ',';
    const ImageValue& label = labels_[column.detail + i];
    memcpy(out, label.at, static_cast<size_t>(label.length));
    out += label.length;
  }
  return members == 0 ? out : nullptr;
}

}  // namespace millrace
