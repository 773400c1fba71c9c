// A producer handle: one librdkafka producer, its poll thread and its topics. Valid in every thread of the process.
//
//   worker threads ── produce ──►  librdkafka  ── delivery reports ──►  poll thread ──►  delivery table, wake, room
//
// Life: open ──close()/abandon()──► closing (produce refused, waits end) ──► closed (librdkafka destroyed).
// A producer belongs to the environment that created it and is abandoned with it; the object itself lives as long as anyone holds it.
#pragma once

#include <rdkafka.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "delivery.h"
#include "events.h"
#include "js.h"
#include "reports.h"
#include "stamps.h"
#include "topics.h"
#include "wake.h"

namespace millrace {

struct ProducerSettings {
  std::vector<std::pair<std::string, std::string>> config;
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

  Topics& topics() { return topics_; }

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
  Outcome configure(rd_kafka_conf_t* conf);
  void pollLoop();
  void handleEvent(rd_kafka_event_t* event, int64_t nanos);
  void addReports(rd_kafka_event_t* event, int64_t nanos);
  void stopPolling();
  void destroyClient();
  static void onLog(const rd_kafka_t* client, int level, const char* facility, const char* text);

  const uint32_t handle_;
  std::vector<std::pair<std::string, std::string>> config_;
  DeliveryTable table_;
  const std::shared_ptr<Wake> wake_;
  const std::unique_ptr<Stamps> stamps_;
  Topics topics_;
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

  std::atomic<int64_t> queuedMessages_{0};
  std::atomic<int64_t> queuedBytes_{0};
  std::atomic<uint64_t> reportsSeen_{0};
  std::atomic<uint32_t> roomWaiters_{0};
  std::mutex roomMutex_;
  std::condition_variable room_;
};

}  // namespace millrace
