#include "headed.h"

#include <rdkafka.h>

#include <cstring>
#include <mutex>
#include <string>

#include "layout.h"

namespace millrace {

namespace {

using namespace layout;

/// Most that a header adds to its name and value: two lengths.
constexpr uint64_t kHeaderOverheadBytes = 10;

/// Where key and value lie; the pointer is null for a null one.
struct Part {
  uint8_t* data;
  size_t length;
};

Outcome find(View bytes, uint32_t offset, uint32_t length, Part& part) {
  if (length == NULL_LENGTH) {
    part = {nullptr, 0};
    return std::nullopt;
  }
  if (uint64_t{offset} + length > bytes.bytes) return Failure("INTERNAL", "a message with headers points outside of its memory");
  part = {bytes.data + offset, length};
  return std::nullopt;
}

/// Reads headers into librdkafka's list, which is the caller's to free; `size` is what they take in a record.
Outcome read(View headers, rd_kafka_headers_t* list, uint64_t& size) {
  size_t at = 0;
  const uint8_t* texts[2];
  uint32_t lengths[2];
  while (at < headers.bytes) {
    for (int i = 0; i < 2; i++) {
      if (headers.bytes - at < sizeof lengths[i]) return Failure("INTERNAL", "headers of a message are cut short");
      memcpy(&lengths[i], headers.data + at, sizeof lengths[i]);
      at += sizeof lengths[i];
      if (lengths[i] > headers.bytes - at) return Failure("INTERNAL", "headers of a message are cut short");
      texts[i] = headers.data + at;
      at += lengths[i];
    }
    rd_kafka_header_add(list, reinterpret_cast<const char*>(texts[0]), lengths[0], texts[1], lengths[1]);
    size += uint64_t{lengths[0]} + lengths[1] + kHeaderOverheadBytes;
  }
  return std::nullopt;
}

/// Gives the message to librdkafka, counted before: its report may come before this returns. Takes `headers` when it accepts.
rd_kafka_resp_err_t give(Producer& producer, const Topic& topic, int32_t partition, Opaque opaque, Part key, Part value,
                         rd_kafka_headers_t* headers) {
  DeliveryTable& table = producer.table();
  uint32_t target = topic.targetBase + static_cast<uint32_t>(partition);
  auto bytes = static_cast<int64_t>(key.length + value.length);
  table.epochProduced(opaque.epochSlot(), 1);
  table.targetProduced(target, 1);
  producer.queued(1, bytes);
  rd_kafka_resp_err_t error = rd_kafka_producev(
      producer.client(), RD_KAFKA_V_RKT(topic.handle), RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
      RD_KAFKA_V_KEY(key.data, key.length), RD_KAFKA_V_VALUE(value.data, value.length), RD_KAFKA_V_HEADERS(headers),
      RD_KAFKA_V_OPAQUE(opaque.pointer()), RD_KAFKA_V_END);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return error;
  table.epochRefused(opaque.epochSlot(), 1);
  table.targetProduced(target, -1);
  producer.queued(-1, -bytes);
  return error;
}

}  // namespace

Outcome produceHeaded(Producer& producer, const uint32_t* descriptor, View bytes, View headers, uint32_t waitMs, bool& accepted) {
  accepted = false;
  const Topic* topic = producer.topics().at(descriptor[MESSAGE_TOPIC]);
  Opaque opaque(descriptor[MESSAGE_OPAQUE_HIGH], descriptor[MESSAGE_OPAQUE_LOW]);
  if (topic == nullptr || descriptor[MESSAGE_PARTITION] >= topic->partitionCount || opaque.epochSlot() >= EPOCH_SLOTS) {
    return Failure("INTERNAL", "a message with headers names a topic, a partition or an epoch that is not there");
  }
  Part key, value;
  if (Outcome failure = find(bytes, descriptor[MESSAGE_KEY_OFFSET], descriptor[MESSAGE_KEY_LENGTH], key)) return failure;
  if (Outcome failure = find(bytes, descriptor[MESSAGE_VALUE_OFFSET], descriptor[MESSAGE_VALUE_LENGTH], value)) return failure;
  rd_kafka_headers_t* list = rd_kafka_headers_new(16);
  uint64_t size = key.length + value.length;
  Outcome failure = read(headers, list, size);
  if (!failure && size > topic->payloadMax) {
    failure = Failure("INTERNAL", "a message with headers of " + std::to_string(size) + " bytes was not made to fit its topic");
  }
  auto partition = static_cast<int32_t>(descriptor[MESSAGE_PARTITION]);
  uint32_t target = topic->targetBase + descriptor[MESSAGE_PARTITION];
  int64_t deadline = monotonicNanos() + int64_t{waitMs} * 1'000'000;
  while (!failure && !accepted) {
    uint64_t seen = producer.reportsSeen();
    {
      // Several threads may ask for one partition here, where a lane is the only one to ask for its own.
      std::lock_guard<std::mutex> lock(producer.headedMutex());
      if (producer.table().admitted(target, 1, monotonicNanos()) > 0) {
        rd_kafka_resp_err_t error = give(producer, *topic, partition, opaque, key, value, list);
        accepted = error == RD_KAFKA_RESP_ERR_NO_ERROR;
        if (!accepted && error != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
          failure = Failure("PRODUCE_REFUSED", std::string("librdkafka refused a message: ") + rd_kafka_err2str(error))
                        .with("librdkafka", rd_kafka_err2name(error))
                        .with("accepted", int64_t{0});
        }
      }
    }
    if (accepted || failure || monotonicNanos() >= deadline) break;
    producer.awaitRoom(seen, deadline);
    if (producer.closing()) break;
  }
  if (!accepted) rd_kafka_headers_destroy(list);
  return failure;
}

}  // namespace millrace
