// Delivery reports of one poll of one producer, counted over runs of messages that share an epoch or a target.
#pragma once

#include <rdkafka.h>

#include <cstdint>

#include "delivery.h"
#include "stamps.h"
#include "topics.h"

namespace millrace {

class Reports {
 public:
  Reports(DeliveryTable table, uint32_t handle, const Topics& topics, Stamps* stamps)
      : table_(table), handle_(handle), topics_(topics), stamps_(stamps) {}

  /// One report. `nanos` is when its batch arrived.
  void add(const rd_kafka_message_t* message, int64_t nanos);
  /// Ends the runs: afterwards the table counts everything that was added. True when an epoch ended or was poisoned since the last call.
  bool finish();

 private:
  void endTargetRun();
  void endEpochRun();
  void addFailure(const rd_kafka_message_t* message);

  DeliveryTable table_;
  const uint32_t handle_;
  const Topics& topics_;
  Stamps* const stamps_;

  rd_kafka_topic_t* topicHandle_ = nullptr;
  const Topic* topic_ = nullptr;
  int32_t partition_ = -1;
  int32_t targetCount_ = 0;
  int64_t targetBytes_ = 0;
  /// Offset after the last message of the run; 0 when no report had one.
  int64_t targetEnd_ = 0;
  /// When the last report's batch arrived.
  int64_t nanos_ = 0;

  uint32_t epochSlot_ = 0;
  int32_t epochCount_ = 0;
  bool changed_ = false;
};

}  // namespace millrace
