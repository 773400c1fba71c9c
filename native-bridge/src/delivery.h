// The delivery table: counters in memory shared with JavaScript (native-bridge/layout.ts).
//
// Every access is sequentially consistent, as JavaScript's Atomics are: the main thread reads an epoch's counter after the ring's read
// index, and must see every message that the worker counted before it moved that index. Updates come once per run of messages, so the
// order costs nothing that could be measured.
#pragma once

#include <cstddef>
#include <cstdint>

#include "layout.h"

namespace millrace {

/// What a message's opaque says: epoch slot (16 bits), table (16 bits), row in epoch (32 bits).
struct Opaque {
  uint64_t bits;

  explicit Opaque(const void* pointer) : bits(reinterpret_cast<uintptr_t>(pointer)) {}
  Opaque(uint32_t high, uint32_t low) : bits(uint64_t{high} << 32 | low) {}

  void* pointer() const { return reinterpret_cast<void*>(static_cast<uintptr_t>(bits)); }
  uint32_t epochSlot() const { return static_cast<uint32_t>(bits >> 48); }
  uint32_t table() const { return static_cast<uint32_t>(bits >> 32) & 0xffff; }
  uint32_t rowInEpoch() const { return static_cast<uint32_t>(bits); }
};
static_assert(sizeof(void*) == 8, "an opaque holds 64 bits");

/// Everything that the first error records.
struct FailedMessage {
  int32_t code;
  uint32_t handle;
  uint32_t topic;
  int32_t partition;
  Opaque opaque;
  const void* key;
  size_t keyLength;
};

class DeliveryTable {
 public:
  explicit DeliveryTable(int32_t* words) : words_(words) {}

  /// Counts messages of an epoch that are about to be produced.
  void epochProduced(uint32_t slot, int32_t count) { add(epoch(slot) + layout::EPOCH_OUTSTANDING, count); }
  /// Takes back messages that librdkafka refused: they are counted again by the retry, so an epoch that reaches zero here is not done.
  void epochRefused(uint32_t slot, int32_t count) { add(epoch(slot) + layout::EPOCH_OUTSTANDING, -count); }
  /// Counts messages of an epoch as delivered. True when none is outstanding now.
  bool epochDelivered(uint32_t slot, int32_t count) { return add(epoch(slot) + layout::EPOCH_OUTSTANDING, -count) == count; }

  /// Messages handed to librdkafka (positive) or taken back (negative).
  void targetProduced(uint32_t target, int32_t count);
  /// How many of `count` messages of a target may be produced now: all where its partition is known to know the producer id, else one
  /// at a time (docs/decisions/0018). Asked by one thread for each target.
  int32_t admitted(uint32_t target, int32_t count, int64_t nowNanos);
  /// The producer id is a new one: no partition of the targets knows it. Nothing of them is in flight.
  void forgetAcknowledged(uint32_t firstTarget, uint32_t count);
  /// `count` messages of one target were delivered, `bytes` of keys and values; the last lies before `endOffset` (0: not known).
  void targetDelivered(uint32_t target, int32_t count, int64_t bytes, int64_t endOffset, int64_t nowNanos);
  /// One message failed or was purged: poisons its epoch, which stays outstanding for good, and records the first error.
  void failed(uint32_t target, const FailedMessage& message, bool purged);

  /// Tells readers that an epoch ended or was poisoned.
  void bumpChanges() { add(words_ + layout::HEADER_CHANGES, 1); }

 private:
  int32_t* epoch(uint32_t slot) const { return words_ + layout::EPOCHS + slot * layout::EPOCH_WORDS; }
  int32_t* target(uint32_t index) const { return words_ + layout::TARGETS + index * layout::TARGET_WORDS; }
  void recordFirstError(const FailedMessage& message, bool purged);

  static int32_t add(int32_t* word, int32_t value) { return __atomic_fetch_add(word, value, __ATOMIC_SEQ_CST); }
  static void add64(int32_t* word, int64_t value) {
    __atomic_fetch_add(reinterpret_cast<int64_t*>(word), value, __ATOMIC_SEQ_CST);
  }
  static void store(int32_t* word, int32_t value) { __atomic_store_n(word, value, __ATOMIC_SEQ_CST); }

  int32_t* words_;
};

}  // namespace millrace
