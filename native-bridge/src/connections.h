// The sockets of one producer, so that all of them can be cut at once: what librdkafka has queued then stays here, whatever its threads do.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <set>

namespace millrace {

class Connections {
 public:
  /// A new socket as librdkafka wants it; -1 once they are cut.
  int open(int domain, int type, int protocol);
  int close(int socket);
  /// Ends every connection and opens no other. What the kernel has taken is still sent.
  void cut();

  /// Cuts by itself when `turn` was not called for so long, that is, when this process stood still; 0 for never.
  void cutAfterPause(int64_t nanos) { pauseNanos_.store(nanos); }
  /// Called by one thread, again and again.
  void turn(int64_t nowNanos);

 private:
  std::mutex mutex_;
  std::set<int> sockets_;
  bool isCut_ = false;
  std::atomic<int64_t> pauseNanos_{0};
  int64_t turnedAt_ = 0;
};

}  // namespace millrace
