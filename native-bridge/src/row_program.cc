#include "row_program.h"

#include <cstring>

#include "canonical_image.h"
#include "digits.h"
#include "json_text.h"
#include "json_values.h"
#include "json_values_declared.h"
#include "layout.h"

namespace millrace {

using namespace layout;

namespace {

/// Operands of each instruction, by its code.
constexpr uint32_t kOperands[OP_COUNT] = {0, 2, 0, 0, 4, 2, 2, 4, 2, 2, 0, 2, 2};

constexpr bool beginsWithConstant(uint32_t code) {
  return code == OP_CONSTANT || code == OP_COMMIT || code == OP_LSN || code == OP_LSN_DECIMAL ||
         code == OP_CHANGED || code == OP_PUSH_TIME || code == OP_FILE_OFFSET;
}

constexpr int64_t kMicrosPerSecond = 1'000'000;

uint8_t* writeHex(uint32_t number, uint8_t* out) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  int shift = 28;
  while (shift > 0 && number >> shift == 0) shift -= 4;
  for (; shift >= 0; shift -= 4) *out++ = static_cast<uint8_t>(kHex[(number >> shift) & 15]);
  return out;
}

/// Six digits, or as many as it needs.
uint8_t* writeFileNumber(uint32_t number, uint8_t* out) {
  for (uint32_t limit = 100'000; number < limit && limit > 1; limit /= 10) *out++ = '0';
  return writeInteger(number, out);
}

uint8_t* writeNull(uint8_t* out) {
  memcpy(out, "null", 4);
  return out + 4;
}

/// Makes an object of what was written from `start` to `end`, columns with a comma before each.
uint8_t* closeObject(uint8_t* start, uint8_t* end) {
  if (end == start) end++;
  *start = '{';
  *end = '}';
  return end + 1;
}

/// Whole seconds, rounded down.
uint8_t* writeSeconds(const RowRecord& row, uint8_t* out) {
  int64_t micros = row.number(ROW_COMMIT_MICROS_HIGH, ROW_COMMIT_MICROS_LOW);
  int64_t seconds = micros / kMicrosPerSecond - (micros % kMicrosPerSecond < 0 ? 1 : 0);
  return writeInteger(seconds, out);
}

}  // namespace

RowProgram::RowProgram(std::vector<int32_t> words, std::vector<uint8_t> constants, std::unique_ptr<PackedLayout> packed)
    : words_(std::move(words)),
      constants_(std::move(constants)),
      columnCount_(static_cast<uint32_t>(words_[PROGRAM_COLUMNS])),
      writesNulls_(words_[PROGRAM_NULLS] != 0),
      columns_(reinterpret_cast<const Column*>(words_.data() + PROGRAM_COLUMN_TABLE)),
      packed_(std::move(packed)) {
  static_assert(sizeof(Column) == PROGRAM_COLUMN_WORDS * 4, "a column is read where it lies");
}

std::unique_ptr<RowProgram> RowProgram::make(View words, View constants, std::unique_ptr<PackedLayout> packed) {
  if (words.data == nullptr || constants.data == nullptr || words.bytes < PROGRAM_COLUMN_TABLE * 4) return nullptr;
  auto* first = reinterpret_cast<const int32_t*>(words.data);
  std::vector<uint8_t> bytes(constants.data, constants.data + constants.bytes);
  // Constants are read by words.
  bytes.resize(constants.bytes + 7);
  std::unique_ptr<RowProgram> program(new RowProgram({first, first + words.bytes / 4}, std::move(bytes), std::move(packed)));
  if (!program->isSound()) return nullptr;
  for (Image* image : {&program->old_, &program->new_}) image->values.reserve(program->columnCount_);
  return program;
}

bool RowProgram::isConstant(uint32_t offset, uint32_t length) const { return uint64_t{offset} + length + 7 <= constants_.size(); }

/// Nothing of it leads out of its own memory. That there is enough room for what it writes is for PROGRAM_FIXED_BYTES to say.
bool RowProgram::isSound() const {
  uint64_t table = PROGRAM_COLUMN_TABLE + uint64_t{columnCount_} * PROGRAM_COLUMN_WORDS;
  if (columnCount_ > UINT16_MAX || table > words_.size()) return false;
  if (packed_ != nullptr && packed_->columnCount() != columnCount_) return false;
  for (uint32_t i = 0; i < columnCount_; i++) {
    if (!isConstant(columns_[i].nameOffset, columns_[i].nameLength)) return false;
  }
  for (uint32_t entry = 0; entry < PROGRAM_ENTRY_COUNT; entry++) {
    int32_t at = words_[PROGRAM_ENTRIES + entry];
    if (at < 0) continue;
    for (uint64_t next = static_cast<uint32_t>(at);;) {
      if (next < table || next >= words_.size()) return false;
      auto code = static_cast<uint32_t>(words_[next]);
      if (code >= OP_COUNT || next + 1 + kOperands[code] > words_.size()) return false;
      const int32_t* operands = &words_[next] + 1;
      if (beginsWithConstant(code) && !isConstant(operands[0], operands[1])) return false;
      if (code == OP_COMMIT && !isConstant(operands[2], operands[3])) return false;
      if (code == OP_VALUE && static_cast<uint32_t>(operands[0]) >= columnCount_) return false;
      if (code == OP_END) break;
      next += 1 + kOperands[code];
    }
  }
  return true;
}

uint64_t RowProgram::bound(const RowRecord& row) const {
  auto imageBytes = static_cast<uint64_t>(row.end() - row.oldImage());
  if (packed_ != nullptr) imageBytes += 2 * packed_->labelBytes();
  uint64_t values = uint64_t{VALUE_OVERHEAD} * columnCount_ + VALUE_FACTOR * imageBytes;
  return static_cast<uint32_t>(words_[PROGRAM_FIXED_BYTES]) + static_cast<uint32_t>(words_[PROGRAM_PLACES]) * values;
}

RowProgram::Result RowProgram::write(const RowRecord& row, int64_t micros, uint8_t*& out) {
  uint32_t operation = row.byte(ROW_OPERATION);
  uint32_t oldImage = row.byte(ROW_OLD_IMAGE);
  if ((row.byte(ROW_FLAGS) & ROW_FLAG_NO_XID) != 0) return Result::kUnusual;
  bool isSnapshot = (row.byte(ROW_FLAGS) & ROW_FLAG_SNAPSHOT) != 0;
  uint32_t entry = isSnapshot ? PROGRAM_ENTRY_SNAPSHOT : operation * PROGRAM_OLD_IMAGES + oldImage;
  bool isEntry = operation < PROGRAM_OPERATIONS && oldImage < PROGRAM_OLD_IMAGES && (!isSnapshot || operation + oldImage == 0);
  if (!isEntry || words_[PROGRAM_ENTRIES + entry] < 0) return Result::kUnusual;
  if (!locate(old_, row.oldImage(), row.newImage()) || !locate(new_, row.newImage(), row.end())) return Result::kUnusual;
  if ((operation == OPERATION_DELETE ? old_ : new_).values.empty()) return Result::kUnusual;
  bool hasValue = true;
  uint8_t* end = run(row, micros, &words_[words_[PROGRAM_ENTRIES + entry]], out, hasValue);
  if (end == nullptr) return Result::kUnusual;
  out = end;
  return hasValue ? Result::kWritten : Result::kNoValue;
}

bool RowProgram::locate(Image& image, const uint8_t* at, const uint8_t* end) const {
  image.values.clear();
  if (at == end) return true;
  if (packed_ == nullptr) return locateColumns(columnCount_, at, end, image.values);
  size_t room = packed_->textBytes(static_cast<size_t>(end - at));
  if (image.texts.size() < room) image.texts.resize(room);
  return packed_->locate(at, end, image.texts.data(), image.values);
}

uint8_t* RowProgram::run(const RowRecord& row, int64_t micros, const int32_t* at, uint8_t* out, bool& hasValue) const {
  for (;;) {
    auto code = static_cast<uint32_t>(*at++);
    switch (code) {
      case OP_END:
        return out;
      case OP_CONSTANT:
        out = constant(at[0], at[1], out);
        break;
      case OP_SECONDS:
        out = writeSeconds(row, out);
        break;
      case OP_XID:
        out = writeInteger(row.number(ROW_XID_HIGH, ROW_XID), out);
        break;
      case OP_COMMIT:
        if ((row.byte(ROW_FLAGS) & ROW_FLAG_COMMIT) != 0) {
          out = constant(at[0], at[1], out);
        } else if (at[3] != 0) {
          out = writeInteger(row.word(ROW_XOFFSET), constant(at[2], at[3], out));
        }
        break;
      case OP_LSN:
      case OP_LSN_DECIMAL:
      case OP_FILE_OFFSET:
        out = position(row, at, out);
        break;
      case OP_VALUE:
        out = value(at, out);
        break;
      case OP_OBJECT:
        out = object(at[0] != 0, at[1] != 0, out);
        break;
      case OP_CHANGED:
        out = changed(row, at, out);
        break;
      case OP_PUSH_TIME:
        out = writePushTime(micros, constant(at[0], at[1], out));
        break;
      case OP_NO_VALUE:
        hasValue = false;
        break;
      default:
        return nullptr;
    }
    if (out == nullptr) return nullptr;
    at += kOperands[code];
  }
}

uint8_t* RowProgram::constant(uint32_t offset, uint32_t length, uint8_t* out) const {
  copyConstant(constants_.data() + offset, length, out);
  return out + length;
}

/// The row's place as a string, behind a constant that ends in front of it; nothing for a row of a snapshot without one.
uint8_t* RowProgram::position(const RowRecord& row, const int32_t* operands, uint8_t* out) const {
  auto high = static_cast<uint32_t>(row.word(ROW_LSN_HIGH));
  auto low = static_cast<uint32_t>(row.word(ROW_LSN_LOW));
  if ((high | low) == 0) return out;
  out = constant(operands[0], operands[1], out);
  auto form = static_cast<uint32_t>(operands[-1]);
  if (form == OP_LSN_DECIMAL) {
    out = writeUnsigned(uint64_t{high} << 32 | low, out);
  } else if (form == OP_FILE_OFFSET) {
    out = writeFileNumber(high >> 8, out);
    *out++ = ':';
    out = writeUnsigned(uint64_t{high & 0xff} << 32 | low, out);
  } else {
    out = writeHex(high, out);
    *out++ = '/';
    out = writeHex(low, out);
  }
  *out = '"';
  return out + 1;
}

/// One value outside of an object: column, image, whether the other image fills in, what becomes of a value that was not sent.
uint8_t* RowProgram::value(const int32_t* operands, uint8_t* out) const {
  const std::vector<ImageValue>& image = (operands[1] != 0 ? old_ : new_).values;
  if (image.empty()) return nullptr;
  ImageValue value = image[operands[0]];
  if (value.length <= ImageValue::kUnchanged && operands[2] != 0 && !old_.values.empty()) value = old_.values[operands[0]];
  if (value.length < 0) return operands[3] != 0 ? nullptr : writeNull(out);
  return writeJsonValue(columns_[operands[0]].form, value.at, value.at + value.length, out);
}

/// `,"name":value`; nothing for what is left out.
uint8_t* RowProgram::column(uint32_t index, const ImageValue& value, uint8_t* out) const {
  const Column& column = columns_[index];
  const bool isNull = value.length == ImageValue::kNull;
  if (column.isExcluded != 0 || value.length <= ImageValue::kUnchanged || (isNull && !writesNulls_)) return out;
  // Whether there is such a column at all is for its value to say.
  if (column.form == FORM_DATE_OR_NULL && !writesNulls_) return nullptr;
  out = constant(column.nameOffset, column.nameLength, out);
  return isNull ? writeNull(out) : writeJsonValue(column.form, value.at, value.at + value.length, out);
}

uint8_t* RowProgram::object(bool isOld, bool isFilled, uint8_t* out) const {
  const std::vector<ImageValue>& image = (isOld ? old_ : new_).values;
  if (image.empty()) return nullptr;
  const bool fills = isFilled && !old_.values.empty();
  uint8_t* const start = out;
  for (uint32_t i = 0; i < columnCount_; i++) {
    const ImageValue* value = &image[i];
    if (value->length <= ImageValue::kUnchanged && fills) {
      const bool isUnchanged = value->length == ImageValue::kUnchanged;
      value = &old_.values[i];
      // Null in a key image says nothing of a column outside the key, and a null column is never out of line.
      if (isUnchanged && value->length < 0) continue;
    }
    out = column(i, *value, out);
    if (out == nullptr) return nullptr;
  }
  return closeObject(start, out);
}

/// Whether both have the same value, or dates that look alike: all of which a part is zero do, and nulls where those become null.
bool RowProgram::isSame(uint32_t form, const ImageValue& before, const ImageValue& after) {
  if (before.length == after.length && (before.length <= 0 || memcmp(before.at, after.at, before.length) == 0)) return true;
  if (form != FORM_DATE && form != FORM_DATE_OR_NULL) return false;
  const auto isEmpty = [form](const ImageValue& date) {
    return date.length == ImageValue::kNull ? form == FORM_DATE_OR_NULL : isZeroDate(date.at, date.at + date.length);
  };
  return isEmpty(before) && isEmpty(after);
}

/// The old values of columns that differ in the message, behind a constant; nothing when none is known to.
uint8_t* RowProgram::changed(const RowRecord& row, const int32_t* operands, uint8_t* out) const {
  if (old_.values.empty()) return out;
  if (new_.values.empty()) return nullptr;
  bool isKey = row.byte(ROW_OLD_IMAGE) == OLD_IMAGE_KEY;
  uint8_t* const start = constant(operands[0], operands[1], out);
  uint8_t* end = start;
  bool differs = false;
  for (uint32_t i = 0; i < columnCount_; i++) {
    const ImageValue& before = old_.values[i];
    const ImageValue& after = new_.values[i];
    if (after.length <= ImageValue::kUnchanged || before.length == ImageValue::kAbsent || (isKey && before.length < 0)) continue;
    if (columns_[i].isExcluded != 0 || isSame(columns_[i].form, before, after)) continue;
    differs = true;
    end = column(i, before, end);
    if (end == nullptr) return nullptr;
  }
  return differs ? closeObject(start, end) : out;
}

}  // namespace millrace
