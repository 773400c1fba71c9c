#include "zstd_reader.h"

#include <string>

namespace millrace {

namespace {

Failure invalid(const std::string& why, uint64_t offset) {
  return Failure("COMPRESSED_DATA_INVALID", "zstd data cannot be decompressed: " + why + ", at byte " + std::to_string(offset))
      .with("reason", why)
      .with("offset", static_cast<int64_t>(offset));
}

}  // namespace

std::unique_ptr<ZstdReader> ZstdReader::make(uint32_t windowLogMax) {
  std::unique_ptr<ZstdReader> reader(new ZstdReader(ZSTD_createDCtx()));
  if (reader->context_ == nullptr) return nullptr;
  size_t set = ZSTD_DCtx_setParameter(reader->context_.get(), ZSTD_d_windowLogMax, static_cast<int>(windowLogMax));
  return ZSTD_isError(set) ? nullptr : std::move(reader);
}

void ZstdReader::reset() {
  ZSTD_DCtx_reset(context_.get(), ZSTD_reset_session_only);
  consumed_ = 0;
}

Outcome ZstdReader::read(ZSTD_inBuffer& input, ZSTD_outBuffer& output, bool& isWhole) {
  while (output.pos < output.size) {
    const size_t begin = input.pos;
    const size_t written = output.pos;
    size_t left = ZSTD_decompressStream(context_.get(), &output, &input);
    consumed_ += input.pos - begin;
    if (ZSTD_isError(left)) return invalid(ZSTD_getErrorName(left), consumed_);
    if (input.pos == begin && output.pos == written) break;
    // Behind a frame another may begin.
    isWhole = left == 0 && input.pos == input.size;
    if (isWhole) break;
  }
  return {};
}

}  // namespace millrace
