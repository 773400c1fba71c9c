#include "transactions.h"

#include <algorithm>
#include <chrono>
#include <thread>

namespace millrace {

namespace {

constexpr int64_t kSliceMs = 100;

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

}  // namespace millrace
