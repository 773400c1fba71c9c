#include "producer.h"

#include <chrono>
#include <cstdlib>

namespace millrace {

namespace {

constexpr int kIdlePollMs = 100;
/// Longest the main thread goes without a wake-up after a change.
constexpr int64_t kWakeIntervalNanos = 1'000'000;
constexpr int kSliceMs = 50;
/// Record batch header v2, which a broker counts against the topic's limit.
constexpr int64_t kBatchHeaderBytes = 61;
/// Most that a record adds to its key and value: lengths, deltas, attributes, header count.
constexpr int64_t kRecordOverheadBytes = 36;

int64_t numberOf(const rd_kafka_conf_t* conf, const char* name) {
  char text[64];
  size_t size = sizeof text;
  if (rd_kafka_conf_get(conf, name, text, &size) != RD_KAFKA_CONF_OK) return 0;
  return strtoll(text, nullptr, 10);
}

std::chrono::steady_clock::time_point timePoint(int64_t nanos) {
  return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(nanos));
}

}  // namespace

Producer::Producer(uint32_t handle, ProducerSettings settings)
    : handle_(handle),
      config_(std::move(settings.config)),
      table_(settings.table),
      wake_(std::move(settings.wake)),
      stamps_(std::move(settings.stamps)),
      reports_(table_, handle, stamps_.get()),
      topics_(new std::atomic<Topic*>[kTopicsMax]()) {}

Producer::~Producer() {
  for (uint32_t i = 0; i < topicCount_; i++) delete topics_[i].load();
}

Outcome Producer::configure(rd_kafka_conf_t* conf) {
  char error[512];
  for (const auto& [name, value] : config_) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error, sizeof error) != RD_KAFKA_CONF_OK) {
      return Failure("KAFKA_CONFIG_INVALID", error).with("property", name);
    }
  }
  // The values may hold secrets.
  config_.clear();
  rd_kafka_conf_set_opaque(conf, this);
  rd_kafka_conf_set_log_cb(conf, onLog);
  rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_STATS);
  return std::nullopt;
}

