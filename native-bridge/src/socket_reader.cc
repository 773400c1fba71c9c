#include "socket_reader.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "stamps.h"

namespace millrace {

namespace {

using namespace layout;

/// Bulk is what comes faster than the bucket leaks, for so long that it holds as much as this.
constexpr double kLeakBytesPerNano = 0.004;
constexpr double kBulkBytes = 65536;
constexpr double kLevelMax = 3 * kBulkBytes;
/// Between reads of bulk: a walsender needs more than twice as long to fill the socket's buffer with small rows.
constexpr int64_t kNapNanos = 250'000;
/// JavaScript is woken when this much has come together, or the first of it has waited so long.
constexpr uint32_t kGatherBytes = 131072;
constexpr int64_t kGatherNanos = 2'000'000;
/// Waits end by themselves, in case that a wake-up is lost.
constexpr int kWaitMs = 500;

}  // namespace

SocketReader::SocketReader(napi_env env, int socket, napi_value control, View controlView, napi_value data, View dataView)
    : control_(controlView.data), data_(dataView.data), size_(static_cast<uint32_t>(dataView.bytes)), socket_(dup(socket)) {
  napi_create_reference(env, control, 1, &controlReference_);
  napi_create_reference(env, data, 1, &dataReference_);
}

SocketReader::~SocketReader() {
  stop();
  if (socket_ >= 0) close(socket_);
  if (signal_ >= 0) close(signal_);
}

Outcome SocketReader::start(napi_env env, napi_value callback) {
  signal_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (socket_ < 0 || signal_ < 0) return Failure("INTERNAL", std::string("a socket cannot be read: ") + strerror(errno));
  if (!wake_.listen(env, callback)) return Failure("INTERNAL", "a socket reader cannot call back");
  thread_ = std::thread(&SocketReader::run, this);
  return std::nullopt;
}

void SocketReader::resume() {
  uint64_t one = 1;
  ssize_t ignored = write(signal_, &one, sizeof one);
  static_cast<void>(ignored);
}

void SocketReader::stop() {
  if (!thread_.joinable()) return;
  stopping_.store(true);
  resume();
  thread_.join();
  wake_.end();
}

void SocketReader::release(napi_env env) {
  stop();
  napi_delete_reference(env, controlReference_);
  napi_delete_reference(env, dataReference_);
}

std::atomic<int32_t>& SocketReader::word(uint32_t index) const {
  return *reinterpret_cast<std::atomic<int32_t>*>(control_ + size_t{index} * 4);
}

/// Bytes that are free behind `written_`, up to the end of the memory.
uint32_t SocketReader::room() const {
  uint32_t used = written_ - static_cast<uint32_t>(word(SOCKET_READ).load());
  return std::min(size_ - used, size_ - (written_ & (size_ - 1)));
}

void SocketReader::run() {
  pthread_setname_np(pthread_self(), "millrace-read");
  // Naps as short as they are meant.
  prctl(PR_SET_TIMERSLACK, 1000);
  while (!stopping_.load()) {
    uint32_t space = room();
    if (space == 0) {
      announce();
      awaitRoom();
      continue;
    }
    ssize_t received = recv(socket_, data_ + (written_ & (size_ - 1)), space, MSG_DONTWAIT);
    if (received > 0) {
      written_ += static_cast<uint32_t>(received);
      word(SOCKET_WRITTEN).store(static_cast<int32_t>(written_));
      pace(static_cast<uint32_t>(received), static_cast<uint32_t>(received) < space);
    } else if (received == 0) {
      return end(-1);
    } else if (errno == EAGAIN) {
      announce();
      awaitInput();
    } else if (errno != EINTR) {
      return end(errno);
    }
  }
}

/// After a read: a trickle goes on at once, bulk is left to gather.
void SocketReader::pace(uint32_t bytes, bool isDrained) {
  int64_t now = monotonicNanos();
  level_ = std::min(std::max(0.0, level_ - static_cast<double>(now - lastRead_) * kLeakBytesPerNano) + bytes, kLevelMax);
  lastRead_ = now;
  if (gathered_ == 0) gatheredSince_ = now;
  gathered_ += bytes;
  if (level_ < kBulkBytes) {
    announce();
    if (isDrained) awaitInput();
    return;
  }
  if (gathered_ >= kGatherBytes || now - gatheredSince_ >= kGatherNanos) announce();
  if (!isDrained) return;
  timespec nap{0, kNapNanos};
  nanosleep(&nap, nullptr);
}

void SocketReader::announce() {
  if (gathered_ == 0) return;
  gathered_ = 0;
  wake_.notify();
}

int SocketReader::wait(int socket, int16_t events) {
  pollfd waits[] = {{socket, events, 0}, {signal_, POLLIN, 0}};
  if (poll(waits, 2, kWaitMs) <= 0) return 0;
  uint64_t signals;
  ssize_t ignored = read(signal_, &signals, sizeof signals);
  static_cast<void>(ignored);
  return waits[0].revents;
}

void SocketReader::awaitInput() { wait(socket_, POLLIN); }

/// JavaScript signals when it finds the flag set, and the flag is set before the room is looked at: one of the two sees the other.
void SocketReader::awaitRoom() {
  word(SOCKET_WAITS).store(1);
  if (room() == 0 && !stopping_.load()) {
    // Once the other side is known to be gone, only a signal counts: `poll` would tell of it again at once.
    bool isGone = word(SOCKET_HUNG_UP).load() != 0;
    if ((wait(isGone ? -1 : socket_, POLLRDHUP) & (POLLRDHUP | POLLHUP | POLLERR)) != 0) {
      word(SOCKET_HUNG_UP).store(1);
      wake_.notify();
    }
  }
  word(SOCKET_WAITS).store(0);
}

void SocketReader::end(int32_t reason) {
  word(SOCKET_END).store(reason);
  wake_.notify();
}

}  // namespace millrace
