// A producer handle: one librdkafka producer, its poll thread and its topics. Valid in every thread of the process.
//
//   worker threads ── produce ──►  librdkafka  ── delivery reports ──►  poll thread ──►  delivery table, wake, room
//
// Life: open ──close()/abandon()──► closing (produce refused, waits end) ──► closed (librdkafka destroyed).
// A producer belongs to the environment that created it and is abandoned with it; the object itself lives as long as anyone holds it.
// `renew` puts another librdkafka client in the place of the one there is: handle, topics and delivery table stay.
#pragma once

#include <rdkafka.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "connections.h"
#include "delivery.h"
#include "events.h"
#include "js.h"
#include "reports.h"
#include "stamps.h"
#include "topics.h"
#include "wake.h"

namespace millrace {

/// librdkafka's properties.
using ClientConfig = std::vector<std::pair<std::string, std::string>>;

/// Of OAUTHBEARER; valid until `expiresMs`, Unix milliseconds.
struct Token {
  std::string text;
  int64_t expiresMs = 0;
  std::string principal;
};

/// For every login of the client from now on.
Outcome giveToken(rd_kafka_t* client, const Token& token);

struct ProducerSettings {
  ClientConfig config;
  DeliveryTable table;
  std::shared_ptr<Wake> wake;
  std::unique_ptr<Stamps> stamps;
};

class Producer : public std::enable_shared_from_this<Producer> {
 public:
  static constexpr int kDestroyMs = 2000;

  Producer(uint32_t handle, ProducerSettings settings);
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  /// Configures librdkafka and starts the poll thread.
  Outcome start();

  /// User and password of PLAIN and SCRAM for every login from now on; connections that stand stay.
  Outcome setCredentials(const std::string& user, const std::string& password);
  /// For every login from now on.
  Outcome setToken(const Token& token);
  /// Goes on with a new client of `config`, because librdkafka reads certificates and the like once. The new one must reach a broker
  /// before the old one is disturbed; then nothing new is taken until the old one has delivered all it has, so that order stays and
  /// nothing is sent twice. On failure the old client goes on. The code is KAFKA_RENEWAL_STUCK when the old one did not deliver in time.
  /// Each of the two has `timeoutMs`. Not for transactional producers.
  Outcome renew(const ClientConfig& config, const std::optional<Token>& token, uint32_t timeoutMs, const std::atomic<bool>& cancelled);
  bool renewing() const { return renewing_.load(std::memory_order_relaxed); }
  /// Returns when nothing is renewed any more, or at the deadline.
  void awaitRenewal(int64_t deadlineNanos);

  Topics& topics() { return topics_; }
  Connections& connections() { return connections_; }

  /// Keeps librdkafka's handle alive while it lives; `open()` is false once the producer is closing.
  class Use {
   public:
    explicit Use(Producer& producer) : lock_(producer.life_), producer_(producer) {}
    bool open() const { return !producer_.closing() && producer_.client_ != nullptr; }

   private:
    std::shared_lock<std::shared_timed_mutex> lock_;
    Producer& producer_;
  };

  bool closing() const { return closing_.load(); }
  rd_kafka_t* client() const { return client_; }
  uint32_t handle() const { return handle_; }
  DeliveryTable& table() { return table_; }
  Events& events() { return events_; }

  /// Counts what the workers gave to librdkafka (and takes back what it refused).
  void queued(int64_t messages, int64_t bytes);
  int64_t queuedMessages() const { return queuedMessages_.load(); }
  int64_t queuedBytes() const { return queuedBytes_.load(); }

  /// Reports seen so far; `awaitRoom` waits until there are more than `seen`, the deadline passes or the producer closes.
  uint64_t reportsSeen() const { return reportsSeen_.load(); }
  void awaitRoom(uint64_t seen, int64_t deadlineNanos);
  /// Held by whoever gives a message with headers: any thread may (`headed.h`).
  std::mutex& headedMutex() { return headedMutex_; }

  /// Waits until everything queued has its report. False when the deadline passes or `cancelled` is set first.
  bool flush(int64_t deadlineNanos, const std::atomic<bool>& cancelled);
  /// Drops everything queued and in flight; each message's report says so and poisons its epoch.
  void purge();
  /// Refuses new messages, flushes until the deadline, purges the rest, ends all threads. True when nothing had to be purged.
  bool close(int64_t deadlineNanos, const std::atomic<bool>& cancelled);
  /// Ends the poll thread at once; what is queued is neither delivered nor reported. librdkafka's own threads end within
  /// `kDestroyMs`, or behind this call's back when one of them hangs in a name look-up.
  void abandon();

 private:
  /// A client of this producer, which nobody polls yet.
  Outcome openClient(const ClientConfig& config, rd_kafka_t*& client);
  Outcome configure(rd_kafka_conf_t* conf, const ClientConfig& config);
  Outcome reachBroker(rd_kafka_t* client, int64_t deadlineNanos, const std::atomic<bool>& cancelled);
  /// Swaps the client for `fresh` at a moment at which it has nothing under way.
  Outcome exchange(rd_kafka_t*& fresh, int64_t deadlineNanos, const std::atomic<bool>& cancelled);
  void startPolling();
  void pollLoop();
  void handleEvent(rd_kafka_event_t* event, int64_t nanos);
  void addReports(rd_kafka_event_t* event, int64_t nanos);
  void stopPolling();
  void destroyClient(rd_kafka_t* client);
  static int onCertificate(rd_kafka_t* client, const char* broker, int32_t id, int* x509Error, int depth, const char* der, size_t size,
                           char* reason, size_t reasonSize, void* opaque);
  static int openSocket(int domain, int type, int protocol, void* opaque);
  static int closeSocket(int socket, void* opaque);
  static void onLog(const rd_kafka_t* client, int level, const char* facility, const char* text);
  static void onThrottle(rd_kafka_t* client, const char* broker, int32_t id, int milliseconds, void* opaque);

  const uint32_t handle_;
  ClientConfig config_;
  DeliveryTable table_;
  const std::shared_ptr<Wake> wake_;
  const std::unique_ptr<Stamps> stamps_;
  Topics topics_;
  Connections connections_;
  Reports reports_;
  Events events_;

  /// Held shared while client_ is used, exclusively to destroy it.
  std::shared_timed_mutex life_;
  rd_kafka_t* client_ = nullptr;
  rd_kafka_queue_t* queue_ = nullptr;
  std::mutex pollerMutex_;
  std::thread poller_;
  std::atomic<bool> closing_{false};
  std::atomic<bool> stopping_{false};
  /// One renewal at a time.
  std::mutex renewalMutex_;
  std::atomic<bool> renewing_{false};
  /// The poll thread is to end because its queue goes.
  std::atomic<bool> exchanging_{false};

  std::atomic<int64_t> queuedMessages_{0};
  std::atomic<int64_t> queuedBytes_{0};
  /// The poll thread's; `reportsSeen_` follows once the table counts them.
  uint64_t reported_ = 0;
  std::atomic<uint64_t> reportsSeen_{0};
  std::atomic<uint32_t> roomWaiters_{0};
  std::mutex roomMutex_;
  std::mutex headedMutex_;
  std::condition_variable room_;
};

}  // namespace millrace
