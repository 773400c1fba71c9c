#include "lane.h"

namespace millrace {

namespace {

using namespace layout;

Opaque opaqueOf(const uint32_t* message) { return Opaque(message[MESSAGE_OPAQUE_HIGH], message[MESSAGE_OPAQUE_LOW]); }

/// Bytes that librdkafka and the broker count: null keys and values have none.
uint64_t bytesGiven(uint32_t length) { return length == NULL_LENGTH ? 0 : length; }

bool inside(uint64_t offset, uint32_t length, uint64_t size) { return offset + bytesGiven(length) <= size; }

Failure refused(const char* code, std::string message, Producer& producer, const uint32_t* descriptor) {
  const Topic* topic = producer.topics().at(descriptor[MESSAGE_TOPIC]);
  Opaque opaque = opaqueOf(descriptor);
  return Failure(code, std::move(message))
      .with("topic", topic == nullptr ? std::string() : std::string(topic->name()))
      .with("partition", int64_t{static_cast<int32_t>(descriptor[MESSAGE_PARTITION])})
      .with("table", int64_t{opaque.table()})
      .with("epochSlot", int64_t{opaque.epochSlot()})
      .with("rowInEpoch", int64_t{opaque.rowInEpoch()});
}

}  // namespace

Lane::Lane(napi_env env, napi_value slab, View slabView, napi_value messages, View messagesView)
    : slab_(slabView.data),
      slabBytes_(slabView.bytes),
      messages_(reinterpret_cast<const uint32_t*>(messagesView.data)),
      messageCount_(static_cast<uint32_t>(messagesView.bytes / (MESSAGE_WORDS * 4))),
      batch_(new rd_kafka_message_t[kBatch]()) {
  napi_create_reference(env, slab, 1, &slabReference_);
  napi_create_reference(env, messages, 1, &messagesReference_);
}

void Lane::release(napi_env env) {
  napi_delete_reference(env, slabReference_);
  napi_delete_reference(env, messagesReference_);
}

const uint32_t* Lane::descriptor(uint32_t index) const { return messages_ + size_t{index} * MESSAGE_WORDS; }

Outcome Lane::validate(Producer& producer, uint32_t first, uint32_t count) const {
  if (uint64_t{first} + count > messageCount_) return Failure("INTERNAL", "produce goes beyond the attached descriptors");
  const Topic* topic = nullptr;
  uint32_t topicIndex = UINT32_MAX;
  for (uint32_t i = first; i < first + count; i++) {
    const uint32_t* message = descriptor(i);
    if (message[MESSAGE_TOPIC] != topicIndex) {
      topicIndex = message[MESSAGE_TOPIC];
      topic = producer.topics().at(topicIndex);
      if (topic == nullptr) return refused("INTERNAL", "produce names a topic that was not added", producer, message);
    }
    if (message[MESSAGE_PARTITION] >= topic->partitionCount) {
      return refused("UNKNOWN_PARTITION",
                     "partition " + std::to_string(message[MESSAGE_PARTITION]) + " of topic " + topic->name() +
                         " does not exist: it has " + std::to_string(topic->partitionCount) + " partitions",
                     producer, message);
    }
    uint32_t key = message[MESSAGE_KEY_LENGTH];
    uint32_t value = message[MESSAGE_VALUE_LENGTH];
    if (!inside(message[MESSAGE_KEY_OFFSET], key, slabBytes_) || !inside(message[MESSAGE_VALUE_OFFSET], value, slabBytes_) ||
        opaqueOf(message).epochSlot() >= EPOCH_SLOTS) {
      return refused("INTERNAL", "a message descriptor points outside of its memory", producer, message);
    }
    uint64_t bytes = bytesGiven(key) + bytesGiven(value);
    if (bytes > topic->payloadMax) {
      return refused("MESSAGE_TOO_LARGE",
                     "a message of " + std::to_string(bytes) + " bytes (key and value) is larger than the " +
                         std::to_string(topic->payloadMax) + " that topic " + topic->name() +
                         " takes; raise its max.message.bytes and the producer's message.max.bytes, or exclude the table",
                     producer, message)
          .with("bytes", static_cast<int64_t>(bytes))
          .with("limit", int64_t{topic->payloadMax});
    }
  }
  return std::nullopt;
}

uint32_t Lane::runLength(uint32_t first, uint32_t limit) const {
  const uint32_t* head = descriptor(first);
  uint32_t length = 1;
  while (length < limit) {
    const uint32_t* next = descriptor(first + length);
    if (next[MESSAGE_PARTITION] != head[MESSAGE_PARTITION] || next[MESSAGE_TOPIC] != head[MESSAGE_TOPIC]) break;
    length++;
  }
  return length;
}

void Lane::fill(uint32_t first, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t* message = descriptor(first + i);
    rd_kafka_message_t& out = batch_[i];
    uint32_t keyLength = message[MESSAGE_KEY_LENGTH];
    uint32_t valueLength = message[MESSAGE_VALUE_LENGTH];
    // librdkafka declares both without const and copies them (F_COPY).
    auto* slab = const_cast<uint8_t*>(slab_);
    out.key = keyLength == NULL_LENGTH ? nullptr : slab + message[MESSAGE_KEY_OFFSET];
    out.key_len = keyLength == NULL_LENGTH ? 0 : keyLength;
    out.payload = valueLength == NULL_LENGTH ? nullptr : slab + message[MESSAGE_VALUE_OFFSET];
    out.len = valueLength == NULL_LENGTH ? 0 : valueLength;
    out._private = opaqueOf(message).pointer();
  }
}

