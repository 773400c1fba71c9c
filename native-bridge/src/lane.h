// A lane: the views that one worker attached once, and the hot path from them into librdkafka.
#pragma once

#include <node_api.h>
#include <rdkafka.h>

#include <cstdint>
#include <memory>

#include "js.h"
#include "producer.h"

namespace millrace {

class Lane {
 public:
  /// Holds references to both views until `release`.
  Lane(napi_env env, napi_value slab, View slabView, napi_value messages, View messagesView);

  /// Gives the views back; the lane is not used afterwards.
  void release(napi_env env);

  /// Produces descriptors [first, first + count), grouped in runs of equal topic and partition. Waits at most `waitMs` in all while the
  /// queue is full, or a partition has not acknowledged its first message. `accepted` counts the clean prefix that librdkafka took, on
  /// failure too. The caller holds a `Producer::Use`.
  Outcome produce(Producer& producer, uint32_t first, uint32_t count, uint32_t waitMs, uint32_t& accepted);

 private:
  /// Messages of one call to librdkafka: 1024 of 88 bytes stay in the second-level cache.
  static constexpr uint32_t kBatch = 1024;

  const uint32_t* descriptor(uint32_t index) const;
  /// Length of the run at `first` of equal topic and partition, at most `limit`.
  uint32_t runLength(uint32_t first, uint32_t limit) const;
  Outcome validate(Producer& producer, uint32_t first, uint32_t count) const;
  void fill(uint32_t first, uint32_t count);
  int64_t bytesOf(uint32_t from, uint32_t to) const;
  void countEpochs(DeliveryTable& table, uint32_t from, uint32_t to, bool refused) const;
  /// Produces batch_[0, count), all of one partition. Returns how many were taken; `error` says why not all.
  uint32_t produceRun(Producer& producer, const Topic& topic, int32_t partition, uint32_t count, rd_kafka_resp_err_t& error);

  const uint8_t* const slab_;
  const uint64_t slabBytes_;
  const uint32_t* const messages_;
  const uint32_t messageCount_;
  napi_ref slabReference_ = nullptr;
  napi_ref messagesReference_ = nullptr;
  const std::unique_ptr<rd_kafka_message_t[]> batch_;
};

}  // namespace millrace
