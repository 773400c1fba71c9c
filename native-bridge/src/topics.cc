#include "topics.h"

#include <algorithm>
#include <cstdlib>

#include "layout.h"

namespace millrace {

namespace {

/// Record batch header v2, which a broker counts against the topic's limit.
constexpr int64_t kBatchHeaderBytes = 61;
/// Most that a record adds to its key and value: lengths, deltas, attributes, header count.
constexpr int64_t kRecordOverheadBytes = 36;

int64_t numberOf(rd_kafka_t* client, const char* property) {
  char text[64];
  size_t size = sizeof text;
  if (rd_kafka_conf_get(rd_kafka_conf(client), property, text, &size) != RD_KAFKA_CONF_OK) return 0;
  return strtoll(text, nullptr, 10);
}

}  // namespace

Topics::~Topics() {
  for (uint32_t i = 0; i < count_; i++) delete byIndex_[i].load();
}

Outcome Topics::add(rd_kafka_t* client, const std::string& name, uint32_t partitionCount, uint32_t targetBase,
                    uint32_t messageBytesMax, uint32_t& index) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (count_ == kMax || uint64_t{targetBase} + partitionCount > layout::TARGET_SLOTS) {
    return Failure("TOO_MANY_TARGETS", "topic " + name + " with " + std::to_string(partitionCount) + " partitions goes beyond the " +
                                           std::to_string(layout::TARGET_SLOTS) + " topic-partitions of one changefeed")
        .with("topic", name);
  }
  int64_t batchBytes = numberOf(client, "batch.size");
  if (batchBytes > messageBytesMax) {
    return Failure("KAFKA_CONFIG_INVALID", "batch.size is " + std::to_string(batchBytes) + ", topic " + name + " takes at most " +
                                               std::to_string(messageBytesMax) + " bytes (max.message.bytes): the broker would refuse " +
                                               "whole batches. Set MILLRACE_BATCH_BYTES to at most that, or raise the topic's limit.")
        .with("topic", name)
        .with("property", "batch.size");
  }
  rd_kafka_topic_t* handle = rd_kafka_topic_new(client, name.c_str(), nullptr);
  if (handle == nullptr) {
    return Failure("KAFKA_CONFIG_INVALID", "topic " + name + ": " + rd_kafka_err2str(rd_kafka_last_error())).with("topic", name);
  }
  if (byHandle_.count(handle) > 0) {
    rd_kafka_topic_destroy(handle);
    return Failure("INTERNAL", "topic " + name + " was added twice").with("topic", name);
  }
  int64_t limit = std::min(messageBytesMax - kBatchHeaderBytes, numberOf(client, "message.max.bytes")) - kRecordOverheadBytes;
  auto* topic = new Topic{count_, partitionCount, targetBase, static_cast<uint32_t>(std::max<int64_t>(limit, 0)), handle};
  byHandle_.emplace(handle, topic);
  byIndex_[count_].store(topic, std::memory_order_release);
  index = count_++;
  return std::nullopt;
}

const Topic* Topics::of(const rd_kafka_topic_t* handle) const {
  std::lock_guard<std::mutex> lock(mutex_);
  return byHandle_.at(handle);
}

Outcome Topics::openHandles(rd_kafka_t* client, Handles& handles) const {
  std::lock_guard<std::mutex> lock(mutex_);
  for (uint32_t i = 0; i < count_; i++) {
    const char* name = byIndex_[i].load()->name();
    rd_kafka_topic_t* handle = rd_kafka_topic_new(client, name, nullptr);
    if (handle == nullptr) {
      for (rd_kafka_topic_t* open : handles) rd_kafka_topic_destroy(open);
      handles.clear();
      return Failure("KAFKA_CONFIG_INVALID", std::string("topic ") + name + ": " + rd_kafka_err2str(rd_kafka_last_error()));
    }
    handles.push_back(handle);
  }
  return std::nullopt;
}

void Topics::replaceHandles(Handles handles) {
  std::lock_guard<std::mutex> lock(mutex_);
  byHandle_.clear();
  for (uint32_t i = 0; i < handles.size(); i++) {
    const Topic* old = byIndex_[i].load();
    auto* topic = new Topic(*old);
    topic->handle = handles[i];
    byHandle_.emplace(topic->handle, topic);
    byIndex_[i].store(topic, std::memory_order_release);
    rd_kafka_topic_destroy(old->handle);
    delete old;
  }
}

void Topics::destroyHandles() {
  std::lock_guard<std::mutex> lock(mutex_);
  for (auto& [handle, topic] : byHandle_) rd_kafka_topic_destroy(topic->handle);
  byHandle_.clear();
}

}  // namespace millrace
