#include "stamps.h"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace millrace {

namespace {

int64_t firstInteger(const char* text, size_t length) {
  size_t i = 0;
  while (i < length && (text[i] < '0' || text[i] > '9')) i++;
  bool negative = i > 0 && i < length && text[i - 1] == '-';
  uint64_t number = 0;
  while (i < length && text[i] >= '0' && text[i] <= '9') number = number * 10 + static_cast<uint64_t>(text[i++] - '0');
  return static_cast<int64_t>(negative ? 0 - number : number);
}

}  // namespace

int64_t monotonicNanos() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

std::unique_ptr<Stamps> Stamps::open(const std::string& path, Outcome& failure) {
  int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) {
    failure = Failure("KAFKA_CONFIG_INVALID", "cannot write the stamps file " + path + ": " + strerror(errno)).with("path", path);
    return nullptr;
  }
  return std::unique_ptr<Stamps>(new Stamps(file));
}

Stamps::~Stamps() {
  flush();
  close(file_);
}

void Stamps::add(const void* key, size_t keyLength, int64_t nanos) {
  if (count_ == kBuffered) flush();
  stamps_[count_++] = {key == nullptr ? 0 : firstInteger(static_cast<const char*>(key), keyLength), nanos};
}

void Stamps::tick(int64_t nanos) {
  constexpr int64_t kSecond = 1'000'000'000;
  if (nanos - flushedAt_ < kSecond) return;
  flushedAt_ = nanos;
  flush();
}

void Stamps::flush() {
  const char* bytes = reinterpret_cast<const char*>(stamps_.get());
  size_t left = count_ * sizeof(Stamp);
  count_ = 0;
  while (left > 0) {
    ssize_t written = write(file_, bytes, left);
    if (written < 0 && errno == EINTR) continue;
    // A bench that cannot write its stamps sees too few of them and is void; production never opens this file.
    if (written <= 0) return;
    bytes += written;
    left -= static_cast<size_t>(written);
  }
}

}  // namespace millrace
