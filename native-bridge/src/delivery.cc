#include "delivery.h"

#include <cstring>

namespace millrace {

void DeliveryTable::targetProduced(uint32_t index, int32_t count) {
  add64(words_ + layout::HEADER_IN_FLIGHT, count);
  add(target(index) + layout::TARGET_IN_FLIGHT, count);
}

void DeliveryTable::targetDelivered(uint32_t index, int32_t count, int64_t bytes, int64_t endOffset) {
  int32_t* words = target(index);
  // One poll thread per handle reports a partition's offsets in order, so a plain store keeps the last.
  if (endOffset > 0) __atomic_store_n(reinterpret_cast<int64_t*>(words + layout::TARGET_OFFSET), endOffset, __ATOMIC_SEQ_CST);
  add64(words + layout::TARGET_COUNT, count);
  add64(words + layout::TARGET_BYTES, bytes);
  add(words + layout::TARGET_IN_FLIGHT, -count);
  add64(words_ + layout::HEADER_DELIVERED, count);
  add64(words_ + layout::HEADER_BYTES, bytes);
  add64(words_ + layout::HEADER_IN_FLIGHT, -count);
}

void DeliveryTable::failed(uint32_t index, const FailedMessage& message, bool purged) {
  recordFirstError(message, purged);
  store(epoch(message.opaque.epochSlot()) + layout::EPOCH_POISONED, 1);
  add64(words_ + (purged ? layout::HEADER_PURGED : layout::HEADER_FAILED), 1);
  add(target(index) + layout::TARGET_IN_FLIGHT, -1);
  add64(words_ + layout::HEADER_IN_FLIGHT, -1);
}

void DeliveryTable::recordFirstError(const FailedMessage& message, bool purged) {
  int32_t* state = words_ + layout::ERROR_STATE;
  constexpr auto kWriting = static_cast<int32_t>(layout::ERROR_WRITING);
  auto seen = static_cast<int32_t>(layout::ERROR_NONE);
  if (!__atomic_compare_exchange_n(state, &seen, kWriting, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
    // librdkafka may report what it purged because of a failure before that failure.
    if (purged || seen != static_cast<int32_t>(layout::ERROR_OF_PURGE)) return;
    if (!__atomic_compare_exchange_n(state, &seen, kWriting, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) return;
  }
  store(words_ + layout::ERROR_CODE, message.code);
  store(words_ + layout::ERROR_HANDLE, static_cast<int32_t>(message.handle));
  store(words_ + layout::ERROR_TOPIC, static_cast<int32_t>(message.topic));
  store(words_ + layout::ERROR_PARTITION, message.partition);
  store(words_ + layout::ERROR_TABLE, static_cast<int32_t>(message.opaque.table()));
  store(words_ + layout::ERROR_EPOCH_SLOT, static_cast<int32_t>(message.opaque.epochSlot()));
  store(words_ + layout::ERROR_ROW_IN_EPOCH, static_cast<int32_t>(message.opaque.rowInEpoch()));
  if (message.key == nullptr) {
    store(words_ + layout::ERROR_KEY_LENGTH, static_cast<int32_t>(layout::NULL_LENGTH));
  } else {
    size_t kept = message.keyLength < layout::ERROR_KEY_BYTES ? message.keyLength : layout::ERROR_KEY_BYTES;
    memcpy(words_ + layout::ERROR_KEY, message.key, kept);
    store(words_ + layout::ERROR_KEY_LENGTH, static_cast<int32_t>(message.keyLength));
  }
  store(state, static_cast<int32_t>(purged ? layout::ERROR_OF_PURGE : layout::ERROR_OF_FAILURE));
}

}  // namespace millrace
