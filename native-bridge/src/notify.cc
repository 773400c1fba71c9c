#include "notify.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

namespace millrace {

int notify(const std::string& address, const std::string& message) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  // A path takes its terminating zero along; an abstract name is as long as it says and starts with a zero.
  const bool isAbstract = !address.empty() && address[0] == '@';
  const size_t length = address.size() + (isAbstract ? 0 : 1);
  if (length > sizeof(to.sun_path)) return ENAMETOOLONG;
  memcpy(to.sun_path, address.c_str(), length);
  if (isAbstract) to.sun_path[0] = '\0';

  int file = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (file < 0) return errno;
  ssize_t sent = sendto(file, message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT, reinterpret_cast<const sockaddr*>(&to),
                        static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length));
  int error = sent < 0 ? errno : 0;
  close(file);
  return error;
}

}  // namespace millrace
