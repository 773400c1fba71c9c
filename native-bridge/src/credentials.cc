// How a producer logs in and whom it believes, and how that changes while it runs.
#include <chrono>
#include <utility>

#include "producer.h"

namespace millrace {

namespace {

constexpr int kSliceMs = 100;
/// Of librdkafka's own look-up, so that a producer that closes does not wait long for it.
constexpr int kReachMs = 1000;

std::string textOf(rd_kafka_error_t* error) {
  std::string text = rd_kafka_error_string(error);
  rd_kafka_error_destroy(error);
  return text;
}

/// OpenSSL's numbers (x509_vfy.h) of what operators meet; librdkafka tells no more than that the verification failed.
std::string reasonOf(int x509Error) {
  switch (x509Error) {
    case 9:
      return "it is not valid yet";
    case 10:
      return "it has expired";
    case 2:
    case 18:
    case 19:
    case 20:
    case 21:
      return "it is not signed by an authority that is trusted here";
    case 23:
      return "it has been revoked";
    case 62:
    case 64:
      return "it is for another host";
    default:
      return "OpenSSL's error " + std::to_string(x509Error);
  }
}

}  // namespace

Outcome giveToken(rd_kafka_t* client, const Token& token) {
  char error[512];
  rd_kafka_resp_err_t result = rd_kafka_oauthbearer_set_token(client, token.text.c_str(), token.expiresMs, token.principal.c_str(),
                                                              nullptr, 0, error, sizeof error);
  if (result == RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  return Failure("KAFKA_CREDENTIALS_INVALID", std::string("librdkafka does not take the token: ") + error);
}

/// Decides nothing by itself: what OpenSSL found wrong stays wrong, and is given its reason.
int Producer::onCertificate(rd_kafka_t*, const char*, int32_t, int* x509Error, int, const char*, size_t, char* reason, size_t reasonSize,
                            void*) {
  if (*x509Error == 0) return 1;
  std::string text = reasonOf(*x509Error);
  reason[text.copy(reason, reasonSize - 1)] = 0;
  return 0;
}

Outcome Producer::setCredentials(const std::string& user, const std::string& password) {
  Use use(*this);
  if (!use.open()) return std::nullopt;
  rd_kafka_error_t* error = rd_kafka_sasl_set_credentials(client_, user.c_str(), password.c_str());
  if (error == nullptr) return std::nullopt;
  return Failure("KAFKA_CREDENTIALS_INVALID", "librdkafka does not take the user and the password: " + textOf(error));
}

Outcome Producer::setToken(const Token& token) {
  Use use(*this);
  return use.open() ? giveToken(client_, token) : std::nullopt;
}

void Producer::awaitRenewal(int64_t deadlineNanos) {
  std::unique_lock<std::mutex> lock(roomMutex_);
  room_.wait_until(lock, std::chrono::steady_clock::time_point(std::chrono::nanoseconds(deadlineNanos)),
                   [&] { return !renewing() || closing(); });
}

Outcome Producer::renew(const ClientConfig& config, const std::optional<Token>& token, uint32_t timeoutMs,
                        const std::atomic<bool>& cancelled) {
  const int64_t timeoutNanos = int64_t{timeoutMs} * 1'000'000;
  std::lock_guard<std::mutex> one(renewalMutex_);
  rd_kafka_t* fresh = nullptr;
  if (Outcome failure = openClient(config, fresh)) return failure;
  Outcome failure = token ? giveToken(fresh, *token) : std::nullopt;
  if (!failure) failure = reachBroker(fresh, monotonicNanos() + timeoutNanos, cancelled);
  if (!failure) {
    renewing_.store(true);
    failure = exchange(fresh, monotonicNanos() + timeoutNanos, cancelled);
    renewing_.store(false);
    std::lock_guard<std::mutex> lock(roomMutex_);
    room_.notify_all();
  }
  // The old one, or the new one that was not taken.
  destroyClient(fresh);
  return failure;
}

Outcome Producer::reachBroker(rd_kafka_t* client, int64_t deadlineNanos, const std::atomic<bool>& cancelled) {
  rd_kafka_resp_err_t error;
  do {
    const rd_kafka_metadata_t* metadata = nullptr;
    error = rd_kafka_metadata(client, 0, nullptr, &metadata, kReachMs);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      rd_kafka_metadata_destroy(metadata);
      return std::nullopt;
    }
  } while (!closing() && !cancelled.load() && monotonicNanos() < deadlineNanos);
  // Why: nobody else reads this client's events.
  std::string reasons;
  rd_kafka_queue_t* queue = rd_kafka_queue_get_main(client);
  while (rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 0)) {
    if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR) {
      reasons += std::string("; ") + rd_kafka_event_error_string(event) + " (" + rd_kafka_err2name(rd_kafka_event_error(event)) + ")";
    }
    rd_kafka_event_destroy(event);
  }
  rd_kafka_queue_destroy(queue);
  return Failure("KAFKA_UNREACHABLE", std::string("no broker answers to the new credentials: ") + rd_kafka_err2str(error) + reasons);
}

Outcome Producer::exchange(rd_kafka_t*& fresh, int64_t deadlineNanos, const std::atomic<bool>& cancelled) {
  for (;;) {
    if (!flush(deadlineNanos, cancelled) || monotonicNanos() >= deadlineNanos) {
      return Failure("KAFKA_RENEWAL_STUCK", "what was sent with the old credentials was not acknowledged in time");
    }
    // Who produces has seen `renewing` or holds this lock.
    std::unique_lock<std::shared_timed_mutex> lock(life_, std::chrono::milliseconds(kSliceMs));
    if (closing()) return Failure("PRODUCER_CLOSED", "the producer was closed before its credentials were renewed");
    if (!lock.owns_lock() || rd_kafka_outq_len(client_) > 0) continue;
    Topics::Handles handles;
    if (Outcome failure = topics_.openHandles(fresh, handles)) return failure;
    exchanging_.store(true);
    stopPolling();
    exchanging_.store(false);
    topics_.replaceHandles(std::move(handles));
    for (uint32_t i = 0; const Topic* topic = topics_.at(i); i++) table_.forgetAcknowledged(topic->targetBase, topic->partitionCount);
    std::swap(client_, fresh);
    startPolling();
    return std::nullopt;
  }
}

}  // namespace millrace
