// Kafka transactions of a producer that has a transactional.id.
#pragma once

#include <atomic>
#include <cstdint>

#include "js.h"
#include "producer.h"

namespace millrace {

enum class TransactionStep : uint32_t { kInit = 0, kBegin = 1, kCommit = 2, kAbort = 3 };

/// Takes one step, repeating what librdkafka calls retriable until the deadline.
///
/// Abort drops what is queued: those messages are reported as purged, so they poison their epochs. What was delivered inside the aborted
/// transaction has been counted as delivered, although no read_committed consumer will see it; whoever aborts restarts from its checkpoint.
Outcome takeTransactionStep(Producer& producer, TransactionStep step, int64_t deadlineNanos, const std::atomic<bool>& cancelled);

/// Writes records into partition 0 of a topic, in one transaction from its begin to its commit; an empty value is a tombstone. Returns
/// when the broker has all of them or none: what is in the way for now, an outage too, is waited for until the producer closes.
///
/// For a producer that sends nothing else: its messages all count in epoch slot 0.
Outcome writeInTransaction(Producer& producer, uint32_t topic, const ClientConfig& records, const std::atomic<bool>& cancelled);

}  // namespace millrace
