#include "connections.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace millrace {

int Connections::open(int domain, int type, int protocol) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (isCut_) {
    errno = ECONNABORTED;
    return -1;
  }
  int opened = socket(domain, type | SOCK_CLOEXEC, protocol);
  if (opened >= 0) sockets_.insert(opened);
  return opened;
}

int Connections::close(int socket) {
  // Forgotten before its number can be another one's.
  std::lock_guard<std::mutex> lock(mutex_);
  sockets_.erase(socket);
  return ::close(socket);
}

void Connections::cut() {
  std::lock_guard<std::mutex> lock(mutex_);
  isCut_ = true;
  for (int socket : sockets_) shutdown(socket, SHUT_RDWR);
}

void Connections::turn(int64_t nowNanos) {
  const int64_t pause = pauseNanos_.load();
  if (pause > 0 && turnedAt_ > 0 && nowNanos - turnedAt_ >= pause) cut();
  turnedAt_ = nowNanos;
}

}  // namespace millrace
