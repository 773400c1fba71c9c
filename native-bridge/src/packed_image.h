// Reads row images that a source copied as its log packs them: finds each column's canonical text, or makes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "image_value.h"
#include "js.h"

namespace millrace {

/// How the images of one version of a table are packed (layout::PACKED_*).
class PackedLayout {
 public:
  /// Null when the words are no layout.
  static std::unique_ptr<PackedLayout> make(View words, View constants);

  uint32_t columnCount() const { return static_cast<uint32_t>(columns_.size()); }
  /// Room for the texts that `locate` makes of an image of so many bytes.
  size_t textBytes(size_t imageBytes) const { return textBytes_ + (isMapped_ ? kMappedBytesMax * imageBytes : 0); }
  /// Most bytes of an image's labels, for which the image itself has numbers.
  uint64_t labelBytes() const { return labelBytes_; }

  /// Finds the columns of the image [at, end): their texts lie in it, in this layout, or in `texts`. False for what only TypeScript
  /// decodes, or refuses.
  bool locate(const uint8_t* at, const uint8_t* end, uint8_t* texts, std::vector<ImageValue>& image) const;

 private:
  struct Column {
    uint32_t kind;
    /// Bytes of a value or, for those of any length, of the length in front; digits of a decimal, or of a second's fraction.
    uint32_t size;
    /// Whether an integer is signed; a decimal's digits behind the point; the first label; where a table lies.
    uint32_t detail;
    uint32_t labelCount;
    /// Bytes that each value takes; 0 where its length is in front.
    uint32_t width;
    bool keepsAscii;
  };

  static constexpr size_t kMappedBytesMax = 3;

  bool addColumn(const int32_t* words);
  bool addLabel(const int32_t* words);
  bool value(const Column& column, const uint8_t* at, uint8_t*& texts, ImageValue& value) const;
  bool prefixed(const Column& column, const uint8_t* at, uint32_t length, uint8_t*& texts, ImageValue& value) const;
  bool label(const Column& column, uint64_t number, ImageValue& value) const;
  uint8_t* set(const Column& column, uint64_t members, uint8_t* out) const;

  bool isPartial_ = false;
  bool isMapped_ = false;
  std::vector<Column> columns_;
  std::vector<uint8_t> constants_;
  /// In the constants.
  std::vector<ImageValue> labels_;
  size_t textBytes_ = 0;
  uint64_t labelBytes_ = 0;
};

}  // namespace millrace