Outcome Producer::start() {
  char error[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  if (Outcome failure = configure(conf)) {
    rd_kafka_conf_destroy(conf);
    return failure;
  }
  client_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
  if (client_ == nullptr) {
    rd_kafka_conf_destroy(conf);
    return Failure("KAFKA_CONFIG_INVALID", error);
  }
  batchBytesMax_ = numberOf(rd_kafka_conf(client_), "batch.size");
  messageBytesMax_ = numberOf(rd_kafka_conf(client_), "message.max.bytes");
  queue_ = rd_kafka_queue_get_main(client_);
  poller_ = std::thread(&Producer::pollLoop, this);
  return std::nullopt;
}

Outcome Producer::addTopic(const std::string& name, uint32_t partitionCount, uint32_t targetBase, uint32_t messageBytesMax, uint32_t& index) {
  std::lock_guard<std::mutex> lock(topicsMutex_);
  if (topicCount_ == kTopicsMax || uint64_t{targetBase} + partitionCount > layout::TARGET_SLOTS) {
    return Failure("TOO_MANY_TARGETS", "topic " + name + " with " + std::to_string(partitionCount) + " partitions goes beyond the " +
                                           std::to_string(layout::TARGET_SLOTS) + " topic-partitions of one changefeed")
        .with("topic", name);
  }
  if (batchBytesMax_ > messageBytesMax) {
    return Failure("KAFKA_CONFIG_INVALID", "batch.size is " + std::to_string(batchBytesMax_) + ", topic " + name + " takes at most " +
                                               std::to_string(messageBytesMax) + " bytes (max.message.bytes): the broker would refuse whole " +
                                               "batches; set batch.size to at most that")
        .with("topic", name)
        .with("property", "batch.size");
  }
  int64_t limit = messageBytesMax - kBatchHeaderBytes < messageBytesMax_ ? messageBytesMax - kBatchHeaderBytes : messageBytesMax_;
  int64_t payloadMax = limit > kRecordOverheadBytes ? limit - kRecordOverheadBytes : 0;
  auto* topic = new Topic{topicCount_, partitionCount, targetBase, static_cast<uint32_t>(payloadMax), nullptr};
  rd_kafka_topic_conf_t* conf = rd_kafka_default_topic_conf_dup(client_);
  rd_kafka_topic_conf_set_opaque(conf, topic);
  topic->handle = rd_kafka_topic_new(client_, name.c_str(), conf);
  if (topic->handle == nullptr) {
    rd_kafka_topic_conf_destroy(conf);
    delete topic;
    return Failure("KAFKA_CONFIG_INVALID", "topic " + name + ": " + rd_kafka_err2str(rd_kafka_last_error())).with("topic", name);
  }
  topics_[topicCount_].store(topic, std::memory_order_release);
  index = topicCount_++;
  return std::nullopt;
}

void Producer::queued(int64_t messages, int64_t bytes) {
  queuedMessages_.fetch_add(messages);
  queuedBytes_.fetch_add(bytes);
}

void Producer::awaitRoom(uint64_t seen, int64_t deadlineNanos) {
  std::unique_lock<std::mutex> lock(roomMutex_);
  roomWaiters_++;
  room_.wait_until(lock, timePoint(deadlineNanos), [&] { return reportsSeen_.load() != seen || closing_.load(); });
  roomWaiters_--;
}

void Producer::pollLoop() {
  int64_t wokenAt = 0;
  bool wakeDue = false;
  while (!stopping_.load()) {
    rd_kafka_event_t* event = rd_kafka_queue_poll(queue_, wakeDue ? 1 : kIdlePollMs);
    int64_t now = monotonicNanos();
    if (event != nullptr) {
      handleEvent(event, now);
      if (reports_.finish()) wakeDue = true;
      // Frees the messages: who waits for a flush or for room goes on after this, with the table complete.
      rd_kafka_event_destroy(event);
      if (roomWaiters_.load() > 0) {
        std::lock_guard<std::mutex> lock(roomMutex_);
        room_.notify_all();
      }
    }
    if (wakeDue && now - wokenAt >= kWakeIntervalNanos) {
      wake_->notify();
      wakeDue = false;
      wokenAt = now;
    }
    if (stamps_ != nullptr) stamps_->tick(now);
  }
  if (stamps_ != nullptr) stamps_->flush();
}

void Producer::handleEvent(rd_kafka_event_t* event, int64_t nanos) {
  switch (rd_kafka_event_type(event)) {
    case RD_KAFKA_EVENT_DR:
      addReports(event, nanos);
      break;
    case RD_KAFKA_EVENT_STATS:
      events_.push({Event::Kind::kStats, 0, false, {}, rd_kafka_event_stats(event)});
      break;
    case RD_KAFKA_EVENT_ERROR: {
      rd_kafka_resp_err_t code = rd_kafka_event_error(event);
      bool fatal = code == RD_KAFKA_RESP_ERR__FATAL;
      std::string text = rd_kafka_event_error_string(event);
      if (fatal) {
        char reason[512];
        code = rd_kafka_fatal_error(client_, reason, sizeof reason);
        text = reason;
      }
      events_.push({Event::Kind::kError, code, fatal, rd_kafka_err2name(code), std::move(text)});
      wake_->notify();
      break;
    }
    default:
      break;
  }
}

void Producer::addReports(rd_kafka_event_t* event, int64_t nanos) {
  constexpr size_t kChunk = 512;
  const rd_kafka_message_t* messages[kChunk];
  int64_t count = 0;
  int64_t bytes = 0;
  while (size_t filled = rd_kafka_event_message_array(event, messages, kChunk)) {
    for (size_t i = 0; i < filled; i++) {
      reports_.add(messages[i], nanos);
      bytes += static_cast<int64_t>(messages[i]->len + messages[i]->key_len);
    }
    count += static_cast<int64_t>(filled);
  }
  queued(-count, -bytes);
  reportsSeen_.fetch_add(static_cast<uint64_t>(count));
}

void Producer::onLog(const rd_kafka_t* client, int level, const char* facility, const char* text) {
  auto* producer = static_cast<Producer*>(rd_kafka_opaque(client));
  if (producer != nullptr) producer->events_.push({Event::Kind::kLog, level, false, facility, text});
}

bool Producer::flush(int64_t deadlineNanos, const std::atomic<bool>& cancelled) {
  Use use(*this);
  if (client_ == nullptr) return queuedMessages() == 0;
  while (rd_kafka_flush(client_, kSliceMs) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (cancelled.load() || stopping_.load() || monotonicNanos() >= deadlineNanos) return false;
  }
  return true;
}

void Producer::purge() {
  Use use(*this);
  if (client_ != nullptr) rd_kafka_purge(client_, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
}

bool Producer::close(int64_t deadlineNanos, const std::atomic<bool>& cancelled) {
  closing_.store(true);
  room_.notify_all();
  bool delivered = flush(deadlineNanos, cancelled);
  if (!delivered) {
    constexpr int64_t kPurgeNanos = 1'000'000'000;
    purge();
    flush(monotonicNanos() + kPurgeNanos, cancelled);
  }
  abandon();
  return delivered;
}

void Producer::abandon() {
  closing_.store(true);
  stopping_.store(true);
  room_.notify_all();
  std::unique_lock<std::shared_mutex> lock(life_);
  if (client_ == nullptr) return;
  stopPolling();
  destroyClient();
}

void Producer::stopPolling() {
  stopping_.store(true);
  rd_kafka_queue_yield(queue_);
  if (poller_.joinable()) poller_.join();
  rd_kafka_queue_destroy(queue_);
  queue_ = nullptr;
}

void Producer::destroyClient() {
  for (uint32_t i = 0; i < topicCount_; i++) rd_kafka_topic_destroy(topics_[i].load()->handle);
  rd_kafka_t* client = std::exchange(client_, nullptr);
  rd_kafka_destroy(client);
}

}  // namespace millrace
