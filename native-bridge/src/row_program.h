// What TypeScript compiled of one version of a table: how its row records become messages. `engine/encode/row-program.ts` writes it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "js.h"
#include "row_record.h"

namespace millrace {

class RowProgram {
 public:
  enum class Result {
    kWritten,
    /// The message has no value.
    kNoValue,
    /// Something that TypeScript writes, or refuses.
    kUnusual,
  };

  /// Null when the words are no program.
  static std::unique_ptr<RowProgram> make(View words, View constants);

  /// Most bytes that `write` takes, from the length of the row's images alone: cheap and wide.
  uint64_t bound(const RowRecord& row) const;

  /// Writes the value of a whole record and moves `out` behind it; what was written without kWritten is void. `micros`: now, since 1970.
  Result write(const RowRecord& row, int64_t micros, uint8_t*& out);

 private:
  /// One column of a located image.
  struct Value {
    const uint8_t* at;
    /// In bytes, or kNull or kUnchanged.
    int32_t length;
  };
  static constexpr int32_t kNull = -1;
  static constexpr int32_t kUnchanged = -2;

  struct Column {
    uint32_t form;
    uint32_t nameOffset;
    uint32_t nameLength;
    uint32_t isExcluded;
  };

  RowProgram(std::vector<int32_t> words, std::vector<uint8_t> constants);
  bool isSound() const;
  bool isConstant(uint32_t offset, uint32_t length) const;

  /// Finds the columns of an image; an empty one has none. False when it is no image of this table.
  bool locate(std::vector<Value>& image, const uint8_t* at, const uint8_t* end) const;
  uint8_t* constant(uint32_t offset, uint32_t length, uint8_t* out) const;
  uint8_t* position(const RowRecord& row, const int32_t* operands, uint8_t* out) const;
  uint8_t* value(const int32_t* operands, uint8_t* out) const;
  uint8_t* object(bool isOld, bool isFilled, uint8_t* out) const;
  uint8_t* changed(const RowRecord& row, const int32_t* operands, uint8_t* out) const;
  uint8_t* column(uint32_t index, const Value& value, uint8_t* out) const;
  uint8_t* run(const RowRecord& row, int64_t micros, const int32_t* at, uint8_t* out, bool& hasValue) const;

  const std::vector<int32_t> words_;
  const std::vector<uint8_t> constants_;
  const uint32_t columnCount_;
  const bool writesNulls_;
  const Column* const columns_;
  /// Of the current row; empty where it has none.
  std::vector<Value> old_;
  std::vector<Value> new_;
};

}  // namespace millrace
