// What TypeScript compiled of one version of a table: how its row records become messages. `engine/encode/row-program.ts` writes it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "image_value.h"
#include "js.h"
#include "packed_image.h"
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

  /// `packed` is how the table's images are packed; null where they are canonical. Null when the words are no program for such images.
  static std::unique_ptr<RowProgram> make(View words, View constants, std::unique_ptr<PackedLayout> packed);

  /// Most bytes that `write` takes, from the length of the row's images alone: cheap and wide.
  uint64_t bound(const RowRecord& row) const;

  /// Writes the value of a whole record and moves `out` behind it; what was written without kWritten is void. `micros`: now, since 1970.
  Result write(const RowRecord& row, int64_t micros, uint8_t*& out);

 private:
  /// An image of the current row.
  struct Image {
    /// By column; empty where the row has no such image.
    std::vector<ImageValue> values;
    /// Of a packed image: the texts that are not in it.
    std::vector<uint8_t> texts;
  };

  struct Column {
    uint32_t form;
    uint32_t nameOffset;
    uint32_t nameLength;
    uint32_t isExcluded;
  };

  RowProgram(std::vector<int32_t> words, std::vector<uint8_t> constants, std::unique_ptr<PackedLayout> packed);
  bool isSound() const;
  bool isConstant(uint32_t offset, uint32_t length) const;

  /// Finds the columns of an image; an empty one has none. False when it is no image of this table.
  bool locate(Image& image, const uint8_t* at, const uint8_t* end) const;
  uint8_t* constant(uint32_t offset, uint32_t length, uint8_t* out) const;
  uint8_t* position(const RowRecord& row, const int32_t* operands, uint8_t* out) const;
  uint8_t* value(const int32_t* operands, uint8_t* out) const;
  uint8_t* object(bool isOld, bool isFilled, uint8_t* out) const;
  static bool isSame(uint32_t form, const ImageValue& before, const ImageValue& after);
  uint8_t* changed(const RowRecord& row, const int32_t* operands, uint8_t* out) const;
  uint8_t* column(uint32_t index, const ImageValue& value, uint8_t* out) const;
  uint8_t* run(const RowRecord& row, int64_t micros, const int32_t* at, uint8_t* out, bool& hasValue) const;

  const std::vector<int32_t> words_;
  const std::vector<uint8_t> constants_;
  const uint32_t columnCount_;
  const bool writesNulls_;
  const Column* const columns_;
  const std::unique_ptr<PackedLayout> packed_;
  Image old_;
  Image new_;
};

}  // namespace millrace
