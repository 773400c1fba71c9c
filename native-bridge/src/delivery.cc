#include "delivery.h"

#include <cstring>

namespace millrace {

namespace {

/// Brokers forget the producer ids of partitions that are not written to (producer.id.expiration.ms, a day by default).
constexpr int32_t kKnownSeconds = 60;

/// Never 0.
int32_t secondOf(int64_t nanos) { return static_cast<int32_t>(nanos / 1'000'000'000) + 1; }

}  // namespace

void DeliveryTable::targetProduced(uint32_t index, int32_t count) {
  add64(words_ + layout::HEADER_IN_FLIGHT, count);
  add(target(index) + layout::TARGET_IN_FLIGHT, count);
}

int32_t DeliveryTable::admitted(uint32_t index, int32_t count, int64_t nowNanos) {
  int32_t* words = target(index);
  int32_t inFlight = __atomic_load_n(words + layout::TARGET_IN_FLIGHT, __ATOMIC_SEQ_CST);
  int32_t acknowledged = __atomic_load_n(words + layout::TARGET_ACKNOWLEDGED, __ATOMIC_SEQ_CST);
  if (acknowledged != 0 && (inFlight > 0 || secondOf(nowNanos) - acknowledged < kKnownSeconds)) return count;
  if (inFlight > 0) return 0;
  store(words + layout::TARGET_ACKNOWLEDGED, 0);
  return 1;
}

void DeliveryTable::forgetAcknowledged(uint32_t firstTarget, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) store(target(firstTarget + i) + layout::TARGET_ACKNOWLEDGED, 0);
}

void DeliveryTable::targetDelivered(uint32_t index, int32_t count, int64_t bytes, int64_t endOffset, int64_t nowNanos) {
  int32_t* words = target(index);
  // Before the count in flight: who sees that nothing is, sees this too.
  store(words + layout::TARGET_ACKNOWLEDGED, secondOf(nowNanos));
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
