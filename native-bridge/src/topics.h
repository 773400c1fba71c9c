// The topics of one producer: found by index when messages are produced, by librdkafka's handle when they are reported.
#pragma once

#include <rdkafka.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "js.h"

namespace millrace {

struct Topic {
  uint32_t index;
  uint32_t partitionCount;
  /// Slot of partition 0 in the delivery table's targets.
  uint32_t targetBase;
  /// Most bytes of key and value together.
  uint32_t payloadMax;
  rd_kafka_topic_t* handle;

  const char* name() const { return rd_kafka_topic_name(handle); }
};

class Topics {
 public:
  static constexpr uint32_t kMax = 16384;

  Topics() : byIndex_(new std::atomic<const Topic*>[kMax]()) {}
  ~Topics();
  Topics(const Topics&) = delete;
  Topics& operator=(const Topics&) = delete;

  /// Adds a topic; `index` is what MESSAGE_TOPIC names from then on. Refuses what the layout or the client's `batch.size` do not allow.
  Outcome add(rd_kafka_t* client, const std::string& name, uint32_t partitionCount, uint32_t targetBase, uint32_t messageBytesMax,
              uint32_t& index);

  /// Null when there is no such topic. Any thread, no lock.
  const Topic* at(uint32_t index) const { return index < kMax ? byIndex_[index].load(std::memory_order_acquire) : nullptr; }
  /// The topic of a report. Not librdkafka's own opaque: a handle that was opened before, for metadata, keeps the opaque that it had then.
  const Topic* of(const rd_kafka_topic_t* handle) const;

  using Handles = std::vector<rd_kafka_topic_t*>;
  /// Handles of another client for all topics, by index. None is left open on failure.
  Outcome openHandles(rd_kafka_t* client, Handles& handles) const;
  /// Puts them in the place of those there are. The caller sees to it that no other thread uses a topic meanwhile.
  void replaceHandles(Handles handles);

  /// Gives the handles back to librdkafka, before the client is destroyed.
  void destroyHandles();

 private:
  mutable std::mutex mutex_;
  uint32_t count_ = 0;
  const std::unique_ptr<std::atomic<const Topic*>[]> byIndex_;
  std::unordered_map<const rd_kafka_topic_t*, const Topic*> byHandle_;
};

}  // namespace millrace
