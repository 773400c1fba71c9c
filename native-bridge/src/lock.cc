#include "lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace millrace {

int lockFile(const std::string& path, Outcome& failure) {
  int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  int error = file < 0 ? errno : 0;
  if (file >= 0 && flock(file, LOCK_EX | LOCK_NB) == 0) return file;
  if (file >= 0) {
    error = errno;
    close(file);
    if (error == EWOULDBLOCK) return -1;
  }
  failure = Failure("LOCK_FAILED", "cannot lock " + path + ": " + strerror(error)).with("path", path);
  return -2;
}

void unlockFile(int file) { close(file); }

}  // namespace millrace
