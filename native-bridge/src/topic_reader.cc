#include "topic_reader.h"

#include <rdkafka.h>

#include <algorithm>

#include "wake.h"

namespace millrace {

namespace {

constexpr int kSliceMs = 100;

/// On top of what any client is given.
const ClientConfig kReading = {
    {"enable.partition.eof", "true"},
    {"auto.offset.reset", "earliest"},
    {"enable.auto.commit", "false"},
    {"allow.auto.create.topics", "false"},
    // The broker holds back its answer at the end for so long, and it is the end that is waited for.
    {"fetch.wait.max.ms", "20"},
    {"fetch.error.backoff.ms", "50"},
};

/// A consumer of one partition while it lives.
class Reader {
 public:
  Outcome open(const ClientConfig& config, const std::optional<Token>& token) {
    char error[512];
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    for (const ClientConfig* part : {&config, &kReading}) {
      for (const auto& [name, value] : *part) {
        if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error, sizeof error) == RD_KAFKA_CONF_OK) continue;
        rd_kafka_conf_destroy(conf);
        return Failure("KAFKA_CONFIG_INVALID", name + ": " + error).with("property", name);
      }
    }
    // What goes wrong is the outcome; the log would be that of the producer once more.
    rd_kafka_conf_set_log_cb(conf, nullptr);
    client_ = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof error);
    if (client_ == nullptr) {
      rd_kafka_conf_destroy(conf);
      return Failure("KAFKA_CONFIG_INVALID", error);
    }
    return token ? giveToken(client_, *token) : std::nullopt;
  }

  Outcome start(const TopicReading& reading) {
    partition_ = reading.partition;
    topic_ = rd_kafka_topic_new(client_, reading.topic.c_str(), nullptr);
    int64_t from = reading.from < 0 ? RD_KAFKA_OFFSET_BEGINNING : reading.from;
    if (topic_ != nullptr && rd_kafka_consume_start(topic_, partition_, from) == 0) return std::nullopt;
    return Failure("KAFKA_UNREACHABLE", "topic " + reading.topic + " cannot be read: " + rd_kafka_err2str(rd_kafka_last_error()));
  }

  rd_kafka_message_t* next() { return rd_kafka_consume(topic_, partition_, kSliceMs); }

  /// Where the partition ended at the first answer of the broker; called once there was one.
  int64_t end(const std::string& topic) {
    int64_t low = 0;
    if (end_ < 0) rd_kafka_get_watermark_offsets(client_, topic.c_str(), partition_, &low, &end_);
    return end_;
  }

  ~Reader() {
    if (topic_ != nullptr) {
      rd_kafka_consume_stop(topic_, partition_);
      rd_kafka_topic_destroy(topic_);
    }
    if (client_ != nullptr) rd_kafka_destroy(client_);
  }

 private:
  rd_kafka_t* client_ = nullptr;
  rd_kafka_topic_t* topic_ = nullptr;
  int32_t partition_ = 0;
  int64_t end_ = -1;
};

std::string textOf(const void* bytes, size_t length) { return std::string(static_cast<const char*>(bytes), bytes == nullptr ? 0 : length); }

Failure unreadable(const TopicReading& reading, rd_kafka_resp_err_t error, const char* reason) {
  return Failure("KAFKA_UNREACHABLE", "topic " + reading.topic + " could not be read to its end: " + reason)
      .with("topic", reading.topic)
      .with("error", int64_t{error})
      .with("errorName", rd_kafka_err2name(error));
}

/// What ends a reading for good; the rest librdkafka mends itself.
bool isFinal(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return true;
    default:
      return false;
  }
}

}  // namespace

Outcome readTopic(const ClientConfig& config, const std::optional<Token>& token, const TopicReading& reading,
                  const std::atomic<bool>& cancelled, Entries& found) {
  Reader reader;
  if (Outcome failure = reader.open(config, token)) return failure;
  if (Outcome failure = reader.start(reading)) return failure;
  int64_t next = reading.from;
  uint64_t bytes = 0;
  bool atEnd = false;
  Outcome failure;
  while (!atEnd && !failure && bytes < reading.bytesMax) {
    if (cancelled.load() || monotonicNanos() >= reading.deadlineNanos) {
      return unreadable(reading, RD_KAFKA_RESP_ERR__TIMED_OUT,
                        "no answer in time, or a transaction of another writer is open; the broker ends it after its timeout");
    }
    rd_kafka_message_t* message = reader.next();
    if (message == nullptr) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      std::string key = textOf(message->key, message->key_len);
      if (std::find(reading.keys.begin(), reading.keys.end(), key) != reading.keys.end()) {
        found.emplace_back(std::to_string(message->offset) + " " + key, textOf(message->payload, message->len));
        bytes += message->len;
      }
      next = message->offset + 1;
      atEnd = next >= reader.end(reading.topic);
    } else if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
      next = message->offset;
      atEnd = !reading.waits || next >= reader.end(reading.topic);
    } else if (isFinal(message->err)) {
      failure = unreadable(reading, message->err, rd_kafka_message_errstr(message));
    }
    rd_kafka_message_destroy(message);
  }
  if (failure) return failure;
  found.emplace_back("next", std::to_string(next));
  found.emplace_back("isEnd", atEnd ? "true" : "false");
  return std::nullopt;
}

}  // namespace millrace
