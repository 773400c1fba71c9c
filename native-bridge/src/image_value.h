// One column of a row image, where its canonical text lies.
#pragma once

#include <cstdint>

namespace millrace {

struct ImageValue {
  static constexpr int32_t kNull = -1;
  /// A value out of line that the statement did not touch.
  static constexpr int32_t kUnchanged = -2;
  /// The log left the column out of this image.
  static constexpr int32_t kAbsent = -3;

  const uint8_t* at;
  /// In bytes, or one of the above: whatever is below kNull is not known from this image.
  int32_t length;
};

}  // namespace millrace
