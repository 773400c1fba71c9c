// The bench's stamps file: for each delivered message the first integer in its key and the time of its report.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "js.h"

namespace millrace {

/// Nanoseconds of CLOCK_MONOTONIC.
int64_t monotonicNanos();

class Stamps {
 public:
  /// Opens (truncates) the file; null and `failure` set when that fails.
  static std::unique_ptr<Stamps> open(const std::string& path, Outcome& failure);
  ~Stamps();
  Stamps(const Stamps&) = delete;
  Stamps& operator=(const Stamps&) = delete;

  /// Appends {i64 first integer in the key (0 when there is none), i64 nanoseconds}.
  void add(const void* key, size_t keyLength, int64_t nanos);
  /// Writes what is buffered when the last write is a second old.
  void tick(int64_t nanos);
  void flush();

 private:
  struct Stamp {
    int64_t number;
    int64_t nanos;
  };
  static constexpr size_t kBuffered = 4096;

  explicit Stamps(int file) : file_(file), stamps_(new Stamp[kBuffered]) {}

  int file_;
  size_t count_ = 0;
  int64_t flushedAt_ = 0;
  std::unique_ptr<Stamp[]> stamps_;
};

}  // namespace millrace
