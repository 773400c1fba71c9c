#include "transactions.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace millrace {

namespace {

constexpr int64_t kSliceMs = 100;
constexpr int64_t kForever = INT64_MAX;

const char* nameOf(TransactionStep step) {
  switch (step) {
    case TransactionStep::kInit:
      return "initialise transactions";
    case TransactionStep::kBegin:
      return "begin a transaction";
    case TransactionStep::kCommit:
      return "commit a transaction";
    case TransactionStep::kAbort:
      return "abort a transaction";
  }
  return "";
}

rd_kafka_error_t* call(rd_kafka_t* client, TransactionStep step, int timeoutMs) {
  switch (step) {
    case TransactionStep::kInit:
      return rd_kafka_init_transactions(client, timeoutMs);
    case TransactionStep::kBegin:
      return rd_kafka_begin_transaction(client);
    case TransactionStep::kCommit:
      return rd_kafka_commit_transaction(client, timeoutMs);
    case TransactionStep::kAbort:
      return rd_kafka_abort_transaction(client, timeoutMs);
  }
  return nullptr;
}

Failure failureOf(rd_kafka_error_t* error, TransactionStep step) {
  rd_kafka_resp_err_t code = rd_kafka_error_code(error);
  bool fenced = code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
                code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH;
  const char* kind = fenced ? "PRODUCER_FENCED" : rd_kafka_error_txn_requires_abort(error) ? "TRANSACTION_ABORTED" : "TRANSACTION_FAILED";
  return Failure(kind, std::string("cannot ") + nameOf(step) + ": " + rd_kafka_error_string(error))
      .with("librdkafka", rd_kafka_error_name(error))
      .with("librdkafkaCode", int64_t{code})
      .with("fatal", int64_t{rd_kafka_error_is_fatal(error)});
}

/// Hands one record to librdkafka, counted as every message is.
Outcome produceRecord(Producer& producer, const Topic& topic, const std::string& key, const std::string& value) {
  const auto bytes = static_cast<int64_t>(key.size() + value.size());
  producer.table().epochProduced(0, 1);
  producer.table().targetProduced(topic.targetBase, 1);
  producer.queued(1, bytes);
  // librdkafka declares it without const and copies it.
  void* payload = value.empty() ? nullptr : const_cast<char*>(value.data());
  if (rd_kafka_produce(topic.handle, 0, RD_KAFKA_MSG_F_COPY, payload, value.size(), key.data(), key.size(), nullptr) == 0) {
    return std::nullopt;
  }
  rd_kafka_resp_err_t error = rd_kafka_last_error();
  producer.table().epochRefused(0, 1);
  producer.table().targetProduced(topic.targetBase, -1);
  producer.queued(-1, -bytes);
  return Failure("TRANSACTION_ABORTED", std::string("librdkafka refused a record of topic ") + topic.name() + ": " + rd_kafka_err2str(error))
      .with("librdkafka", rd_kafka_err2name(error))
      .with("librdkafkaCode", int64_t{error});
}

}  // namespace

Outcome takeTransactionStep(Producer& producer, TransactionStep step, int64_t deadlineNanos, const std::atomic<bool>& cancelled) {
  Producer::Use use(producer);
  if (!use.open()) return Failure("PRODUCER_CLOSED", std::string("cannot ") + nameOf(step) + ": the producer is closed");
  while (true) {
    int64_t leftMs = (deadlineNanos - monotonicNanos()) / 1'000'000;
    // In slices, so that an environment that ends does not wait for the deadline; librdkafka goes on where the last call stopped.
    rd_kafka_error_t* error = call(producer.client(), step, static_cast<int>(std::clamp<int64_t>(leftMs, 1, kSliceMs)));
    if (error == nullptr) return std::nullopt;
    bool again = rd_kafka_error_is_retriable(error) && leftMs > 0 && !cancelled.load() && !producer.closing();
    if (!again) {
      Failure failure = failureOf(error, step);
      rd_kafka_error_destroy(error);
      return failure;
    }
    bool timedOut = rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR__TIMED_OUT;
    rd_kafka_error_destroy(error);
    if (!timedOut) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

Outcome writeInTransaction(Producer& producer, uint32_t topic, const ClientConfig& records, const std::atomic<bool>& cancelled) {
  if (Outcome failure = takeTransactionStep(producer, TransactionStep::kBegin, kForever, cancelled)) return failure;
  Outcome failure;
  {
    Producer::Use use(producer);
    const Topic* found = producer.topics().at(topic);
    if (!use.open() || found == nullptr) return Failure("PRODUCER_CLOSED", "cannot write records: the producer is closed");
    for (const auto& [key, value] : records) {
      if (!failure) failure = produceRecord(producer, *found, key, value);
    }
  }
  if (!failure) failure = takeTransactionStep(producer, TransactionStep::kCommit, kForever, cancelled);
  if (failure && failure->code() == "TRANSACTION_ABORTED") takeTransactionStep(producer, TransactionStep::kAbort, kForever, cancelled);
  return failure;
}

}  // namespace millrace
