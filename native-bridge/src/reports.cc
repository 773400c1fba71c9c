#include "reports.h"

namespace millrace {

void Reports::add(const rd_kafka_message_t* message, int64_t nanos) {
  nanos_ = nanos;
  if (message->rkt != topicHandle_ || message->partition != partition_) {
    endTargetRun();
    topicHandle_ = message->rkt;
    topic_ = topics_.of(message->rkt);
    partition_ = message->partition;
  }
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    addFailure(message);
    return;
  }
  uint32_t slot = Opaque(message->_private).epochSlot();
  if (slot != epochSlot_) {
    endEpochRun();
    epochSlot_ = slot;
  }
  epochCount_++;
  targetCount_++;
  targetBytes_ += static_cast<int64_t>(message->len + message->key_len);
  // A retry that the broker had already seen is delivered without an offset.
  if (message->offset >= 0) targetEnd_ = message->offset + 1;
  if (stamps_ != nullptr) stamps_->add(message->key, message->key_len, nanos);
}

void Reports::addFailure(const rd_kafka_message_t* message) {
  bool purged = message->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE || message->err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
  table_.failed(topic_->targetBase + static_cast<uint32_t>(partition_),
                {message->err, handle_, topic_->index, partition_, Opaque(message->_private), message->key, message->key_len}, purged);
  table_.bumpChanges();
  changed_ = true;
}

void Reports::endTargetRun() {
  if (targetCount_ == 0) return;
  table_.targetDelivered(topic_->targetBase + static_cast<uint32_t>(partition_), targetCount_, targetBytes_, targetEnd_, nanos_);
  targetCount_ = 0;
  targetBytes_ = 0;
  targetEnd_ = 0;
}

void Reports::endEpochRun() {
  if (epochCount_ == 0) return;
  if (table_.epochDelivered(epochSlot_, epochCount_)) {
    table_.bumpChanges();
    changed_ = true;
  }
  epochCount_ = 0;
}

bool Reports::finish() {
  // Targets first: who sees an epoch done also sees its messages in the counts.
  endTargetRun();
  endEpochRun();
  bool changed = changed_;
  changed_ = false;
  return changed;
}

}  // namespace millrace