int64_t Lane::bytesOf(uint32_t from, uint32_t to) const {
  size_t bytes = 0;
  for (uint32_t i = from; i < to; i++) bytes += batch_[i].len + batch_[i].key_len;
  return static_cast<int64_t>(bytes);
}

void Lane::countEpochs(DeliveryTable& table, uint32_t from, uint32_t to, bool refused) const {
  for (uint32_t i = from; i < to;) {
    uint32_t slot = Opaque(batch_[i]._private).epochSlot();
    uint32_t start = i;
    while (i < to && Opaque(batch_[i]._private).epochSlot() == slot) i++;
    auto count = static_cast<int32_t>(i - start);
    if (refused) {
      table.epochRefused(slot, count);
    } else {
      table.epochProduced(slot, count);
    }
  }
}

uint32_t Lane::produceRun(Producer& producer, const Topic& topic, int32_t partition, uint32_t count, rd_kafka_resp_err_t& error) {
  DeliveryTable& table = producer.table();
  uint32_t target = topic.targetBase + static_cast<uint32_t>(partition);
  // Counted before: a report may come before librdkafka returns.
  countEpochs(table, 0, count, false);
  table.targetProduced(target, static_cast<int32_t>(count));
  producer.queued(count, bytesOf(0, count));
  int taken = rd_kafka_produce_batch(topic.handle, partition, RD_KAFKA_MSG_F_COPY, batch_.get(), static_cast<int>(count));
  auto accepted = static_cast<uint32_t>(taken);
  if (accepted == count) return accepted;
  error = batch_[accepted].err;
  countEpochs(table, accepted, count, true);
  table.targetProduced(target, -static_cast<int32_t>(count - accepted));
  producer.queued(-static_cast<int64_t>(count - accepted), -bytesOf(accepted, count));
  return accepted;
}

Outcome Lane::produce(Producer& producer, uint32_t first, uint32_t count, uint32_t waitMs, uint32_t& accepted) {
  accepted = 0;
  if (Outcome failure = validate(producer, first, count)) return failure;
  int64_t deadline = 0;
  while (accepted < count) {
    uint32_t at = first + accepted;
    const uint32_t* head = descriptor(at);
    const Topic& topic = *producer.topics().at(head[MESSAGE_TOPIC]);
    uint32_t left = count - accepted;
    uint32_t run = runLength(at, left < kBatch ? left : kBatch);
    uint64_t seen = producer.reportsSeen();
    uint32_t target = topic.targetBase + head[MESSAGE_PARTITION];
    run = static_cast<uint32_t>(producer.table().admitted(target, static_cast<int32_t>(run), monotonicNanos()));
    if (run > 0) {
      fill(at, run);
      rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
      accepted += produceRun(producer, topic, static_cast<int32_t>(head[MESSAGE_PARTITION]), run, error);
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
      if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        std::string reason = std::string("librdkafka refused a message: ") + rd_kafka_err2str(error);
        return refused("PRODUCE_REFUSED", std::move(reason), producer, descriptor(first + accepted))
            .with("librdkafka", rd_kafka_err2name(error))
            .with("accepted", int64_t{accepted});
      }
    }
    int64_t now = monotonicNanos();
    if (deadline == 0) deadline = now + int64_t{waitMs} * 1'000'000;
    if (now >= deadline) break;
    producer.awaitRoom(seen, deadline);
    if (producer.closing()) break;
  }
  return std::nullopt;
}

}  // namespace millrace
