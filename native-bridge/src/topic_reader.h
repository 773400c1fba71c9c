// Reads one partition of a topic from an offset to its end: the few records that keep a state, not rows.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "admin.h"
#include "js.h"
#include "producer.h"

namespace millrace {

struct TopicReading {
  std::string topic;
  int32_t partition = 0;
  /// First offset; negative for the oldest that there is.
  int64_t from = 0;
  /// Only records of these keys are given out.
  std::vector<std::string> keys;
  /// Ends before the end of the topic once the values of these records have so many bytes.
  uint32_t bytesMax = 0;
  /// What open transactions hold back is waited for.
  bool waits = true;
  int64_t deadlineNanos = 0;
};

/// Reads by a consumer of its own, without a group; `config` has its `isolation.level`. `found` gets `next`, the offset to go on at,
/// `isEnd`, and for each record `OFFSET KEY` with its value, which is empty for a tombstone.
///
/// The end is where the partition ended at the first answer of the broker, open transactions included if they are waited for.
/// Fails with KAFKA_UNREACHABLE when the end is not reached before the deadline.
Outcome readTopic(const ClientConfig& config, const std::optional<Token>& token, const TopicReading& reading,
                  const std::atomic<bool>& cancelled, Entries& found);

}  // namespace millrace
