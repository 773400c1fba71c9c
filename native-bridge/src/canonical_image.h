// Reads row images in the form that all encoders know (`engine/change/operation.ts`).
#pragma once

#include <cstdint>
#include <vector>

#include "image_value.h"

namespace millrace {

/// Finds the columns of the image [at, end). False when it is no image of so many columns.
bool locateColumns(uint32_t count, const uint8_t* at, const uint8_t* end, std::vector<ImageValue>& image);

}  // namespace millrace
