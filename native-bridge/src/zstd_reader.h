// Decompresses zstd data by chunks, as far as the caller has room, with an upper limit of memory.
#pragma once

#include <zstd.h>

#include <cstdint>
#include <memory>

#include "js.h"

namespace millrace {

class ZstdReader {
 public:
  /// `windowLogMax`: data that refers further back than 2^windowLogMax bytes is refused. Null when it is no such number, or without memory.
  static std::unique_ptr<ZstdReader> make(uint32_t windowLogMax);

  /// New data begins: forgets what it was in the midst of.
  void reset();

  /// Goes on until `output` is full or `input`, the next piece of the data, is read to its end; `isWhole` when a frame ends there too, and
  /// as it was when nothing is left to do. Moves `pos` of both.
  Outcome read(ZSTD_inBuffer& input, ZSTD_outBuffer& output, bool& isWhole);

 private:
  struct Free {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  explicit ZstdReader(ZSTD_DCtx* context) : context_(context) {}

  const std::unique_ptr<ZSTD_DCtx, Free> context_;
  /// Bytes of the data that were read.
  uint64_t consumed_ = 0;
};

}  // namespace millrace
