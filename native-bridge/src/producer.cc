#include "producer.h"

#include <pthread.h>

#include <chrono>
#include <future>

namespace millrace {

namespace {

constexpr int kIdlePollMs = 100;
constexpr int kWakePollMs = 5;
/// Least time between two wake-ups of the main thread: it looks at all epochs at once, and each wake-up costs it some 20 us.
constexpr int64_t kWakeIntervalNanos = 5'000'000;
constexpr int kSliceMs = 50;

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
      reports_(table_, handle, topics_, stamps_.get()) {}

Outcome Producer::configure(rd_kafka_conf_t* conf, const ClientConfig& config) {
  char error[512];
  for (const auto& [name, value] : config) {
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error, sizeof error) != RD_KAFKA_CONF_OK) {
      return Failure("KAFKA_CONFIG_INVALID", name + ": " + error).with("property", name);
    }
  }
  rd_kafka_conf_set_opaque(conf, this);
  rd_kafka_conf_set_log_cb(conf, onLog);
  rd_kafka_conf_set_throttle_cb(conf, onThrottle);
  rd_kafka_conf_set_socket_cb(conf, openSocket);
  rd_kafka_conf_set_closesocket_cb(conf, closeSocket);
  rd_kafka_conf_set_ssl_cert_verify_cb(conf, onCertificate);
  rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_STATS);
  return std::nullopt;
}

Outcome Producer::openClient(const ClientConfig& config, rd_kafka_t*& client) {
  char error[512];
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  if (Outcome failure = configure(conf, config)) {
    rd_kafka_conf_destroy(conf);
    return failure;
  }
  client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
  if (client != nullptr) return std::nullopt;
  rd_kafka_conf_destroy(conf);
  return Failure("KAFKA_CONFIG_INVALID", error);
}

Outcome Producer::start() {
  Outcome failure = openClient(config_, client_);
  // The values may hold secrets.
  config_.clear();
  if (failure) return failure;
  startPolling();
  return std::nullopt;
}

void Producer::startPolling() {
  std::lock_guard<std::mutex> lock(pollerMutex_);
  queue_ = rd_kafka_queue_get_main(client_);
  poller_ = std::thread(&Producer::pollLoop, this);
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
  pthread_setname_np(pthread_self(), "millrace-poll");
  int64_t wokenAt = 0;
  bool wakeDue = false;
  while (!stopping_.load() && !exchanging_.load()) {
    rd_kafka_event_t* event = rd_kafka_queue_poll(queue_, wakeDue ? kWakePollMs : kIdlePollMs);
    int64_t now = monotonicNanos();
    connections_.turn(now);
    if (event != nullptr) {
      handleEvent(event, now);
      if (reports_.finish()) wakeDue = true;
      // Frees the messages: who waits for a flush or for room goes on after this, with the table complete.
      rd_kafka_event_destroy(event);
      reportsSeen_.store(reported_);
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
      bool fatal = rd_kafka_event_error_is_fatal(event) != 0;
      events_.push({Event::Kind::kError, code, fatal, rd_kafka_err2name(code), rd_kafka_event_error_string(event)});
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
  reported_ += static_cast<uint64_t>(count);
}

void Producer::onLog(const rd_kafka_t* client, int level, const char* facility, const char* text) {
  auto* producer = static_cast<Producer*>(rd_kafka_opaque(client));
  if (producer != nullptr) producer->events_.push({Event::Kind::kLog, level, false, facility, text});
}

int Producer::openSocket(int domain, int type, int protocol, void* opaque) {
  return static_cast<Producer*>(opaque)->connections_.open(domain, type, protocol);
}

int Producer::closeSocket(int socket, void* opaque) { return static_cast<Producer*>(opaque)->connections_.close(socket); }

/// In the poll thread.
void Producer::onThrottle(rd_kafka_t*, const char* broker, int32_t, int milliseconds, void* opaque) {
  static_cast<Producer*>(opaque)->events_.push({Event::Kind::kThrottle, milliseconds, false, broker, {}});
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
  // Who uses the client sees closing_ within a slice; a request that hangs keeps it, and the process does not wait for that.
  std::unique_lock<std::shared_timed_mutex> lock(life_, std::chrono::milliseconds(kDestroyMs));
  stopPolling();
  if (!lock.owns_lock() || client_ == nullptr) return;
  topics_.destroyHandles();
  destroyClient(std::exchange(client_, nullptr));
}

void Producer::stopPolling() {
  std::lock_guard<std::mutex> lock(pollerMutex_);
  if (!poller_.joinable()) return;
  rd_kafka_queue_yield(queue_);
  poller_.join();
  rd_kafka_queue_destroy(queue_);
}

void Producer::destroyClient(rd_kafka_t* client) {
  std::promise<void> destroyed;
  std::future<void> end = destroyed.get_future();
  // Keeps this object alive: librdkafka logs into it until it is gone.
  std::thread([self = shared_from_this(), client, destroyed = std::move(destroyed)]() mutable {
    rd_kafka_destroy(client);
    destroyed.set_value();
  }).detach();
  end.wait_for(std::chrono::milliseconds(kDestroyMs));
}

}  // namespace millrace
