// Statistics, errors, log lines and throttling of one producer, collected until JavaScript takes them in a batch.
#pragma once

#include <node_api.h>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace millrace {

struct Event {
  enum class Kind { kStats, kError, kLog, kThrottle };
  Kind kind;
  /// Error: librdkafka's code. Log: syslog level. Throttle: milliseconds.
  int32_t code;
  bool fatal;
  /// Log: librdkafka's facility. Error: the code's name. Throttle: the broker's.
  std::string name;
  /// Stats: JSON.
  std::string text;
};

class Events {
 public:
  /// Any thread. Only the newest statistics are kept; errors and log lines up to a limit, after which they are counted.
  void push(Event event);
  /// Everything collected, oldest first, as an array of objects; what did not fit comes as one log line.
  napi_value take(napi_env env);

 private:
  static constexpr size_t kMax = 512;

  std::mutex mutex_;
  std::vector<Event> events_;
  std::string stats_;
  size_t dropped_ = 0;
};

}  // namespace millrace
